import type { JSX } from "preact";
import type { SignInView, Trouble } from "../electron/protocol/view.ts";
import { leftLine } from "../electron/protocol/times.ts";
import { focus } from "./sheet.tsx";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

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
  const { texts } = useWords();
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
        <p>{texts.labels.oneMoment}</p>
      ) : (
        <>
          {secret.hasLines ? <FileText /> : <OneLine />}
          <p class="muted">
            {texts.signIn.waiting({ left: <span class="clock">{leftLine(endsAt, now)}</span> })}
          </p>
        </>
      )}
      <div class="buttons stacked">
        {secret !== undefined && (
          <button type="submit" class="primary">
            {texts.secret.keep}
          </button>
        )}
        <button type="button" class="quiet" onClick={onCancel}>
          {texts.labels.cancel}
        </button>
      </div>
    </form>
  );
};

const OneLine = (): JSX.Element => {
  const { secret } = useWords().texts;
  return (
    <>
      <label for="secret">{secret.oneLine}</label>
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
        {secret.shownNowhere}
      </p>
    </>
  );
};

/** A key that is kept in a file: whoever has one need not know what is in it. */
const FileText = (): JSX.Element => {
  const { secret } = useWords().texts;
  return (
    <>
      <label for="secret">{secret.wholeFile}</label>
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
        {secret.wholeFileHint({
          first: <span class="target">-----BEGIN …</span>,
          last: <span class="target">-----END …</span>,
        })}
      </p>
    </>
  );
};
