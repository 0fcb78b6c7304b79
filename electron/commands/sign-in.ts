import { EvercredError, errorOf } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { PageFate, SignInWish } from "../core/sign-ins.ts";
import type { Flow, SignInRequest } from "../core/source.ts";
import { within } from "../core/time.ts";
import { clockTime } from "../protocol/headline.ts";
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
    case "unavailable":
      return `Open the address ${where} to sign in. Waiting…`;
  }
};

/** How a caller's flags and surroundings say a sign-in should go. */
export const wishOf = (by: SignInWish["by"], parsed: Parsed, request: Request): SignInWish => {
  const remote = (request.env["SSH_CONNECTION"] ?? "") !== "";
  const noBrowser = parsed.has("no-browser");
  return {
    by,
    flow:
      parsed.has("device-code") || noBrowser || (remote && by === "person") ? "device" : undefined,
    browser: !noBrowser && !remote,
  };
};

/**
 * Has a person sign in, and waits: prints the address (and code) first, then the result. Throws what the
 * sign-in ended with, or `timed-out` after `patienceMs`, when the sign-in stays open.
 */
export const signInAndWait = async (
  session: Session,
  wish: SignInWish,
  patienceMs: number,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<void> => {
  const deadline = context.clock.now() + patienceMs;
  let shown = false;
  const patiently = async <T>(work: Promise<T>): Promise<T> => {
    const late = Symbol("late");
    const left = Math.max(0, deadline - context.clock.now());
    const result = await within(context.clock, left, untilGone(work, request.signal), late);
    if (result === late) throw stillOpen(session, shown);
    return result;
  };
  let { signIn, page } = context.signIns.begin(session, wish);
  for (;;) {
    // Without an address there is an outcome, which says more.
    const address = await patiently(signIn.request.catch(() => undefined));
    if (address !== undefined) {
      printAddress(address, reply);
      shown = true;
      const ended = signIn.outcome.then(() => undefined);
      const fate = await patiently(Promise.race([page, ended]));
      if (fate !== undefined) reply.say(pageLine(fate, address.flow));
    }
    const outcome = await patiently(signIn.outcome);
    if (outcome.kind === "failed") throw outcome.error;
    if (outcome.kind === "signed-in") return;
    const next = session.signInOpen;
    if (next === undefined) {
      if (session.isLive) return;
      throw new EvercredError("cancelled", "The sign-in was cancelled.");
    }
    signIn = next;
    page = Promise.resolve(next.opened ? "opened" : "not-wanted");
  }
};

const printAddress = (request: SignInRequest, reply: Reply): void => {
  if (request.flow === "mfa") return;
  const { url, userCode } = request;
  reply.print(url);
  if (userCode !== undefined) reply.print(`Code: ${userCode}`);
};

const stillOpen = ({ source }: Session, shown: boolean): EvercredError =>
  new EvercredError("timed-out", `Nobody has signed in to ${source.id} yet.`, {
    remedy: `The sign-in stays open: finish it in the tray${shown ? ", or at the address above" : ""}.`,
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
  if (needed === undefined) return `Signed in to ${session.source.id}.`;
  const about = needed.exact ? "" : "about ";
  return `Signed in to ${session.source.id} until ${about}${clockTime(needed.at, context.clock.now())}.`;
};
