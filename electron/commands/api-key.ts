import { keyFaultOf } from "../core/api-key.ts";
import { type TokenCredential, tokenOf } from "../core/credential.ts";
import { EvercredError } from "../core/errors.ts";
import { signInCommandOf } from "../core/source.ts";
import { anyWords, keyNameOf, keyRouteOf } from "./api-key-name.ts";
import { type NamedRoute, routeOnBridge } from "./on-bridge.ts";
import { fetched, fetchFlags } from "./silent.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

/** A key, as `apiKeyHelper` of Claude Code wants it. */
export const apiKey: Verb = {
  name: "api-key",
  summary: "a key, for Claude Code's apiKeyHelper",
  words: "NAME",
  most: anyWords,
  flags: fetchFlags,
  onBridge: true,
  about:
    "Prints the key and a newline, from memory where it can. Opens nothing: where a sign-in is needed, or the key has to be entered, it exits 3 and the tray asks. A key that Claude Code would not take is an error. Over a bridge without a name it is the only one that is served there.",
  async run(parsed, request, reply, context) {
    const wanted = wantedOf(parsed, request, context);
    const token = await keyOf("api-key", wanted, parsed, request, reply, context);
    reply.printForm({ token }, ({ token: clear = "" }) => `${fitting(clear, wanted, context)}\n`);
    return 0;
  },
};

const wantedOf = (parsed: Parsed, request: Request, context: Context): NamedRoute => {
  const { bridge } = request;
  if (bridge !== undefined && parsed.words.length === 0) {
    return routeOnBridge("api-key", undefined, bridge, context);
  }
  return keyRouteOf(keyNameOf(parsed, context), request, context);
};

/** A key of the caller's, as `fetched` has it. */
export const keyOf = async (
  verb: string,
  { session, offer, target, name }: NamedRoute,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<TokenCredential["token"]> => {
  const wanted = { session, key: offer.key, target, title: `key ${name}` };
  return tokenOf(await fetched(verb, wanted, parsed, request, reply, context)).token;
};

/** A key in clear, unless Claude Code would not take it. Throws `key-unfit`. */
export const fitting = (
  clear: string,
  { name, session }: NamedRoute,
  { daemon }: Context,
): string => {
  const fault = keyFaultOf(clear);
  if (fault === undefined) return clear;
  const { source } = session;
  throw new EvercredError("key-unfit", `The key ${name} ${fault}: Claude Code does not take it.`, {
    remedy:
      source.enteredBy === undefined
        ? `Correct keys.${name} in ${daemon.configFile}.`
        : `Enter another one: ${signInCommandOf(source)}`,
  });
};
