import { callerName } from "../core/caller.ts";
import { EvercredError, errorOf, hasCode } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { SignInOutcome } from "../core/sign-in.ts";
import type { SignInWish } from "../core/sign-ins.ts";
import { pageOf, type SignInRequest } from "../core/source.ts";
import { within } from "../core/time.ts";
import { clockTime } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import { plain } from "./plain.ts";
import { canAsk } from "./question.ts";
import { acceptedOrEnded, otherOf } from "./sign-in-other.ts";
import { type Begun, followProgram, present, type Waiter } from "./sign-in-page.ts";
import { TypedLine } from "./typed-line.ts";
import type { Context, Parsed, Reply, Request } from "./verb.ts";

/** What a caller wants of a sign-in, and how it can be dealt with meanwhile. */
export interface Wish extends SignInWish {
  /** Whether it can read a question and answer it. */
  readonly asks: boolean;
  /** Whether it says yes to every question. */
  readonly yes: boolean;
}

/** Who asks by a verb that programs run: a terminal has a person at it. */
export const askerBehind = ({ terminal }: Pick<Request, "terminal">): "terminal" | "program" =>
  Object.values(terminal).includes(true) ? "terminal" : "program";

/** How a caller's flags and surroundings say a sign-in should go. */
export const wishOf = (by: SignInWish["by"], parsed: Parsed, request: Request): Wish => {
  const remote = (request.env["SSH_CONNECTION"] ?? "") !== "";
  const noBrowser = parsed.has("no-browser");
  return {
    by,
    starter:
      by === "program"
        ? { kind: "program", name: callerName(request.caller) }
        : { kind: "terminal" },
    flow:
      parsed.has("device-code") || noBrowser || (remote && by === "person") ? "device" : undefined,
    browser: !noBrowser && !remote,
    asks: canAsk(parsed, request),
    yes: parsed.has("yes"),
  };
};

/** How long a person is waited for who asks by hand: longer than any provider does. */
export const personMs = 15 * 60_000;

/** A one-time code may be mistyped: so often one is asked for. */
const codeTries = 3;

/**
 * Has a person sign in, and waits: prints the address (and code) first, or asks for the one-time code, then the
 * result. Throws what the sign-in ended with, or `timed-out` after `patienceMs`, when the sign-in stays open. A
 * source that needs nobody asks nobody: it throws what that one lacks.
 */
export const signInAndWait = async (
  session: Session,
  wish: Wish,
  patienceMs: number,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<void> => {
  if (session.source.unattended) {
    await untilGone(session.revive(), request.signal);
    return;
  }
  const deadline = context.clock.now() + patienceMs;
  const patiently = async <T>(work: Promise<T>): Promise<T> => {
    const late = Symbol("late");
    const left = Math.max(0, deadline - context.clock.now());
    const result = await within(context.clock, left, untilGone(work, request.signal), late);
    if (result === late) throw stillOpen(session);
    return result;
  };
  const line = wish.asks ? new TypedLine(reply) : undefined;
  const waiter: Waiter = { request, reply, line, patiently };
  const begin = (): Begun => context.signIns.begin(session, wish);
  let refusals = 0;
  let begun = otherOf(session) === undefined ? undefined : openSignIn(session);
  begun ??= begin();
  for (;;) {
    const { asked, outcome } = await followed(session, begun, wish, waiter);
    if (outcome.kind === "signed-in") return;
    if (outcome.kind === "failed") {
      const mayTryAgain = asked?.flow === "mfa" && hasCode(outcome.error, "sign-in-denied");
      if (mayTryAgain) refusals += 1;
      if (!mayTryAgain || refusals === codeTries) throw outcome.error;
      reply.say(outcome.error.message);
      begun = begin();
      continue;
    }
    const next = openSignIn(session);
    if (next !== undefined) begun = next;
    else if (session.isLive) return;
    else throw new EvercredError("cancelled", "The sign-in was cancelled.");
  }
};

/** Tells a caller all of one sign-in, to its end. A page that is behind us is not shown again. */
const followed = async (
  session: Session,
  begun: Begun,
  wish: Wish,
  waiter: Waiter,
): Promise<{ readonly asked: SignInRequest | undefined; readonly outcome: SignInOutcome }> => {
  const { signIn } = begun;
  const { reply, line, patiently } = waiter;
  const stop = followProgram(signIn, reply);
  try {
    // Without a request there is an outcome, which says more.
    const isPast = otherOf(session) !== undefined;
    const asked = isPast ? undefined : await present(session, begun, waiter);
    await patiently(acceptedOrEnded(session, signIn, wish, line?.reply ?? reply));
    return { asked, outcome: await patiently(signIn.outcome) };
  } finally {
    stop();
  }
};

/** The sign-in that is open, without another page. */
const openSignIn = ({ signInOpen }: Session): Begun | undefined =>
  signInOpen && {
    signIn: signInOpen,
    page: Promise.resolve(signInOpen.opened ? "opened" : "not-wanted"),
  };

const stillOpen = (session: Session): EvercredError => {
  const { id, enteredBy } = session.source;
  const { state } = session;
  const request = state.kind === "signing-in" ? state.request : undefined;
  const shown = pageOf(request) !== undefined;
  const other = otherOf(session);
  if (other !== undefined) {
    const sentence = `Nobody has accepted yet that it was ${plain(other.now)} who signed in to ${id}.`;
    return new EvercredError("timed-out", sentence, {
      remedy: `Accept it in the tray, or with: evercred login ${id} --yes`,
    });
  }
  if (enteredBy !== undefined) {
    return new EvercredError("timed-out", `Nobody has entered the key of ${id} yet.`, {
      remedy: `It is still waited for: enter it in the tray, or run: ${enteredBy}`,
    });
  }
  return new EvercredError("timed-out", `Nobody has signed in to ${id} yet.`, {
    remedy: `The sign-in stays open: finish it in the tray${shown ? ", or at the address above" : ""}.`,
  });
};

/** A reply whose payload is said aside: what is told of a sign-in must not mix with what was asked for. */
export const aside = (reply: Reply): Reply => ({
  ...reply,
  print: (line) => {
    reply.say(line);
  },
});

/** `work`, or a rejection once the caller has gone. The work itself goes on. */
export const untilGone = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const gone = (): void => {
      reject(new EvercredError("cancelled"));
    };
    if (signal.aborted) gone();
    signal.addEventListener("abort", gone, { once: true });
    work
      .then(resolve, (thrown: unknown) => {
        reject(errorOf(thrown));
      })
      .finally(() => {
        signal.removeEventListener("abort", gone);
      });
  });

/** The line that says that all is well. */
export const signedInLine = (session: Session, context: Context): string => {
  const { neededAt, source, durable } = session;
  const { id, unattended, enteredBy } = source;
  const now = context.clock.now();
  if (unattended) return `${id} needs no sign-in.`;
  if (enteredBy !== undefined) {
    const where = durable ? "in the keychain" : "in memory only, until Evercred ends";
    const until =
      neededAt === undefined ? "" : `, good until ${clockTime(neededAt.at, now, english)}`;
    return `The key of ${id} is ${where}${until}.`;
  }
  if (neededAt === undefined) return `Signed in to ${id}.`;
  return `Signed in to ${id} until ${neededAt.exact ? "" : "about "}${clockTime(neededAt.at, now, english)}.`;
};
