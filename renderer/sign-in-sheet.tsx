import type { JSX } from "preact";
import type { SignInView, SourceView, Trouble } from "../electron/protocol/view.ts";
import { SecretForm } from "./secret-form.tsx";
import { focus, Sheet } from "./sheet.tsx";
import { leftLine } from "./words.ts";

export interface SignInSheetProps {
  readonly source: SourceView;
  readonly signIn: SignInView;
  /** Which of the open sign-ins this is: one is shown at a time. */
  readonly place: { readonly number: number; readonly of: number };
  readonly now: number;
  /** What has just been put on the clipboard. */
  readonly copied: "address" | "code" | undefined;
  /** Why the last secret that was entered here was refused. */
  readonly refusal: Trouble | undefined;
  readonly onOpen: () => void;
  readonly onCopy: (what: "address" | "code") => void;
  readonly onUseCode: () => void;
  /** Hands over the code that was typed. */
  readonly onSubmit: (code: string) => void;
  /** Hands over the secret that was entered. */
  readonly onEnter: (secret: string) => void;
  readonly onAccept: () => void;
  readonly onCancel: () => void;
}

/** The open sign-in, over everything else. Escape cancels it, Enter goes on with it. */
export const SignInSheet = (props: SignInSheetProps): JSX.Element => {
  const { source, signIn, place, onCancel } = props;
  return (
    <Sheet title={titleOf(source, signIn)} onCancel={onCancel}>
      {place.of > 1 && <p class="muted">{`${String(place.number)} of ${String(place.of)}`}</p>}
      {signIn.other !== undefined ? (
        <OtherAccount {...signIn.other} onAccept={props.onAccept} onCancel={onCancel} />
      ) : source.isEntered ? (
        <SecretForm {...props} />
      ) : signIn.flow === "mfa" ? (
        <TypedCode {...props} />
      ) : (
        <Page {...props} />
      )}
    </Sheet>
  );
};

const titleOf = ({ title, isEntered }: SourceView, { secret }: SignInView): string =>
  isEntered ? `Enter ${secret?.what ?? `the key of ${title}`}` : `Sign in to ${title}`;

const Page = (props: SignInSheetProps): JSX.Element => {
  const { source, signIn, now, copied, onOpen, onCopy, onUseCode, onCancel } = props;
  const { flow, url, host, userCode, opened, mayUseCode, lines, endsAt } = signIn;
  return (
    <>
      {url === undefined ? (
        <p>
          {flow === "program"
            ? `${source.keptBy ?? "A program"} signs in to ${source.title}…`
            : `Asking ${source.organisation} for a sign-in page…`}
        </p>
      ) : (
        <>
          <p>{opened ? openedLine(host, source.title) : closedLine(host, source.title)}</p>
          {userCode !== undefined && (
            <Code code={userCode} copied={copied === "code"} onCopy={() => onCopy("code")} />
          )}
          <p class="muted">
            {flow === "device" ? "The code lapses in " : "Waiting for you for another "}
            <span class="clock">{leftLine(endsAt, now)}</span>
          </p>
        </>
      )}
      {lines.length > 0 && (
        <pre class="lines" aria-label="What the program says">
          {lines.join("\n")}
        </pre>
      )}
      <div class="buttons stacked">
        {url !== undefined && (
          <button type="button" class="primary" autofocus ref={focus} onClick={onOpen}>
            {opened ? "Open the page again" : "Open the page"}
          </button>
        )}
        {url !== undefined && (
          <button type="button" onClick={() => onCopy("address")}>
            {copied === "address" ? "Copied" : "Copy address"}
          </button>
        )}
        {flow === "code" && mayUseCode && url !== undefined && (
          <button type="button" onClick={onUseCode}>
            Use a code instead
          </button>
        )}
        <button type="button" class="quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
      <p class="heard" role="status">
        {copied === undefined ? "" : `The ${copied} is on the clipboard.`}
      </p>
    </>
  );
};

/** A one-time code, typed here; it leaves the field with the click. */
const TypedCode = ({ signIn, now, onSubmit, onCancel }: SignInSheetProps): JSX.Element => (
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
      <p>One moment…</p>
    ) : (
      <>
        <label for="code">
          {"The code that "}
          <span class="target">{signIn.device}</span>
          {" shows now"}
        </label>
        <input
          id="code"
          name="code"
          class="code"
          autofocus
          required
          autocomplete="one-time-code"
          inputMode="numeric"
          pattern="[0-9 ]{6,9}"
        />
        <p class="muted">
          {"Waiting for you for another "}
          <span class="clock">{leftLine(signIn.endsAt, now)}</span>
        </p>
      </>
    )}
    <div class="buttons stacked">
      {signIn.device !== undefined && (
        <button type="submit" class="primary">
          Sign in
        </button>
      )}
      <button type="button" class="quiet" onClick={onCancel}>
        Cancel
      </button>
    </div>
  </form>
);

const OtherAccount = (props: {
  readonly before: string;
  readonly now: string;
  readonly onAccept: () => void;
  readonly onCancel: () => void;
}): JSX.Element => (
  <>
    <p>
      {"You have signed in as "}
      <strong>{props.now}</strong>
      {". Before, it was "}
      <strong>{props.before}</strong>
      {". What is in use goes on as before until you accept."}
    </p>
    <div class="buttons stacked">
      <button type="button" class="primary" autofocus onClick={props.onAccept}>
        {`Go on as ${props.now}`}
      </button>
      <button type="button" onClick={props.onCancel}>
        {`Stay ${props.before}`}
      </button>
    </div>
  </>
);

const Code = (props: {
  readonly code: string;
  readonly copied: boolean;
  readonly onCopy: () => void;
}): JSX.Element => (
  <>
    <p class="code" aria-label="Code">
      {props.code}
    </p>
    <p>Compare it with what the page shows, or enter it there, on this or any other computer.</p>
    <button type="button" onClick={props.onCopy}>
      {props.copied ? "Copied" : "Copy code"}
    </button>
  </>
);

const openedLine = (host: string | undefined, title: string): string =>
  `Evercred opened ${host ?? "a page"} for ${title}. Go on in your browser.`;

const closedLine = (host: string | undefined, title: string): string =>
  `The sign-in page for ${title} is on ${host ?? "the web"}. It has not been opened here.`;
