import type { JSX } from "preact";
import type { DoubtView, SignInView, SourceView } from "../electron/protocol/view.ts";
import { focus } from "./sheet.tsx";
import type { Copied } from "./sign-in-sheet.tsx";
import { useWords } from "./words-context.ts";

export interface DoubtProps {
  readonly source: SourceView;
  readonly signIn: SignInView;
  readonly doubt: DoubtView;
  readonly copied: Copied;
  readonly onOpenAllTheSame: () => void;
  readonly onCopy: (what: "address") => void;
  readonly onCancel: () => void;
}

/** The page may be somebody else's, and is not open yet: the first thing to do about it is nothing. */
export const Doubt = (props: DoubtProps): JSX.Element => {
  const { source, signIn, doubt, copied, onOpenAllTheSame, onCopy, onCancel } = props;
  const { organisation } = source;
  const { signIn: texts, labels } = useWords().texts;
  const host = signIn.host ?? texts.closedHost;
  return (
    <>
      <p class="trouble" role="alert">
        {doubt === "foreign" ? texts.foreign({ host, organisation }) : texts.insecure({ host })}{" "}
        <span class="remedy">{texts.onlyIfYouKnow}</span>
      </p>
      <div class="buttons stacked">
        <button type="button" class="primary" ref={focus} onClick={onCancel}>
          {labels.cancel}
        </button>
        {doubt === "foreign" ? (
          <button type="button" onClick={onOpenAllTheSame}>
            {texts.openAllTheSame}
          </button>
        ) : (
          <button type="button" onClick={() => onCopy("address")}>
            {copied === "address" ? labels.copied : texts.copyAddress}
          </button>
        )}
      </div>
    </>
  );
};
