/** Every way in which something can fail. Programs test the code, people read the message. */
export type ErrorCode =
  | "usage"
  | "unknown-name"
  | "ambiguous-name"
  | "config-invalid"
  | "sign-in-needed"
  | "grant-rejected"
  | "grant-revoked"
  | "reauth-needed"
  | "token-rejected"
  | "registration-rejected"
  | "client-rejected"
  | "account-disabled"
  | "access-denied"
  | "sign-in-denied"
  | "policy-refused"
  | "consent-refused"
  | "consent-pending"
  | "timed-out"
  | "unreachable"
  | "proxy-refused"
  | "tls-failed"
  | "throttled"
  | "provider-unavailable"
  | "reply-invalid"
  | "clock-wrong"
  | "keychain-locked"
  | "keychain-unavailable"
  | "saved-by-newer"
  | "browser-unavailable"
  | "no-window"
  | "program-missing"
  | "program-failed"
  | "not-known"
  | "key-unfit"
  | "cancelled"
  | "internal";

/** What a person is told, what they can do, and what a program gets. */
export interface ErrorEntry {
  readonly sentence: string;
  readonly remedy: string;
  /** The process exit code of the shim. */
  readonly exit: number;
  /** Who can mend it: a person now, or time. */
  readonly icon: "attention" | "offline";
}

const doctor = "Run: evercred doctor";

/** One row a code: a new code does not compile until it has all four. */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = {
  usage: row("That is not a command line that Evercred knows.", "See: evercred help", 2),
  "unknown-name": row("There is nothing of that name.", "See: evercred status", 2),
  "ambiguous-name": row("More than one fits.", "Name one of them.", 2),
  "config-invalid": row("The configuration is not usable.", "Correct the file that is named.", 2),
  "sign-in-needed": row("A sign-in is needed.", "Run: evercred login", 3),
  "grant-rejected": row("The provider has ended the session.", "Run: evercred login", 3),
  "grant-revoked": row(
    "The provider says that this sign-in has been revoked, or was not used for too long.",
    "Run: evercred login",
    3,
  ),
  "reauth-needed": row("Your organisation asks for a new sign-in.", "Run: evercred login", 3),
  "token-rejected": row("The provider no longer accepts the session.", "Run: evercred login", 3),
  "registration-rejected": row("The provider has forgotten this app.", "Run: evercred login", 3),
  "client-rejected": row(
    "The provider has deleted or disabled the OAuth client of this sign-in.",
    "Name another client in the configuration, then run: evercred login",
    5,
  ),
  "account-disabled": row(
    "The provider says that this account is disabled.",
    "Ask whoever manages it.",
    5,
  ),
  "access-denied": row("The provider refuses this role.", "Ask whoever assigns it to you.", 5),
  "sign-in-denied": row("The sign-in was refused.", "Run: evercred login", 5),
  "policy-refused": row("A policy forbids this.", "Ask your administrator.", 5),
  "consent-refused": row("You have not allowed this.", "See: evercred consent list", 5),
  "consent-pending": row(
    "Nobody has said yet whether this is allowed.",
    "Answer in Evercred's tray or window, then try again.",
    5,
  ),
  "timed-out": row("It took too long.", "Try again.", 6),
  unreachable: row("The provider cannot be reached.", "Check the network.", 7, "offline"),
  "proxy-refused": row("The proxy refuses us.", "Check the proxy's settings.", 7, "offline"),
  "tls-failed": row(
    "The provider's certificate is not trusted.",
    "Add your company's root certificate to network.caFiles.",
    7,
    "offline",
  ),
  throttled: row("The provider asks for patience.", "Wait a moment.", 7, "offline"),
  "provider-unavailable": row("The provider has a fault.", "Wait a moment.", 7, "offline"),
  "reply-invalid": row(
    "The provider's reply makes no sense.",
    "Check whether a network sign-in page is in the way.",
    7,
    "offline",
  ),
  "clock-wrong": row(
    "This computer's clock is wrong, and the provider takes nothing dated by it.",
    "Set the clock.",
    1,
  ),
  "keychain-locked": row(
    "The keychain is locked.",
    "Unlock it; Evercred looks again by itself.",
    1,
  ),
  "keychain-unavailable": row("There is no keychain.", "Start a keyring, or sign in again.", 1),
  "saved-by-newer": row(
    "What is kept of it was saved by a newer Evercred.",
    "Install that Evercred again: what it saved is untouched.",
    1,
  ),
  "browser-unavailable": row("No browser could be opened.", "Open the address yourself.", 1),
  "no-window": row(
    "Evercred runs without a desktop here, and has no window.",
    "Stop it with: evercred daemon stop; then open Evercred on the desktop.",
    4,
  ),
  "program-missing": row(
    "The program that signs in is not found.",
    "Install it, or correct its name in the configuration.",
    1,
  ),
  "program-failed": row(
    "The program has failed.",
    "Run it in a terminal and see what it wants.",
    1,
  ),
  "not-known": row("Nobody knows that yet.", "See: evercred status", 1),
  "key-unfit": row("Claude Code would not take this as an API key.", "Enter another one.", 1),
  cancelled: row("It was cancelled.", "Start it again if you need it.", 1),
  internal: row("Something went wrong inside Evercred.", doctor, 1),
};

function row(
  sentence: string,
  remedy: string,
  exit: number,
  icon: ErrorEntry["icon"] = "attention",
): ErrorEntry {
  return { sentence, remedy, exit, icon };
}

/** The codes that end a grant: the provider's own word, and nothing else. */
export const endings: readonly ErrorCode[] = [
  "grant-rejected",
  "grant-revoked",
  "reauth-needed",
  "registration-rejected",
  "client-rejected",
  "account-disabled",
];

/** What an error may say beyond its row of the table. */
export interface ErrorDetail {
  readonly remedy?: string;
  readonly cause?: unknown;
  /** How long the provider asks us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The request may have reached the provider, and no whole reply has come back. */
  readonly unanswered?: boolean;
  /** By all signs a captive portal has answered, with a page or a certificate of its own. */
  readonly captive?: boolean;
}

/** The one error that crosses layers. Each adapter makes it at its own edge and keeps the cause. */
export class EvercredError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly retryAfterMs: number | undefined;
  /** Whether what was asked for may have been done all the same. */
  readonly unanswered: boolean;
  /** Whether a captive portal has answered in the provider's place. */
  readonly captive: boolean;

  constructor(code: ErrorCode, sentence?: string, detail: ErrorDetail = {}) {
    super(sentence ?? errorTable[code].sentence, { cause: detail.cause });
    this.name = "EvercredError";
    this.code = code;
    this.remedy = detail.remedy ?? errorTable[code].remedy;
    this.retryAfterMs = detail.retryAfterMs;
    this.unanswered = detail.unanswered ?? false;
    this.captive = detail.captive ?? false;
  }

  get exit(): number {
    return errorTable[this.code].exit;
  }
}

/** Anything thrown, as an EvercredError: what is not one already is `internal`. */
export const errorOf = (thrown: unknown): EvercredError =>
  thrown instanceof EvercredError
    ? thrown
    : new EvercredError("internal", undefined, { cause: thrown });

/** Whether something thrown is an EvercredError of one of these codes. */
export const hasCode = (thrown: unknown, ...codes: readonly ErrorCode[]): boolean =>
  thrown instanceof EvercredError && codes.includes(thrown.code);
