import { EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { signInCommandOf } from "../core/source.ts";
import { type Entry, entryOf } from "./kind-flags.ts";
import { sourceFlags, sourceKinds } from "./source-kinds.ts";
import { isKeyItself, sourceNameOf, unusableSource } from "./source-name.ts";
import type { Context, Parsed, Verb } from "./verb.ts";

/** Writes a place to sign in to into the configuration. */
export const sourceAdd: Verb = {
  name: "source add",
  summary: "add a place to sign in to",
  words: "ID",
  most: 1,
  flags: sourceFlags,
  about:
    "Writes the source into the configuration, and leaves all else there as it is; then it says how to sign in. A source that is found by itself, like an sso-session of ~/.aws/config, can be added to say more of it. What cannot be used is not written.",
  async run(parsed, request, reply, context) {
    const id = sourceNameOf(parsed);
    refuseSecret(parsed);
    const found = context.broker.session(id)?.source;
    const isKnown = found !== undefined && found.kind === parsed.value("kind");
    const entry = entryOf(sourceKinds, sourceAdd, parsed, request, isKnown);
    await context.config.check(["sources", id]);
    checkFree(id, isKnown, context);
    const session = await written(id, entry, context);
    reply.print(`Added the source ${id}.`);
    if (session.source.unattended) reply.print("It needs no sign-in.");
    else if (session.isSignedIn) reply.print("You are signed in to it.");
    else reply.print(`Sign in: ${signInCommandOf(session.source)}`);
    return 0;
  },
};

const refuseSecret = (parsed: Parsed): void => {
  if (parsed.values("client-secret").length === 0) return;
  const sentence =
    "A client's secret is not taken from the command line: other programs can read that.";
  throw new EvercredError("usage", sentence, {
    remedy: "Of Google, name the file of the client: --client-file FILE. Else: --client-secret-key",
  });
};

const checkFree = (id: string, isKnown: boolean, context: Context): void => {
  if (Object.hasOwn(context.settings().sources, id)) {
    throw new EvercredError("usage", `There is a source ${id} already.`, {
      remedy: `To replace it, first: evercred source rm ${id}`,
    });
  }
  const isKey = isKeyItself(id, context);
  if (!isKey && (isKnown || context.broker.session(id) === undefined)) return;
  const what = isKey ? "a key" : "a source of another kind";
  throw new EvercredError("usage", `${id} is the name of ${what} already.`, {
    remedy: "Give the source another one.",
  });
};

/** Writes an entry that can be used, or nothing. Resolves to its session; throws why there is none. */
const written = async (id: string, entry: Entry, context: Context): Promise<Session> => {
  const place = ["sources", id];
  await context.config.set(place, entry);
  const session = context.broker.session(id);
  if (session !== undefined) return session;
  const why = unusableSource(id, context);
  await context.config.set(place, undefined);
  throw why;
};
