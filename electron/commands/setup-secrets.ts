import { EvercredError, hasCode } from "../core/errors.ts";
import { plain } from "./plain.ts";
import { profileNames } from "./profile.ts";
import { agrees } from "./question.ts";
import type { Setter } from "./setup-choice.ts";
import { keepProxyUser } from "./setup-proxy.ts";
import type { FoundSecret, MovableSecret } from "./setup-ports.ts";
import { dropKey, newKeyName, saveKey } from "./setup-save.ts";
import type { Context } from "./verb.ts";

/** The keys into which secrets were moved, by variable. */
export type Moved = ReadonlyMap<string, string>;

/**
 * Names the secrets that stand in clear in files from which people's tools get their variables, and moves into the
 * keychain those that the caller says, or all with --move-secrets. Their values are never said.
 */
export const moveSecrets = async (setter: Setter, context: Context): Promise<Moved> => {
  const { request, reply } = setter;
  const isOrganisation = ({ kind }: { readonly kind: string }): boolean => kind === "aws-sso";
  const found = context.setupFiles.secrets(request.cwd, profileNames(context, isOrganisation));
  const keys = new Map<string, string>();
  const moved = new Map<string, string>();
  let isLeft = false;
  for (const each of found) {
    reply.say(sentenceOf(each));
    if (each.isComputed) {
      reply.say("It cannot be moved. Take it out there.");
    } else if (each.movable === undefined) {
      reply.say("It cannot be moved by itself. Take it out there, and have it replaced.");
    } else if (await isMeant(setter)) {
      const { identity, proxy } = each.movable;
      const key = await taken(each, each.movable, keys.get(identity), setter, context);
      if (key === undefined) continue;
      reply.say(`Moved into the key ${key}. Others may have read it: have it replaced.`);
      if (proxy === undefined) moved.set(each.name, key);
      else if (!keys.has(identity)) await keepProxyUser(proxy, key, setter, context);
      keys.set(identity, key);
    } else isLeft = true;
  }
  if (isLeft && !setter.asks) reply.say("To move them into the keychain: add --move-secrets");
  return moved;
};

const sentenceOf = ({ file, line, name, profile, isComputed }: FoundSecret): string => {
  const isProxy = /^(?:https?|all)_proxy$/i.test(name);
  const what = isProxy ? `A password in ${plain(name)}` : plain(name);
  const where = `${plain(file)}:${String(line)}`;
  const of = profile === undefined ? "" : ` (profile ${plain(profile)})`;
  const rank = isProxy ? "" : " Where it is used, it outranks what Evercred gives.";
  return `${what} ${isComputed ? "is set" : "stands in clear"} in ${where}${of}.${rank}`;
};

const isMeant = async ({ parsed, reply, asks }: Setter): Promise<boolean> => {
  if (parsed.has("dry-run")) return false;
  if (parsed.has("move-secrets")) return true;
  return asks && !parsed.has("yes") && agrees("Move it into the keychain?", reply);
};

/** The key, `known` or new, in which the secret is now, and nowhere else; undefined where it stays where it is. */
const taken = async (
  found: FoundSecret,
  movable: MovableSecret,
  known: string | undefined,
  setter: Setter,
  context: Context,
): Promise<string | undefined> => {
  const key = known ?? (await kept(found, movable, setter, context));
  if (key === undefined) return undefined;
  try {
    movable.take(key);
    return key;
  } catch (thrown) {
    // What has not been moved is no key: the next try would make another one.
    if (known === undefined) await dropKey(key, setter.request, context);
    sayStays(thrown, setter);
    return undefined;
  }
};

const sayStays = (thrown: unknown, { reply }: Setter): void => {
  if (!(thrown instanceof EvercredError) || hasCode(thrown, "cancelled")) throw thrown;
  reply.say(`It stays there. ${thrown.message} ${thrown.remedy}`);
};

/** The key in which the secret is now, for good; undefined where it cannot be kept. */
const kept = async (
  { name }: FoundSecret,
  { secret, proxy }: MovableSecret,
  setter: Setter,
  context: Context,
): Promise<string | undefined> => {
  const usual = proxy === undefined ? name.toLowerCase().replaceAll("_", "-") : "proxy";
  const key = await newKeyName(usual, setter, context);
  try {
    await saveKey(key, secret, setter.request, context);
    return key;
  } catch (thrown) {
    sayStays(thrown, setter);
    return undefined;
  }
};
