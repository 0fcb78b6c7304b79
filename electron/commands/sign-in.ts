import { EvercredError, errorOf, hasCode } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { SignIn } from "../core/sign-in.ts";
import type { PageFate, SignInWish } from "../core/sign-ins.ts";
import type { Flow, PageRequest } from "../core/source.ts";
import { within } from "../core/time.ts";
import { clockTime } from "../protocol/headline.ts";
import { plain } from "./plain.ts";
import { canAsk } from "./question.ts";
import { CodeTypist } from "./sign-in-code.ts";
import { acceptedOrEnded, otherOf } from "./sign-in-other.ts";
import type { Context, Parsed, Reply, Request } from "./verb.ts";

/** What is said of the page, after its address. Only a page with a code can be finished on another machine. */
const pageLine = (fate: PageFate, flow: Flow): string => {
  const where = flow === "device" ? "on any machine" : "on this computer";
  switch (fate) {
    case "opened":
      return "The page is open in your browser. Waiting for you to sign in…";
    case "waiting":
      return "Nobody is here just now: the page opens when somebody unlocks this computer. Waiting…";
    case "held-back":
      return "The last sign-in was not finished, so no page is opened by itself. Open the address, or use the tray or: evercred login. Waiting…";
    case "not-wanted":
    case "no-page":
    case "unavailable":
      return `Open the address ${where} to sign in. Waiting…`;
  }
};

/** What a caller wants of a sign-in, and how it can be dealt with meanwhile. */
export interface Wish extends SignInWish {
  /** Whether it can read a question and answer it. */
  readonly asks: boolean;
  /** Whether it says yes to every question. */
  readonly yes: boolean;
}

/** How a caller's flags and surroundings say a sign-in should go. */
export const wishOf = (by: SignInWish["by"], parsed: Parsed, request: Request): Wish => {
  const remote = (request.env["SSH_CONNECTION"] ?? "") !== "";
  const noBrowser = parsed.has("no-browser");
  return {
    by,
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
  let shown = false;
  const patiently = async <T>(work: Promise<T>): Promise<T> => {
    const late = Symbol("late");
    const left = Math.max(0, deadline - context.clock.now());
    const result = await within(context.clock, left, untilGone(work, request.signal), late);
    if (result === late) throw stillOpen(session, shown);
    return result;
  };
  const typist = new CodeTypist(reply, wish.asks);
  let refusals = 0;
  let begun = otherOf(session) === undefined ? undefined : openSignIn(session);
  begun ??= context.signIns.begin(session, wish);
  for (;;) {
    const { signIn, page } = begun;
    // Without a request there is an outcome, which says more. A page that is behind us is not shown again.
    const isPast = otherOf(session) !== undefined;
    const asked = isPast ? undefined : await patiently(signIn.request.catch(() => undefined));
    if (asked?.flow === "mfa") await patiently(typist.type(asked, signIn, session));
    else if (asked !== undefined) {
      printAddress(asked, reply);
      shown = true;
      const ended = signIn.outcome.then(() => undefined);
      const fate = await patiently(Promise.race([page, ended]));
      if (fate !== undefined) reply.say(pageLine(fate, asked.flow));
    }
    await patiently(acceptedOrEnded(session, signIn, wish, reply));
    const outcome = await patiently(signIn.outcome);
    if (outcome.kind === "signed-in") return;
    if (outcome.kind === "failed") {
      const mayTryAgain = asked?.flow === "mfa" && hasCode(outcome.error, "sign-in-denied");
      if (mayTryAgain) refusals += 1;
      if (!mayTryAgain || refusals === codeTries) throw outcome.error;
      reply.say(outcome.error.message);
      begun = context.signIns.begin(session, wish);
      continue;
    }
    const next = openSignIn(session);
    if (next !== undefined) begun = next;
    else if (session.isLive) return;
    else throw new EvercredError("cancelled", "The sign-in was cancelled.");
  }
};

interface Begun {
  readonly signIn: SignIn;
  readonly page: Promise<PageFate>;
}

/** The sign-in that is open, without another page. */
const openSignIn = ({ signInOpen }: Session): Begun | undefined =>
  signInOpen && {
    signIn: signInOpen,
    page: Promise.resolve(signInOpen.opened ? "opened" : "not-wanted"),
  };

const printAddress = ({ url, userCode }: PageRequest, reply: Reply): void => {
  reply.print(url);
  if (userCode !== undefined) reply.print(`Code: ${userCode}`);
};

const stillOpen = (session: Session, shown: boolean): EvercredError => {
  const { id } = session.source;
  const other = otherOf(session);
  if (other !== undefined) {
    const sentence = `Nobody has accepted yet that it was ${plain(other.now)} who signed in to ${id}.`;
    return new EvercredError("timed-out", sentence, {
      remedy: `Accept it in the tray, or with: evercred login ${id} --yes`,
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
  const needed = session.neededAt;
  if (session.source.unattended) return `${session.source.id} needs no sign-in.`;
  if (needed === undefined) return `Signed in to ${session.source.id}.`;
  const about = needed.exact ? "" : "about ";
  return `Signed in to ${session.source.id} until ${about}${clockTime(needed.at, context.clock.now())}.`;
};
