import { keyFaultOf } from "../core/api-key.ts";
import { EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Session } from "../core/session.ts";
import { within } from "../core/time.ts";
import { clockTime } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import { durationOf } from "./arguments.ts";
import type { NamedRoute } from "./on-bridge.ts";
import { secretFrom } from "./secret-input.ts";
import { personMs, untilGone } from "./sign-in.ts";
import type { Context, Parsed, Reply, Request } from "./verb.ts";

/**
 * The secret of a key, as the caller types it or gives it on stdin; undefined where it gives none. Says where it is no
 * API key: it may be a password all the same. Throws `timed-out`.
 */
export const secretOf = async (
  { name }: NamedRoute,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<string | undefined> => {
  const isStatic = context.settings().keys[name]?.kind === "static";
  const prompt = isStatic
    ? `Enter the key of ${name}:`
    : `Paste the secret or the private key of ${name} (from a file: evercred api-key set ${name} < FILE):`;
  const limit = parsed.value("timeout");
  const limitMs = limit === undefined ? personMs : durationOf(limit);
  const read = untilGone(secretFrom(prompt, request, reply), request.signal);
  const late = Symbol("late");
  const secret = await within(context.clock, limitMs, read, late);
  if (secret === late) {
    throw new EvercredError("timed-out", `Nobody has entered the key of ${name} in time.`);
  }
  const fault = isStatic && secret !== undefined ? keyFaultOf(secret) : undefined;
  if (fault !== undefined) {
    reply.say(
      `What was entered ${fault}: a password may be so, but Claude Code takes no such key.`,
    );
  }
  return secret;
};

/**
 * Has a key's source keep this secret, after one that somebody else enters at the same time. Throws what it is refused
 * with.
 */
export const enter = async (
  secret: Secret,
  session: Session,
  request: Pick<Request, "signal">,
): Promise<void> => {
  for (;;) {
    const signIn = session.signIn(undefined);
    const asked = await untilGone(signIn.request, request.signal);
    if (asked.flow !== "secret") {
      throw new EvercredError("usage", `${session.source.id} asks for no secret.`);
    }
    const counts = asked.submit(secret);
    const outcome = await untilGone(signIn.outcome, request.signal);
    if (!counts) continue;
    if (outcome.kind === "failed") throw outcome.error;
    return;
  }
};

/** Where the secret is now, and until when it is good. */
export const keptLine = ({ name, session }: NamedRoute, context: Context): string => {
  const where = session.durable ? "in the keychain" : "in memory only, until Evercred ends";
  const { neededAt } = session;
  const until =
    neededAt === undefined
      ? ""
      : `, good until ${clockTime(neededAt.at, context.clock.now(), english)}`;
  return `The key of ${name} is ${where}${until}.`;
};
