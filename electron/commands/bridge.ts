import { EvercredError } from "../core/errors.ts";
import { never } from "../core/time.ts";
import { clockTime } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import { targetsOf } from "./allowed.ts";
import { durationOf } from "./arguments.ts";
import { containerOf } from "./devcontainer.ts";
import type { BridgeFacts, StillValid } from "./ports.ts";
import type { Context, Flag, Json, Parsed, Verb } from "./verb.ts";

/** How long a bridge is there where nothing else is said, in milliseconds. */
const usualMs = 12 * 60 * 60_000;

/** The flags of every verb that makes a bridge. */
export const bridgeFlags: Readonly<Record<string, Flag>> = {
  allow: {
    value: "TARGET",
    summary: "what it serves: aws:PROFILE, gcp:SOURCE or api-key:NAME; may be given several times",
  },
  for: { value: "TIME", summary: "how long it is there, 12h is usual" },
};

/** How long a bridge is to be there, in milliseconds. Throws `usage`. */
export const lengthOf = (parsed: Parsed): number => {
  const text = parsed.value("for");
  const lastsMs = text === undefined ? usualMs : durationOf(text);
  if (lastsMs > 0) return lastsMs;
  throw new EvercredError("usage", "A bridge has to be there for some time.", {
    remedy: "Write it as --for 12h.",
  });
};

/** Makes a bridge, and says how a container gets to it. */
export const bridgeAdd: Verb = {
  name: "bridge add",
  summary: "let a container have what you name, and nothing else",
  words: "NAME",
  most: 1,
  flags: {
    ...bridgeFlags,
    tcp: { summary: "also a loopback port: for Docker Desktop and WSL, which share no sockets" },
    json: { summary: "as JSON" },
  },
  about:
    "Opens a second door that serves the named targets only, and prints the directory to be mounted and the lines for devcontainer.json. Over it nothing can be listed and nobody can sign in; every use is recorded. It goes by itself after 12 hours, or when --for says.",
  async run(parsed, _request, reply, context) {
    const name = nameOf(parsed);
    const words = parsed.values("allow");
    if (words.length === 0) {
      throw new EvercredError("usage", "A bridge serves only what you name.", {
        remedy: `Write: evercred bridge add ${name} --allow aws:PROFILE (or gcp:SOURCE, api-key:NAME)`,
      });
    }
    const allow = targetsOf(words, context);
    const lastsMs = lengthOf(parsed);
    const tcp = parsed.has("tcp");
    const bridge = await context.bridges.add({ name, allow, lastsMs, tcp, madeFor: undefined });
    const container = containerOf(bridge, context.daemon.containerShim);
    if (parsed.has("json")) {
      reply.printJson({ ...bridgeJson(bridge), devcontainer: container.settings });
      return 0;
    }
    const until = clockTime(bridge.endsAt, context.clock.now(), english);
    reply.print(`Bridge ${name} serves ${allow.join(", ")} until ${until}.`);
    reply.print(`Directory: ${bridge.directory}`);
    if (bridge.port !== undefined) reply.print(`Port: ${String(bridge.port)}`);
    reply.print("");
    reply.print("For devcontainer.json:");
    reply.print(JSON.stringify(container.settings, null, 2));
    for (const note of container.notes) reply.print(note);
    return 0;
  },
};

const nameOf = (parsed: Parsed): string => {
  const [name] = parsed.words;
  if (name !== undefined && /^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return name;
  const sentence = name === undefined ? "Which bridge?" : `"${name}" is no name for a bridge.`;
  throw new EvercredError("usage", sentence, {
    remedy: "Give it a name of a-z, 0-9 and dashes, of 32 characters at most.",
  });
};

/** The bridges that are there. */
export const bridgeList: Verb = {
  name: "bridge list",
  summary: "the bridges that are there",
  words: "",
  most: 0,
  flags: { json: { summary: "as JSON" } },
  about: "Says of each bridge what it serves, until when, and when it was last used.",
  run(parsed, _request, reply, context) {
    const bridges = context.bridges.list();
    if (parsed.has("json")) {
      reply.printJson({ bridges: bridges.map(bridgeJson) });
      return Promise.resolve(0);
    }
    if (bridges.length === 0) reply.print("There are no bridges.");
    for (const bridge of bridges) reply.print(lineOf(bridge, context));
    return Promise.resolve(0);
  },
};

const lineOf = ({ name, allow, endsAt, lastUsedAt }: BridgeFacts, { clock }: Context): string => {
  const now = clock.now();
  const used =
    lastUsedAt === undefined ? "not used yet" : `last used ${clockTime(lastUsedAt, now, english)}`;
  return `${name}  serves ${allow.join(", ")}  until ${clockTime(endsAt, now, english)}  ${used}`;
};

const bridgeJson = (bridge: BridgeFacts): { readonly [name: string]: Json } => ({
  name: bridge.name,
  allow: bridge.allow,
  directory: bridge.directory,
  port: bridge.port,
  endsAt: new Date(bridge.endsAt).toISOString(),
  lastUsedAt:
    bridge.lastUsedAt === undefined ? undefined : new Date(bridge.lastUsedAt).toISOString(),
});

/** Takes a bridge away, and says what is left of it outside. */
export const bridgeRemove: Verb = {
  name: "bridge rm",
  summary: "take a bridge away at once",
  words: "NAME",
  most: 1,
  flags: {},
  about:
    "Cuts the bridge, also where it is in use just then, and names what it gave out and is still good.",
  async run(parsed, _request, reply, context) {
    const name = nameOf(parsed);
    const left = await context.bridges.remove(name);
    reply.print(`Bridge ${name} is gone.`);
    for (const still of latest(left)) reply.print(stillLine(still, context));
    return 0;
  },
};

const stillLine = ({ target, expiresAt }: StillValid, { clock }: Context): string => {
  const what = target.startsWith("gcp:") ? "Tokens" : "Keys";
  const given = `${what} of ${target} that it gave out stay good`;
  return expiresAt === never
    ? `${given} until they are ended where they come from.`
    : `${given} until ${clockTime(expiresAt, clock.now(), english)}.`;
};

/** Of each target what ends last. */
const latest = (all: readonly StillValid[]): readonly StillValid[] => {
  const byTarget = new Map<string, StillValid>();
  for (const each of all) {
    const known = byTarget.get(each.target);
    if (known === undefined || known.expiresAt < each.expiresAt) byTarget.set(each.target, each);
  }
  return [...byTarget.values()];
};
