import { EvercredError, errorOf } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { durationOf } from "./arguments.ts";
import { nothingToSignInTo, sessionOf } from "./profile.ts";
import { signedInLine, signInAndWait, wishOf } from "./sign-in.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

/** Longer than any provider waits for a person. */
const patienceMs = 15 * 60_000;

const names = (sessions: readonly Session[]): string =>
  sessions.map(({ source }) => source.id).join(", ");

/** The sessions that a command line means: those named, all, or the only one of `candidates`. */
const chosen = async (
  parsed: Parsed,
  candidates: readonly Session[],
  request: Request,
  reply: Reply,
  context: Context,
): Promise<readonly Session[]> => {
  const [name] = parsed.words;
  if (name !== undefined) return [sessionOf(name, context)];
  if (context.broker.sessions.length === 0) throw nothingToSignInTo(context);
  if (candidates.length <= 1 || parsed.has("all")) return candidates;
  const ambiguous = new EvercredError("ambiguous-name", `Which one? ${names(candidates)}.`, {
    remedy: "Name it, or use --all.",
  });
  const { stdin, stderr } = request.terminal;
  if (!stdin || !stderr || parsed.has("quiet")) throw ambiguous;
  candidates.forEach(({ source }, index) => {
    reply.say(`${String(index + 1)}  ${source.id}  ${source.organisation}`);
  });
  reply.say("Which number?");
  const picked = candidates[Number(await reply.ask(false)) - 1];
  if (picked === undefined) throw ambiguous;
  return [picked];
};

/** Signs in by hand: always asks a person, and may open a page again. */
export const login: Verb = {
  name: "login",
  summary: "sign in",
  words: "[SOURCE]",
  most: 1,
  flags: {
    all: { summary: "all that need it, one after the other" },
    "device-code": { summary: "sign in with a code, on any machine" },
    "no-browser": { summary: "open no page here" },
  },
  about:
    "Signs in to a source (its id, or the name of one of its profiles). Without a name: to the one that needs it. Prints the address, and the code where there is one, opens the page and waits.",
  async run(parsed, request, reply, context) {
    const needy = context.broker.sessions.filter((session) => !session.isSignedIn);
    const sessions = await chosen(parsed, needy, request, reply, context);
    if (sessions.length === 0) {
      reply.print(`You are signed in to ${names(context.broker.sessions)}.`);
    }
    const limit = parsed.value("timeout");
    const waitMs = limit === undefined ? patienceMs : durationOf(limit);
    for (const session of sessions) {
      const wish = wishOf("person", parsed, request);
      await signInAndWait(session, wish, waitMs, request, reply, context);
      reply.print(signedInLine(session, context));
    }
    return 0;
  },
};

/** Signs out, here and at the provider. */
export const logout: Verb = {
  name: "logout",
  summary: "sign out",
  words: "[SOURCE]",
  most: 1,
  flags: { all: { summary: "of everything" } },
  about:
    "Forgets the sign-in and all its credentials: here, in the keychain, in ~/.aws/sso/cache and at the provider. Keys that programs already hold live on until they expire.",
  async run(parsed, request, reply, context) {
    const live = context.broker.sessions.filter((session) => session.isSignedIn);
    const sessions = await chosen(parsed, live, request, reply, context);
    if (sessions.length === 0) reply.print("You are not signed in.");
    let failed: EvercredError | undefined;
    for (const session of sessions) {
      const { id } = session.source;
      try {
        const told = await session.signOut();
        reply.print(`Signed out of ${id}.`);
        if (!told) {
          reply.say(
            `The provider could not be told; its session ends by itself. Sign out in the browser as well if that matters.`,
          );
        }
      } catch (thrown) {
        failed = errorOf(thrown);
        reply.say(`Signed out of ${id}, but the keychain still has its grant.`);
      }
    }
    if (failed !== undefined) throw failed;
    return 0;
  },
};
