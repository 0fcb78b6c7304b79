import { recordOf } from "../core/caller.ts";
import { EvercredError, errorOf } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Target } from "../core/source.ts";
import { parse } from "./arguments.ts";
import { admit, namedTarget, noteRefused, saidOnBridge } from "./on-bridge.ts";
import { checkSandbox } from "./sandbox.ts";
import { helpOf, usage } from "./usage.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

const byName = new Map(verbs.map((verb) => [verb.name, verb]));

/** The verb that the first words name, up to three, and what follows them. */
const verbOf = (args: readonly string[]): { verb: Verb; rest: readonly string[] } => {
  for (const length of [3, 2, 1]) {
    const verb = byName.get(args.slice(0, length).join(" "));
    if (verb !== undefined && args.length >= length) return { verb, rest: args.slice(length) };
  }
  const leading = args.filter((arg) => !arg.startsWith("-")).slice(0, 3);
  const words = leading.slice(0, 2);
  const [family = ""] = words;
  const late = [leading.join(" "), words.join(" "), family].find((name) => byName.has(name));
  const flag = args.find((arg) => arg.startsWith("-"));
  if (late !== undefined && flag !== undefined) {
    throw new EvercredError("usage", "Flags come after the verb.", {
      remedy: `Write: evercred ${late} ${flag}`,
    });
  }
  const siblings = [...byName.keys()].filter((name) => name.startsWith(`${family} `));
  const typed = siblings.length > 0 ? words.join(" ") : family;
  const near =
    siblings.length > 0
      ? nearestSibling(words[1] ?? "", siblings)
      : (nearest(words.join(" "), byName.keys()) ??
        nearest(family, [...byName.keys(), "help", "version"]));
  const remedy =
    near !== undefined
      ? `Did you mean: evercred ${near}`
      : siblings.length > 0
        ? `There are: ${siblings.join(", ")}`
        : "See: evercred help";
  throw new EvercredError("usage", `There is no verb "${typed}".`, { remedy });
};

/** The verb of a family whose second word is nearest: the first one, which they share, says nothing. */
const nearestSibling = (word: string, siblings: readonly string[]): string | undefined => {
  const seconds = new Map(siblings.map((name) => [name.split(" ")[1] ?? "", name]));
  return seconds.get(nearest(word, seconds.keys()) ?? "");
};

/** Where a program of the caller's own follows, every other code is that one's. */
const programFailed = 125;

/**
 * Runs one request to its end and gives its exit code. Never rejects: an error is told, and else is one sentence and one
 * remedy on stderr, or an object on stdout for those who asked for JSON.
 */
export const run = async (
  request: Request,
  reply: Reply,
  context: Context,
  tell: Tell = tellReply,
): Promise<number> => {
  let asJson = false;
  let verbName: string | undefined;
  let isProgram = false;
  let target: Target | undefined;
  let stopTrace: () => void = () => undefined;
  try {
    const [first, ...others] = request.args;
    if (first === "help") return help(others, reply);
    const { verb, rest } = verbOf(request.args);
    verbName = verb.name;
    // Over a bridge a refusal has to be told from all else, so the codes are what they are everywhere.
    isProgram = verb.takesProgram === true && request.bridge === undefined;
    asJson = "json" in verb.flags && rest.includes("--json");
    const parsed = parse(verb, rest);
    target = namedTarget(verb, parsed);
    if (parsed.has("help")) {
      reply.print(helpOf(verb).trimEnd());
      return 0;
    }
    if (parsed.has("version")) {
      reply.print(`evercred ${context.daemon.version}`);
      return 0;
    }
    checkSandbox(verb, request);
    if (request.bridge !== undefined) admit(verb, request.bridge);
    // The log tells of everything that this daemon does, for whomever.
    else if (parsed.has("debug")) {
      stopTrace = context.trace((line) => {
        reply.say(line);
      });
    }
    return await verb.run(parsed, request, quieted(reply, parsed), context);
  } catch (thrown) {
    const error = request.bridge === undefined ? errorOf(thrown) : saidOnBridge(errorOf(thrown));
    if (error.code === "internal") context.surprised(thrown);
    noteRefused(verbName, target, error.exit, request, context);
    if (error.code === "policy-refused") noteForbidden(verbName, target, request, context);
    tell(error, reply, asJson);
    return isProgram ? programFailed : error.exit;
  } finally {
    stopTrace();
  }
};

/** How whoever asked learns what went wrong. */
export type Tell = (error: EvercredError, reply: Reply, asJson: boolean) => void;

const tellReply: Tell = ({ code, message, remedy }, reply, asJson) => {
  if (asJson) reply.printJson({ error: { code, message, remedy } });
  else reply.say(`evercred: ${message} ${remedy}`);
};

/**
 * Records what an organisation has not allowed, and of what, where that is there. Over a bridge every refusal is recorded
 * anyway.
 */
const noteForbidden = (
  verb: string | undefined,
  target: Target | undefined,
  { caller, bridge }: Request,
  { audit, broker }: Context,
): void => {
  if (bridge !== undefined) return;
  const known = broker.targets.find((each) => each === target);
  audit.note({
    event: "policy-refused",
    ...recordOf(caller),
    ...(verb === undefined ? {} : { verb }),
    ...(known === undefined ? {} : { target: known }),
  });
};

const quieted = (reply: Reply, parsed: Parsed): Reply =>
  parsed.has("quiet") ? { ...reply, say: () => undefined } : reply;

const help = (words: readonly string[], reply: Reply): number => {
  const [first] = words;
  reply.print((first === undefined ? usage : helpOf(verbOf(words).verb)).trimEnd());
  return 0;
};
