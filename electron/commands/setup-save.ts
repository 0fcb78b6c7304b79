import { EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { enter } from "./api-key-enter.ts";
import { isKeyName, keyRouteOf } from "./api-key-name.ts";
import { answerTo } from "./question.ts";
import type { Setter } from "./setup-choice.ts";
import type { Context, Request } from "./verb.ts";

/** Longer is no name of a key. */
const mostChars = 32;

/** A name that no key and no source has: what the caller types, or the usual one, with a number where it is taken. */
export const newKeyName = async (
  usual: string,
  { parsed, reply, asks }: Setter,
  context: Context,
): Promise<string> => {
  const proposed = freeKeyName(usual, context);
  if (!asks || parsed.has("yes") || parsed.has("move-secrets")) return proposed;
  for (;;) {
    const typed = await answerTo(`The name of its key (enter for ${proposed}):`, reply);
    if (typed === "") return proposed;
    if (isKeyName(typed) && !isTaken(typed, context)) return typed;
    // It may be the secret itself: it is not repeated.
    reply.say("That is no free name: take a-z, 0-9 and dashes, 32 characters at most.");
  }
};

/** A name that no key and no source has: the usual one, with a number where it is taken. */
export const freeKeyName = (usual: string, context: Context): string => {
  for (let count = 1; ; count++) {
    const end = count === 1 ? "" : `-${String(count)}`;
    const name = usual.slice(0, mostChars - end.length) + end;
    if (!isTaken(name, context)) return name;
  }
};

const isTaken = (name: string, context: Context): boolean => {
  const { keys, sources } = context.settings();
  const isNamed = Object.hasOwn(keys, name) || Object.hasOwn(sources, name);
  return isNamed || context.broker.session(name) !== undefined;
};

/**
 * Makes a static key of this secret, which is in the keychain then. Throws where it cannot be kept there for good;
 * there is no such key then.
 */
export const saveKey = async (
  name: string,
  secret: Secret,
  request: Request,
  context: Context,
): Promise<void> => {
  const place = ["keys", name];
  await context.config.set(place, { kind: "static" });
  try {
    const { session } = keyRouteOf(name, request, context);
    // What a key of this name has left that was there before is not this one's secret.
    if (session.isSignedIn) await session.signOut();
    await enter(secret, session, request);
    if (session.durable) return;
    await session.signOut();
    throw new EvercredError("keychain-locked", "It could be kept in memory only.");
  } catch (thrown) {
    await context.config.set(place, undefined);
    throw thrown;
  }
};

/** Takes a key back that `saveKey` has just made, and its secret out of the keychain. */
export const dropKey = async (name: string, request: Request, context: Context): Promise<void> => {
  await keyRouteOf(name, request, context).session.signOut();
  await context.config.set(["keys", name], undefined);
};
