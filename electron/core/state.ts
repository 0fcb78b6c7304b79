import type { ErrorCode, EvercredError } from "./errors.ts";
import type { OtherPerson } from "./sign-in.ts";
import type { SignInRequest } from "./source.ts";
import { earlier, type Instant, never } from "./time.ts";

/**
 * Why nobody is signed in. `never`: no grant was found. `user`: signed out here. `elsewhere`: signed out
 * with another tool. `ended`: the provider's word, or the end of a grant that cannot be renewed.
 * `changed`: the configuration now names another organisation, region or scopes. `lost`: the outcome of a
 * renewal was lost, and the provider takes the grant no more. `reauth`: the person's organisation wants a new
 * sign-in every so often. `forbidden`: an organisation does not allow it; a grant stays where it is kept, unused.
 */
export type SignedOutReason =
  "never" | "user" | "elsewhere" | "ended" | "changed" | "lost" | "reauth" | "forbidden";

export interface SignedOut {
  readonly kind: "signed-out";
  readonly reason: SignedOutReason;
  /** The provider's word that ended it, or the organisation's that forbids it. */
  readonly because?: EvercredError | undefined;
}

/** Signed in. `renewAt` is when the access token is renewed, or looked for anew. */
export interface Active {
  readonly kind: "active";
  readonly expiresAt: Instant;
  readonly renewAt: Instant;
}

/** Signed in, but the last attempt to renew failed. What is there is served until `expiresAt`. */
export interface Failing {
  readonly kind: "failing";
  readonly expiresAt: Instant;
  readonly retryAt: Instant;
  /** When the first of the failed attempts was made. */
  readonly since: Instant;
  /** How many attempts have failed in a row. */
  readonly attempt: number;
  readonly error: ErrorCode;
}

/** What a session is apart from a sign-in that is open. */
export type Standing = SignedOut | Active | Failing;

/** A person is asked. `standing` goes on beside it and remains where the sign-in comes to nothing. */
export interface SigningIn {
  readonly kind: "signing-in";
  readonly endsAt: Instant;
  readonly request: SignInRequest | undefined;
  /** Somebody else has signed in than before: it goes on once that is accepted. */
  readonly other: OtherPerson | undefined;
  readonly standing: Standing;
}

/** The life of one source's grant. */
export type SessionState = Standing | SigningIn;

/** The instant at which a state must be left; undefined where only an event leads out of it. */
export const wakeAt = (state: SessionState): Instant | undefined => {
  switch (state.kind) {
    case "signed-out":
      return undefined;
    case "active":
      return state.renewAt === never ? undefined : state.renewAt;
    case "failing":
      return state.retryAt;
    case "signing-in":
      return earlier(wakeAt(state.standing) ?? never, state.endsAt);
  }
};

/** What a state is apart from a sign-in that is open. */
export const standingOf = (state: SessionState): Standing =>
  state.kind === "signing-in" ? state.standing : state;
