import type { JSX } from "preact";
import { leftLine } from "../electron/protocol/times.ts";
import type { SignInView } from "../electron/protocol/view.ts";
import { focus } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface TypedCodeProps {
  readonly signIn: SignInView;
  readonly now: number;
  readonly onSubmit: (code: string) => void;
  readonly onCancel: () => void;
}

/** A one-time code, typed here; it leaves the field with the click. */
export const TypedCode = ({ signIn, now, onSubmit, onCancel }: TypedCodeProps): JSX.Element => {
  const { signIn: texts, labels } = useWords().texts;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.elements.namedItem("code");
        if (!(field instanceof HTMLInputElement)) return;
        onSubmit(field.value);
        field.value = "";
      }}
    >
      {signIn.device === undefined ? (
        <p>{labels.oneMoment}</p>
      ) : (
        <>
          <label for="code">
            {texts.codeOfDevice({ device: <span class="target">{signIn.device}</span> })}
          </label>
          <input
            id="code"
            name="code"
            class="code"
            autofocus
            ref={focus}
            required
            autocomplete="one-time-code"
            inputMode="numeric"
            pattern="[0-9 ]{6,9}"
          />
          <p class="muted">
            {texts.waiting({ left: <span class="clock">{leftLine(signIn.endsAt, now)}</span> })}
          </p>
        </>
      )}
      <div class="buttons stacked">
        {signIn.device !== undefined && (
          <button type="submit" class="primary">
            {labels.signIn}
          </button>
        )}
        <button type="button" class="quiet" onClick={onCancel}>
          {labels.cancel}
        </button>
      </div>
    </form>
  );
};
