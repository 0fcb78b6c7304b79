import type { JSX } from "preact";
import type { SignInView, Trouble } from "../electron/protocol/view.ts";
import { focus } from "./sheet.tsx";
import { TroubleNote } from "./trouble.tsx";
import { leftLine } from "./words.ts";

export interface SecretFormProps {
  readonly signIn: SignInView;
  readonly now: number;
  /** Why the last one was refused. */
  readonly refusal: Trouble | undefined;
  readonly onEnter: (secret: string) => void;
  readonly onCancel: () => void;
}

/** A secret, entered here; it leaves the field with the click, and stands nowhere else. */
export const SecretForm = (props: SecretFormProps): JSX.Element => {
  const { signIn, now, refusal, onEnter, onCancel } = props;
  const { secret, endsAt } = signIn;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.elements.namedItem("secret");
        if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
        onEnter(field.value);
        field.value = "";
      }}
    >
      {refusal !== undefined && (
        <div role="alert">
          <TroubleNote {...refusal} />
        </div>
      )}
      {secret === undefined ? (
        <p>One moment…</p>
      ) : (
        <>
          {secret.hasLines ? <FileText /> : <OneLine />}
          <p class="muted">
            {"Waiting for you for another "}
            <span class="clock">{leftLine(endsAt, now)}</span>
          </p>
        </>
      )}
      <div class="buttons stacked">
        {secret !== undefined && (
          <button type="submit" class="primary">
            Keep it in the keychain
          </button>
        )}
        <button type="button" class="quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
};

const OneLine = (): JSX.Element => (
  <>
    <label for="secret">Paste or type it as it was given to you</label>
    <input
      id="secret"
      name="secret"
      type="password"
      autofocus
      ref={focus}
      required
      autocomplete="off"
      spellcheck={false}
      aria-describedby="secret-hint"
    />
    <p class="muted" id="secret-hint">
      Evercred shows it nowhere.
    </p>
  </>
);

/** A key that is kept in a file: whoever has one need not know what is in it. */
const FileText = (): JSX.Element => (
  <>
    <label for="secret">The whole text of the key's file</label>
    <textarea
      id="secret"
      name="secret"
      class="unreadable"
      rows={6}
      autofocus
      ref={focus}
      required
      autocomplete="off"
      spellcheck={false}
      aria-describedby="secret-hint"
    />
    <p class="muted" id="secret-hint">
      {"Open the file with a text editor, copy everything and paste it here, with its first line ("}
      <span class="target">-----BEGIN …</span>
      {") and its last ("}
      <span class="target">-----END …</span>
      {"). Evercred shows it nowhere."}
    </p>
  </>
);
