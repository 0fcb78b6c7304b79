import { EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { nothingToSignInTo, sessionOf } from "./profile.ts";
import { canAsk } from "./question.ts";
import type { Context, Parsed, Reply, Request } from "./verb.ts";

/** The ids of sessions, for a sentence. */
export const idsOf = (sessions: readonly Session[]): string =>
  sessions.map(({ source }) => source.id).join(", ");

/** The sessions that a command line means: the one named, all of `all`, or the only one of `candidates`. */
export const chosen = async (
  parsed: Parsed,
  {
    candidates,
    all,
  }: { readonly candidates: readonly Session[]; readonly all: readonly Session[] },
  request: Request,
  reply: Reply,
  context: Context,
): Promise<readonly Session[]> => {
  const [name] = parsed.words;
  if (name !== undefined) return [sessionOf(name, context)];
  if (context.broker.sessions.length === 0) throw nothingToSignInTo(context);
  if (parsed.has("all")) return all;
  if (candidates.length <= 1) return candidates;
  const ambiguous = new EvercredError("ambiguous-name", `Which one? ${idsOf(candidates)}.`, {
    remedy: "Name it, or use --all.",
  });
  if (!canAsk(parsed, request)) throw ambiguous;
  candidates.forEach(({ source }, index) => {
    reply.say(`${String(index + 1)}  ${source.id}  ${source.organisation}`);
  });
  reply.say("Which number?");
  const picked = candidates[Number(await reply.ask(false)) - 1];
  if (picked === undefined) throw ambiguous;
  return [picked];
};
