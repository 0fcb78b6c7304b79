import { EvercredError } from "../core/errors.ts";
import { plain } from "./plain.ts";
import type { ClaudeChange, ClaudeScope, ClaudeWishes } from "./ports.ts";
import { agrees, canAsk } from "./question.ts";
import { chosenExtras, chosenProvider, type Setter } from "./setup-choice.ts";
import { commandLineFor } from "./setup-command.ts";
import { diffOf } from "./setup-diff.ts";
import { checkFlags, oneOf, scopes, setupFlags } from "./setup-flags.ts";
import { managedFormOf, shimOn } from "./setup-print.ts";
import { type Extras, type Provider, wishesFor } from "./setup-provider.ts";
import { rivalsIn } from "./setup-rivals.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

/** Connects Claude Code: writes its settings, so that it asks us for credentials. */
export const setupClaude: Verb = {
  name: "setup claude",
  summary: "have Claude Code take its credentials from Evercred",
  words: "",
  most: 0,
  flags: setupFlags,
  about:
    "Writes the helpers and variables of one provider into Claude Code's settings, and leaves all else there as it is. On a terminal it asks for what no flag says, shows what would change, and asks. What an earlier set-up wrote there goes. A copy of the file as it was is kept beside it; --undo takes back just what was set up. With --print it prints settings for administrators and writes nothing.",
  async run(parsed, request, reply, context) {
    checkSandbox(request);
    checkFlags(parsed);
    const form = managedFormOf(parsed.value("format"));
    const scope = oneOf("scope", parsed.value("scope") ?? "user", scopes);
    const caller: Caller = { parsed, request, reply };
    if (parsed.has("undo")) return undo(writable(scope), caller, context);
    const setter = { ...caller, asks: canAsk(parsed, request) };
    const provider = await chosenProvider(setter, context);
    const extras = chosenExtras(setter, context);
    if (scope === "managed" || parsed.has("print")) {
      const platform = form.platform ?? process.platform;
      for (const line of form.lines(wishes(provider, extras, platform, context))) reply.print(line);
      reply.say(`Put it into ${form.place(platform)}. Nothing has been written.`);
      return 0;
    }
    return set(scope, provider, extras, setter, context);
  },
};

interface Caller {
  readonly parsed: Parsed;
  readonly request: Request;
  readonly reply: Reply;
}

/** `checkFlags` has refused the scope that is nobody's file. */
const writable = (scope: (typeof scopes)[number]): ClaudeScope => {
  if (scope !== "managed") return scope;
  throw new EvercredError("internal");
};

const checkSandbox = ({ env }: Request): void => {
  if (!/^(?:true|1)$/i.test(env["CLAUDE_CODE_REMOTE"] ?? "")) return;
  throw new EvercredError(
    "policy-refused",
    "This is a cloud sandbox of Claude Code: no credentials are handed out there, and nothing was written.",
    { remedy: "Run it on your own computer." },
  );
};

const wishes = (
  provider: Provider,
  extras: Extras,
  platform: NodeJS.Platform,
  { daemon }: Context,
): ClaudeWishes => {
  const line = commandLineFor(platform);
  const shim = shimOn(platform, daemon.shim);
  return wishesFor(provider, extras, (...words) => line([shim, ...words]));
};

const set = async (
  scope: ClaudeScope,
  provider: Provider,
  extras: Extras,
  setter: Setter,
  context: Context,
): Promise<number> => {
  const { request, reply } = setter;
  const wished = wishes(provider, extras, process.platform, context);
  const change = context.claude.set(scope, request.cwd, wished);
  const file = plain(change.file);
  const isMade = await made(change, setter);
  if (isMade) {
    const isNew = change.before !== change.after;
    reply.print(`${isNew ? "Claude Code is set up" : "Nothing to change"}: ${file}`);
    if (scope !== "user") {
      reply.say("Claude Code runs what stands there only once you trust that folder.");
    }
  }
  tellRivals(change, wished, provider, reply);
  if (isMade) reply.say(`To take it back: evercred setup claude --undo${scopeFlag(scope)}`);
  return 0;
};

const scopeFlag = (scope: ClaudeScope): string => (scope === "user" ? "" : ` --scope ${scope}`);

const undo = async (scope: ClaudeScope, caller: Caller, context: Context): Promise<number> => {
  const { request, reply } = caller;
  const change = context.claude.undo(scope, request.cwd);
  if (change === undefined) {
    reply.print("Nothing was set up there.");
    return 0;
  }
  if (!(await made(change, caller))) return 0;
  const isGone = change.after === undefined;
  reply.print(`${isGone ? "Removed" : "As before"}: ${plain(change.file)}`);
  return 0;
};

/** Makes a change, after the caller has seen it where it is on a terminal. False with --dry-run: then it is printed. */
const made = async (change: ClaudeChange, { parsed, request, reply }: Caller): Promise<boolean> => {
  const diff = diffOf(change.file, change.before, change.after);
  if (parsed.has("dry-run")) {
    for (const line of diff) reply.print(line);
    if (diff.length === 0) reply.say(`Nothing would change in ${plain(change.file)}.`);
    return false;
  }
  if (diff.length > 0 && !parsed.has("yes") && canAsk(parsed, request)) {
    for (const line of diff) reply.say(line);
    if (!(await agrees(`Change ${plain(change.file)} so?`, reply))) {
      throw new EvercredError("cancelled", "Nothing was changed.");
    }
  }
  change.make();
  return true;
};

/** Names what in the file decides instead of what was set up. Its values are never said. */
const tellRivals = (
  { file, env }: ClaudeChange,
  wished: ClaudeWishes,
  provider: Provider,
  reply: Reply,
): void => {
  const { ways, secrets } = rivalsIn(env, wished.env, provider);
  for (const name of ways) {
    reply.say(`${plain(name)} in ${plain(file)} leads Claude Code elsewhere. Take it out there.`);
  }
  for (const name of secrets) {
    reply.say(
      `${name} in ${plain(file)} outranks what Evercred gives. Take it out there, and have it replaced: others may have read it.`,
    );
  }
};
