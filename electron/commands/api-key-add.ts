import { EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { targetOf } from "../core/source.ts";
import { enter, keptLine, secretOf } from "./api-key-enter.ts";
import { keyFlags, keyKinds, ownKinds } from "./api-key-kinds.ts";
import { absent, anyWords, keyNameOf, keyRouteOf } from "./api-key-name.ts";
import { durationOf } from "./arguments.ts";
import { type Entry, entryOf } from "./kind-flags.ts";
import type { NamedRoute } from "./on-bridge.ts";
import { personMs, signedInLine, signInAndWait, wishOf } from "./sign-in.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

/** Writes a key into the configuration, and has a person do what it needs. */
export const apiKeyAdd: Verb = {
  name: "api-key add",
  summary: "add a key, and enter its secret or sign in",
  words: "NAME",
  most: anyWords,
  flags: keyFlags,
  about:
    "Writes the key into the configuration, and leaves all else there as it is. Then it takes the secret, where there is one, as evercred api-key set does, or signs in where that is needed. What cannot be used is not written. A secret is never taken from the command line.",
  async run(parsed, request, reply, context) {
    const name = keyNameOf(parsed, context);
    const entry = entryOf(keyKinds, apiKeyAdd, parsed, request);
    await context.config.check(["keys", name]);
    checkFree(name, entry, context);
    await write(name, entry, context);
    reply.print(`Added the key ${name}.`);
    tellCommand(entry, reply);
    const route = keyRouteOf(name, request, context);
    await makeUsable(route, parsed, request, reply, context);
    reply.print(`Try: evercred api-key ${name}`);
    return 0;
  },
};

const checkFree = (name: string, { kind }: Entry, context: Context): void => {
  const { keys, sources } = context.settings();
  if (Object.hasOwn(keys, name)) {
    throw new EvercredError("usage", `There is a key ${name} already.`, {
      remedy: `To replace its secret: evercred api-key set ${name}. To replace all of it, first: evercred api-key rm ${name}`,
    });
  }
  const isSource = Object.hasOwn(sources, name) || context.broker.session(name) !== undefined;
  if (!isSource || !ownKinds.has(kind)) return;
  throw new EvercredError("usage", `${name} is the name of a source already.`, {
    remedy: "Give the key another one.",
  });
};

/** Writes an entry that can be used, or nothing. Throws why it cannot be. */
const write = async (name: string, entry: Entry, context: Context): Promise<void> => {
  const place = ["keys", name];
  await context.config.set(place, entry);
  if (context.broker.targets.includes(targetOf("api-key", name))) return;
  const why = absent(name, context);
  await context.config.set(place, undefined);
  throw why;
};

/** Says how a command line was understood. */
const tellCommand = ({ kind, command }: Entry, reply: Reply): void => {
  if (kind !== "command") return;
  reply.say(
    typeof command === "string"
      ? "Its command has shell syntax, and is run by the shell."
      : "Its command is run without a shell.",
  );
};

/** Has the secret entered, or signs in, where the key needs a person. */
const makeUsable = async (
  route: NamedRoute,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<void> => {
  const { name, session } = route;
  const { source } = session;
  // What a key of this name has left that was there before is not this one's secret.
  if (source.enteredBy !== undefined && session.isSignedIn) await session.signOut();
  if (session.isSignedIn) return;
  if (source.enteredBy === undefined) {
    const limit = parsed.value("timeout");
    const waitMs = limit === undefined ? personMs : durationOf(limit);
    const wish = wishOf("person", parsed, request);
    await signInAndWait(session, wish, waitMs, request, reply, context);
    reply.print(signedInLine(session, context));
    return;
  }
  const secret = await secretOf(route, parsed, request, reply, context);
  if (secret === undefined) {
    reply.say(`Nothing was entered. Do it with: evercred api-key set ${name}`);
    return;
  }
  await enter(new Secret(secret), session, request);
  reply.print(keptLine(route, context));
};
