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
  /** The organisation's address, for recognition. */
  readonly organisation: string;
  readonly standing: StandingView;
  readonly signIn: SignInView | undefined;
  /** Until when nobody is needed; `exact` where the provider has said so. */
  readonly neededAt: { readonly at: number; readonly exact: boolean } | undefined;
  /** When to ask for a sign-in ahead of the end, where that is known. */
  readonly askAt: number | undefined;
  /** Whether a crash would cost the sign-in. */
  readonly durable: boolean;
  /** When a program, or the person's own schedule, last called for a sign-in that has not been made. */
  readonly wantedAt: number | undefined;
  readonly offers: readonly OfferView[];
}

export type StandingView =
  | { readonly kind: "signed-out"; readonly reason: SignedOutReasonView }
  | { readonly kind: "active"; readonly expiresAt: number; readonly renewAt: number }
  | {
      readonly kind: "failing";
      readonly expiresAt: number;
      readonly retryAt: number;
      readonly since: number;
      readonly trouble: Trouble;
      /** `attention`: only a person can mend it. */
      readonly icon: "attention" | "offline";
    };

export type SignedOutReasonView = "never" | "user" | "elsewhere" | "ended" | "changed";

/** A sign-in that is open. */
export interface SignInView {
  readonly flow: "code" | "device";
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly userCode: string | undefined;
  readonly endsAt: number;
  readonly opened: boolean;
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
