import type { JSX } from "preact";
import { hourLine, leftLine } from "../electron/protocol/times.ts";
import type { SignInView, SourceView, StarterView, Trouble } from "../electron/protocol/view.ts";
import type { Words } from "../electron/protocol/words.ts";
import { DeviceCode } from "./device-code.tsx";
import { Doubt } from "./doubt.tsx";
import { focus } from "./sheet.tsx";
import type { Copied } from "./sign-in-sheet.tsx";
import { Spinner } from "./spinner.tsx";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

export interface SignInPageProps {
  readonly source: SourceView;
  readonly signIn: SignInView;
  readonly now: number;
  readonly copied: Copied;
  /** Why the last thing that was done here went wrong. */
  readonly refusal: Trouble | undefined;
  readonly onOpen: () => void;
  readonly onOpenAllTheSame: () => void;
  readonly onCopy: (what: "address" | "code") => void;
  readonly onUseCode: () => void;
  readonly onCancel: () => void;
}

/** A sign-in by a page of the provider's, which is open elsewhere. */
export const SignInPage = (props: SignInPageProps): JSX.Element => {
  const { signIn, refusal } = props;
  const { doubt, trusted, url } = signIn;
  if (url !== undefined && doubt !== undefined && !trusted) {
    return <Doubt {...props} doubt={doubt} />;
  }
  return (
    <>
      {refusal?.code === "browser-unavailable" && (
        <div role="alert">
          <TroubleNote {...refusal} />
        </div>
      )}
      {url === undefined ? <Asking {...props} /> : <Waiting {...props} url={url} />}
      <Lines {...signIn} />
      <Ways {...props} />
    </>
  );
};

/** There is no page yet. */
const Asking = ({ source, signIn }: SignInPageProps): JSX.Element => {
  const { signIn: texts } = useWords().texts;
  const { title, organisation, keptBy } = source;
  return (
    <p class="asking-for-page">
      <Spinner />
      {signIn.flow === "program"
        ? texts.programSignsIn({ program: keptBy ?? texts.aProgram, title })
        : texts.askingForPage({ organisation })}
    </p>
  );
};

/** The page waits for the reader. */
const Waiting = (props: SignInPageProps & { readonly url: string }): JSX.Element => {
  const { source, signIn, url, now, copied, onCopy } = props;
  const { flow, host, userCode, opened, endsAt, startedAt } = signIn;
  const { title, organisation } = source;
  const words = useWords();
  const texts = words.texts.signIn;
  const asked = askedLine(signIn.startedBy, startedAt, words);
  const left = <span class="clock">{leftLine(endsAt, now)}</span>;
  return (
    <>
      <p>
        {opened
          ? texts.opened({ host: host ?? texts.openedHost, title, asked })
          : texts.closed({ host: host ?? texts.closedHost, title, asked })}
      </p>
      {userCode !== undefined && (
        <DeviceCode
          code={userCode}
          url={url}
          caution={texts.caution({ organisation, time: hourLine(startedAt, words) })}
          isCopied={copied === "code"}
          onCopy={() => onCopy("code")}
        />
      )}
      <p class="muted">
        {flow === "device" ? texts.codeLapses({ left }) : texts.waiting({ left })}
      </p>
    </>
  );
};

const askedLine = (by: StarterView, at: number, words: Words): string => {
  const texts = words.texts.signIn;
  const time = hourLine(at, words);
  switch (by.kind) {
    case "person":
      return texts.askedHere({ time });
    case "terminal":
      return texts.askedInTerminal({ time });
    case "program":
      return texts.askedByProgram({ program: by.name, time });
    case "due":
      return texts.wasDue({ time });
  }
};

/** What a program that signs in has printed. */
const Lines = ({ lines }: SignInView): JSX.Element | null => {
  const { signIn: texts } = useWords().texts;
  if (lines.length === 0) return null;
  return (
    <pre class="lines" aria-label={texts.programSays}>
      {lines.join("\n")}
    </pre>
  );
};

/** What the reader can do. */
const Ways = (props: SignInPageProps): JSX.Element => {
  const { signIn, copied, onOpen, onCopy, onUseCode, onCancel } = props;
  const { signIn: texts, labels } = useWords().texts;
  const { flow, opened, mayUseCode, url } = signIn;
  return (
    <div class="buttons stacked">
      {url !== undefined && (
        <>
          <button type="button" class="primary" ref={focus} onClick={onOpen}>
            {opened ? texts.openAgain : texts.openPage}
          </button>
          <button type="button" onClick={() => onCopy("address")}>
            {copied === "address" ? labels.copied : texts.copyAddress}
          </button>
          {flow === "code" && mayUseCode && (
            <button type="button" onClick={onUseCode}>
              {texts.useCode}
            </button>
          )}
        </>
      )}
      <button type="button" class="quiet" onClick={onCancel}>
        {labels.cancel}
      </button>
    </div>
  );
};
