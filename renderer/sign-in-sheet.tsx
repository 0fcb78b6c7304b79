import type { JSX } from "preact";
import type { SignInEndView, SignInView, SourceView, Trouble } from "../electron/protocol/view.ts";
import { secretLine } from "../electron/protocol/labels.ts";
import type { Texts } from "../electron/protocol/texts/en.ts";
import { OtherAccount } from "./other-account.tsx";
import { SecretForm } from "./secret-form.tsx";
import { Sheet } from "./sheet.tsx";
import { doneLine, NotSignedIn, SignedIn } from "./sign-in-end.tsx";
import { SignInPage } from "./sign-in-page.tsx";
import { TypedCode } from "./typed-code.tsx";
import { useWords } from "./words-context.ts";

/** How far a sign-in is: it waits for a person, or has come to its end. */
export type SignInStep =
  | { readonly kind: "open"; readonly signIn: SignInView }
  | { readonly kind: "ended"; readonly end: SignInEndView };

/** What has been put on the clipboard. */
export type Copied = "address" | "code" | undefined;

export interface SignInSheetProps {
  readonly source: SourceView;
  readonly step: SignInStep;
  /** Which of the open sign-ins this is: one is shown at a time. */
  readonly place: { readonly number: number; readonly of: number };
  readonly now: number;
  /** What has just been put on the clipboard. */
  readonly copied: Copied;
  /** Why the last thing that was done here went wrong. */
  readonly refusal: Trouble | undefined;
  readonly onOpen: () => void;
  /** Opens the page though its address is doubtful. */
  readonly onOpenAllTheSame: () => void;
  readonly onCopy: (what: "address" | "code") => void;
  readonly onUseCode: () => void;
  /** Hands over the code that was typed. */
  readonly onSubmit: (code: string) => void;
  /** Hands over the secret that was entered. */
  readonly onEnter: (secret: string) => void;
  readonly onAccept: () => void;
  readonly onCancel: () => void;
  /** Tries once more, after one that has come to nothing. */
  readonly onAgain: () => void;
  /** Takes leave of one that has ended. */
  readonly onClose: () => void;
}

/** A sign-in, over everything else. Escape cancels or closes it, Enter goes on with it. */
export const SignInSheet = (props: SignInSheetProps): JSX.Element => {
  const { source, step, place, now, copied, onCancel, onClose } = props;
  const words = useWords();
  const { labels, signIn } = words.texts;
  const isOpen = step.kind === "open";
  const done = isOpen || step.end.trouble !== undefined ? "" : doneLine(source, now, words);
  return (
    <Sheet title={titleOf(source, step, words.texts)} onCancel={isOpen ? onCancel : onClose}>
      {place.of > 1 && <p class="muted">{labels.place(place)}</p>}
      {isOpen ? (
        <Open {...props} signIn={step.signIn} />
      ) : step.end.trouble === undefined ? (
        <SignedIn line={done} onClose={onClose} />
      ) : (
        <NotSignedIn trouble={step.end.trouble} onAgain={props.onAgain} onClose={onClose} />
      )}
      <p class="heard" role="status">
        {copied === "code" ? signIn.codeCopied : copied === "address" ? signIn.addressCopied : done}
      </p>
    </Sheet>
  );
};

const Open = (props: SignInSheetProps & { readonly signIn: SignInView }): JSX.Element => {
  const { source, signIn, onAccept, onCancel } = props;
  if (signIn.other !== undefined) {
    return <OtherAccount {...signIn.other} onAccept={onAccept} onCancel={onCancel} />;
  }
  if (source.isEntered) return <SecretForm {...props} />;
  return signIn.flow === "mfa" ? <TypedCode {...props} /> : <SignInPage {...props} />;
};

const titleOf = ({ title, isEntered }: SourceView, step: SignInStep, { signIn }: Texts): string => {
  if (!isEntered) return signIn.title({ title });
  const secret = step.kind === "open" ? step.signIn.secret : undefined;
  return signIn.enter({ what: secretLine(secret?.what, title, signIn.secrets) });
};
