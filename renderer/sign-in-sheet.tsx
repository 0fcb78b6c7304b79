import type { JSX } from "preact";
import type { SignInView, SourceView } from "../electron/protocol/view.ts";
import { leftLine } from "./words.ts";

export interface SignInSheetProps {
  readonly source: SourceView;
  readonly signIn: SignInView;
  /** Which of the open sign-ins this is: one is shown at a time. */
  readonly place: { readonly number: number; readonly of: number };
  readonly now: number;
  /** What has just been put on the clipboard. */
  readonly copied: "address" | "code" | undefined;
  readonly onOpen: () => void;
  readonly onCopy: (what: "address" | "code") => void;
  readonly onUseCode: () => void;
  readonly onCancel: () => void;
}

/** The open sign-in, over everything else. Escape cancels it, Enter opens its page. */
export const SignInSheet = (props: SignInSheetProps): JSX.Element => {
  const { source, signIn, place, now, copied, onOpen, onCopy, onUseCode, onCancel } = props;
  const { flow, url, host, userCode, opened, endsAt } = signIn;
  return (
    <dialog
      ref={showModal}
      aria-labelledby="sheet-title"
      onCancel={(event) => {
        // It is closed when the sign-in has ended, not before.
        event.preventDefault();
        onCancel();
      }}
    >
      {place.of > 1 && <p class="muted">{`${String(place.number)} of ${String(place.of)}`}</p>}
      <h2 id="sheet-title">{`Sign in to ${source.title}`}</h2>
      {url === undefined ? (
        <p>{`Asking ${source.organisation} for a sign-in page…`}</p>
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
      <div class="buttons stacked">
        {url !== undefined && (
          <button type="button" class="primary" autofocus onClick={onOpen}>
            {opened ? "Open the page again" : "Open the page"}
          </button>
        )}
        {url !== undefined && (
          <button type="button" onClick={() => onCopy("address")}>
            {copied === "address" ? "Copied" : "Copy address"}
          </button>
        )}
        {flow === "code" && url !== undefined && (
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
    </dialog>
  );
};

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

/** Closes it before it goes, so that the focus returns to where it was. */
const showModal = (dialog: HTMLDialogElement | null): (() => void) => {
  dialog?.showModal();
  return () => dialog?.close();
};
