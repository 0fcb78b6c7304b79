import { EvercredError } from "../core/errors.ts";
import { plain } from "./plain.ts";
import type { ClaudeChange, ClaudeScope, ClaudeWishes } from "./ports.ts";
import { canAsk } from "./question.ts";
import { type Changer, made, undone } from "./setup-change.ts";
import { chosenExtras, chosenProvider, type Setter } from "./setup-choice.ts";
import { commandLineFor } from "./setup-command.ts";
import { offerDifferences } from "./setup-differences.ts";
import { checkFlags, folderFor, oneOf, scopes, setupFlags } from "./setup-flags.ts";
import { managedFormOf, shimOn } from "./setup-print.ts";
import { type Extras, type Provider, wishesFor } from "./setup-provider.ts";
import { rivalsIn } from "./setup-rivals.ts";
import { moveSecrets } from "./setup-secrets.ts";
import { verifyAccess } from "./setup-verify.ts";
import type { Context, Reply, Verb } from "./verb.ts";

/** Connects Claude Code: writes its settings, so that it asks us for credentials. */
export const setupClaude: Verb = {
  name: "setup claude",
  summary: "have Claude Code take its credentials from Evercred",
  words: "",
  most: 0,
  flags: setupFlags,
  about:
    "Writes the helpers and variables of one provider into Claude Code's settings, and leaves all else there as it is. On a terminal it asks for what no flag says, shows what would change, and asks. What an earlier set-up wrote there goes. A copy of the file as it was is kept beside it; --undo takes back just what was set up, never a secret. Secrets in clear that outrank it are named, and moved into the keychain where you say so; so is what your shell knows of proxies and certificates and Evercred does not. At last it finds out whether Claude may be used there. With --print it prints settings for administrators and writes nothing.",
  async run(parsed, request, reply, context) {
    checkFlags(parsed);
    const form = managedFormOf(parsed.value("format"));
    const scope = oneOf("scope", parsed.value("scope") ?? "user", scopes);
    const changer: Changer = { parsed, request, reply };
    if (parsed.has("undo")) {
      await undone(context.claude.undo(writable(scope), folderFor(scope, request)), changer);
      return 0;
    }
    const setter: Setter = { ...changer, asks: canAsk(parsed, request) };
    if (scope === "managed" || parsed.has("print")) {
      const provider = await chosenProvider(setter, context);
      const extras = chosenExtras(setter, context);
      const platform = form.platform ?? process.platform;
      const wished = wishesOn(platform, provider, extras, context);
      for (const line of form.lines(wished)) reply.print(line);
      reply.say(`Put it into ${form.place(platform)}. Nothing has been written.`);
      return 0;
    }
    await set(scope, setter, context);
    return 0;
  },
};

/** `checkFlags` has refused the scope that is nobody's file. */
const writable = (scope: (typeof scopes)[number]): ClaudeScope => {
  if (scope !== "managed") return scope;
  throw new EvercredError("internal");
};

/** What Claude Code's settings have to say on a system. */
export const wishesOn = (
  platform: NodeJS.Platform,
  provider: Provider,
  extras: Extras,
  { daemon }: Context,
): ClaudeWishes => {
  const line = commandLineFor(platform);
  const shim = shimOn(platform, daemon.shim);
  return wishesFor(provider, extras, (...words) => line([shim, ...words]));
};

const set = async (scope: ClaudeScope, caller: Setter, context: Context): Promise<void> => {
  const { request, reply } = caller;
  // Flags that cannot be meant are refused before anything is moved.
  folderFor(scope, request);
  const extras = chosenExtras(caller, context);
  const setter = { ...caller, moved: await moveSecrets(caller, context) };
  const provider = await chosenProvider(setter, context);
  const wished = wishesOn(process.platform, provider, extras, context);
  const change = context.claude.set(scope, folderFor(scope, request), wished);
  const isMade = await made(change, setter);
  if (isMade) {
    const isNew = change.before !== change.after;
    const isTaken = isPlainJson(change.after);
    const done = isTaken ? "Claude Code is set up" : "Written";
    reply.print(`${isNew ? done : "Nothing to change"}: ${plain(change.file)}`);
    if (!isTaken) {
      reply.say(
        `Claude Code takes nothing from ${plain(change.file)} as long as comments or commas before } and ] are in it. Take them out.`,
      );
    }
    if (scope !== "user") {
      reply.say("Claude Code runs what stands there only once you trust that folder.");
    }
  }
  tellRivals(change, wished, provider, reply);
  await offerDifferences(setter, context);
  await verifyAccess(provider, wished, { ...setter, verb: "setup claude" }, context);
  if (isMade) reply.say(`To take it back: evercred setup claude --undo${scopeFlag(scope)}`);
};

/** As Claude Code reads it (2.1.331): it refuses what editors take. */
const isPlainJson = (text = "{}"): boolean => {
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return true;
  } catch {
    return false;
  }
};

const scopeFlag = (scope: ClaudeScope): string => (scope === "user" ? "" : ` --scope ${scope}`);

/** Names what in the file leads elsewhere than what was set up. Secrets that outrank it have been named before. */
const tellRivals = (
  { file, env }: ClaudeChange,
  wished: ClaudeWishes,
  provider: Provider,
  reply: Reply,
): void => {
  for (const name of rivalsIn(env, wished.env, provider)) {
    reply.say(`${plain(name)} in ${plain(file)} leads Claude Code elsewhere. Take it out there.`);
  }
};
