/** The redacted picture of everything that a person may see. Plain data: it crosses to the renderer. */
export interface View {
  readonly version: 1;
  /** When it was drawn, by our own clock. */
  readonly at: number;
  readonly sources: readonly SourceView[];
  /** What is wrong apart from any one source, gravest first. */
  readonly problems: readonly Trouble[];
}

/** Something wrong: one sentence and one remedy. */
export interface Trouble {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

export interface SourceView {
  readonly id: string;
  readonly title: string;
  /** Whether it needs nobody, ever: there is no sign-in. */
  readonly unattended: boolean;
  /** Whether a person enters its secret here instead of signing in: it is a key, and words say so. */
  readonly isEntered: boolean;
  /** What a person types into a terminal to sign in, or to enter the secret. */
  readonly signInCommand: string;
  /** Whether its accounts and roles can be listed. */
  readonly hasDirectory: boolean;
  /** Who is signed in, as far as the provider has told. */
  readonly account: string | undefined;
  /** The organisation's address, for recognition. */
  readonly organisation: string;
  /** Who keeps its sign-in, where that is not Evercred: `gcloud`. */
  readonly keptBy: string | undefined;
  readonly standing: StandingView;
  readonly signIn: SignInView | undefined;
  /** Until when nobody is needed; `exact` where the provider has said so, else by experience; undefined where nobody knows. */
  readonly neededAt: { readonly at: number; readonly exact: boolean } | undefined;
  /** When to ask for a sign-in ahead of the end, where that is known and of any use. */
  readonly askAt: number | undefined;
  /** Whether experience says that an early sign-in gains nothing: the organisation ends sessions at a fixed time. */
  readonly endIsFixed: boolean;
  /** Whether a crash would cost the sign-in. */
  readonly durable: boolean;
  /** When a program, or the person's own schedule, last called for a sign-in that has not been made. */
  readonly wantedAt: number | undefined;
  readonly offers: readonly OfferView[];
}

export type StandingView =
  | {
      readonly kind: "signed-out";
      readonly reason: SignedOutReasonView;
      /** The provider's word that ended it. */
      readonly trouble?: Trouble | undefined;
      /** How long sessions last here, in milliseconds, as far as experience tells. */
      readonly lengthMs?: number | undefined;
    }
  | {
      readonly kind: "active";
      readonly expiresAt: number | undefined;
      readonly renewAt: number | undefined;
    }
  | {
      readonly kind: "failing";
      readonly expiresAt: number;
      readonly retryAt: number;
      readonly since: number;
      readonly trouble: Trouble;
      /** `attention`: only a person can mend it. */
      readonly icon: "attention" | "offline";
    };

export type SignedOutReasonView =
  "never" | "user" | "elsewhere" | "ended" | "changed" | "lost" | "reauth";

/** A sign-in that is open. */
export interface SignInView {
  readonly flow: "code" | "device" | "mfa" | "program" | "secret";
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly userCode: string | undefined;
  /** The device whose one-time code is asked for. */
  readonly device: string | undefined;
  /** The secret that is asked for; it may have several lines. */
  readonly secret: { readonly what: string; readonly hasLines: boolean } | undefined;
  readonly endsAt: number;
  readonly opened: boolean;
  /** Whether it can be finished on another machine, by a code. */
  readonly mayUseCode: boolean;
  /** What the program that signs in has printed: the last lines. */
  readonly lines: readonly string[];
  /** Somebody else signed in than before: it goes on only once a person has accepted that. */
  readonly other: { readonly before: string; readonly now: string } | undefined;
}

/** One name under which something is handed out. */
export interface OfferView {
  readonly target: string;
  readonly title: string;
  /** When it was last asked for; undefined: not since the daemon started. */
  readonly askedAt: number | undefined;
  readonly expiresAt: number | undefined;
  readonly refused: Trouble | undefined;
}
