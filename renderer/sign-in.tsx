import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SourceView } from "../electron/protocol/view.ts";
import { evercred } from "./bridge.ts";
import { type Copied, SignInSheet, type SignInStep } from "./sign-in-sheet.tsx";
import type { Deeds } from "./use-deeds.ts";

/** How long "Copied" stands there, in milliseconds. */
const copiedMs = 2_000;

export interface SignInProps {
  readonly source: SourceView;
  readonly step: SignInStep;
  /** How many sign-ins are open. */
  readonly of: number;
  readonly now: number;
  readonly deeds: Deeds;
  readonly onClose: () => void;
}

/** The sheet of one sign-in, and what its buttons do. */
export const SignIn = ({ source, step, of, now, deeds, onClose }: SignInProps): JSX.Element => {
  const { id } = source;
  const [copied, setCopied] = useState<Copied>();
  useEffect(() => {
    if (copied === undefined) return undefined;
    const timer = setTimeout(() => {
      setCopied(undefined);
    }, copiedMs);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  return (
    <SignInSheet
      source={source}
      step={step}
      place={{ number: 1, of }}
      now={now}
      copied={copied}
      refusal={deeds.notices.get(id)}
      onOpen={() => deeds.signIn(id)}
      onOpenAllTheSame={() => deeds.openAllTheSame(id)}
      onCopy={(what) => {
        void evercred.copy(id, what).then((reply) => {
          setCopied(reply.kind === "done" ? what : undefined);
        });
      }}
      onUseCode={() => deeds.useCode(id)}
      onSubmit={(code) => deeds.submitCode(id, code)}
      onEnter={(secret) => deeds.submitSecret(id, secret)}
      onAccept={() => deeds.acceptAccount(id)}
      onCancel={() => deeds.cancelSignIn(id)}
      onAgain={() => deeds.signIn(id)}
      onClose={onClose}
    />
  );
};
