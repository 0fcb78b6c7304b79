import type { JSX } from "preact";
import { focus } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface OtherAccountProps {
  readonly before: string;
  readonly now: string;
  readonly onAccept: () => void;
  readonly onCancel: () => void;
}

/** Asks whether somebody else than before is meant. */
export const OtherAccount = (props: OtherAccountProps): JSX.Element => {
  const { before, now, onAccept, onCancel } = props;
  const { signIn } = useWords().texts;
  return (
    <>
      <p>{signIn.otherAccount({ now: <bdi>{now}</bdi>, before: <bdi>{before}</bdi> })}</p>
      <div class="buttons stacked">
        <button type="button" class="primary" ref={focus} onClick={onAccept}>
          {signIn.goOnAs({ account: now })}
        </button>
        <button type="button" onClick={onCancel}>
          {signIn.stay({ account: before })}
        </button>
      </div>
    </>
  );
};
