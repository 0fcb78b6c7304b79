import type { AuditEvent } from "../core/audit.ts";
import type { Source } from "../core/source.ts";

/** The redacted picture of everything that a person may see. Plain data: it crosses to the renderer. */
export interface View {
  readonly version: 1;
  /** When it was drawn, by our own clock. */
  readonly at: number;
  readonly sources: readonly SourceView[];
  /** What is wrong apart from any one source, gravest first. */
  readonly problems: readonly Trouble[];
  /** What programs want, and a person has to say whether they may have it; the oldest first. */
  readonly questions: readonly QuestionView[];
  /** What was handed out last, or refused, and what became of sign-ins; the newest first. */
  readonly activity: readonly ActivityView[];
}

/** A program wants something that nobody has said yes or no to. */
export interface QuestionView {
  readonly id: string;
  /** What people call the program, or the bridge. */
  readonly program: string;
  /** The program's file; undefined where nobody knows. */
  readonly path: string | undefined;
  /** Those that started it, the nearest first. */
  readonly parents: readonly string[];
  readonly target: string;
  /** The target in words: `ClaudeCode in 111122223333`. */
  readonly title: string;
  readonly since: number;
  /** Whether the answer can hold for later: not where nothing tells the program from others. */
  readonly mayRemember: boolean;
  /** Whether it is shown without a notification: too much has been asked. */
  readonly isQuiet: boolean;
}

/** What a person may answer. */
export type AnswerView = "once" | "today" | "always" | "never" | "not now";

/** Something that was done for a program, or not; or that befell a sign-in. */
export interface ActivityView {
  readonly event: AuditEvent;
  readonly at: number;
  /** How often, of late. */
  readonly count: number;
  /** Who asked; undefined where nobody did. */
  readonly program: string | undefined;
  /** What it was about: a target, or a source. */
  readonly subject: string | undefined;
  /** Why, as a code, or what a person has answered. */
  readonly detail: string | undefined;
}

/** Something wrong: one sentence and one remedy. */
export interface Trouble {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

export interface SourceView {
  readonly id: string;
  readonly kind: Source["kind"];
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
  /** The last sign-in, where it has come to its end and nobody has cancelled it. */
  readonly signInEnd: SignInEndView | undefined;
  /** Until when nobody is needed; `exact` where the provider has said so, else by experience; undefined where nobody knows. */
  readonly neededAt: { readonly at: number; readonly exact: boolean } | undefined;
  /** When to ask for a sign-in ahead of the end, where that is known and of any use. */
  readonly askAt: number | undefined;
  /** Whether experience says that an early sign-in gains nothing: the organisation ends sessions at a fixed time. */
  readonly endIsFixed: boolean;
  /** Whether a crash would cost the sign-in. */
  readonly durable: boolean;
  /** What its access token is good for; empty where nobody tells. */
  readonly scopes: readonly string[];
  /** When Evercred's registration with the provider ends, where there is one. */
  readonly registeredUntil: number | undefined;
  /** When a program, or the person's own schedule, last called for a sign-in that has not been made. */
  readonly wantedAt: number | undefined;
  readonly offers: readonly OfferView[];
}

export type StandingView =
  | {
      readonly kind: "signed-out";
      readonly reason: SignedOutReasonView;
      /** The provider's word that ended it, or an organisation's that forbids it. */
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
  "never" | "user" | "elsewhere" | "ended" | "changed" | "lost" | "reauth" | "forbidden";

/** Who has asked for a sign-in; `due`: nobody, it was its time. */
export type StarterView =
  | { readonly kind: "person" | "terminal" | "due" }
  | { readonly kind: "program"; readonly name: string };

/** Why a person has to look at a page's address first: it is not the provider's, or not encrypted. */
export type DoubtView = "foreign" | "insecure";

/** How a sign-in has ended. */
export interface SignInEndView {
  /** When it began: that of the `SignInView` that it was. */
  readonly startedAt: number;
  /** Why nobody is signed in by it; undefined where somebody is. */
  readonly trouble: Trouble | undefined;
}

/** A sign-in that is open. */
export interface SignInView {
  readonly startedBy: StarterView;
  readonly startedAt: number;
  /** What is doubtful about the address of the page. */
  readonly doubt: DoubtView | undefined;
  /** Whether a person goes on all the same. */
  readonly trusted: boolean;
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
  /** Whether its page has waited for somebody, and was then opened by itself. */
  readonly belated: boolean;
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
