import type { Route } from "../core/broker.ts";
import { EvercredError, hasCode } from "../core/errors.ts";
import { type Target, targetOf } from "../core/source.ts";
import type { Instant } from "../core/time.ts";
import type { Context, Request, Verb } from "./verb.ts";

/** The bridge that a request came over. */
export type Bridge = NonNullable<Request["bridge"]>;

const prefix = "aws:";

/** Longer than a name that somebody means: the record is not there to be filled up. */
const recordedChars = 128;

/** Throws `policy-refused` unless this verb may be asked for over this bridge. */
export const admit = (verb: Verb, { name }: Bridge): void => {
  if (verb.onBridge === true) return;
  const sentence = `evercred ${verb.name} cannot be asked for over the bridge ${name}.`;
  throw new EvercredError("policy-refused", sentence, { remedy: "Run it where Evercred runs." });
};

/**
 * The profile that is meant over a bridge: the flag, else the only one that the bridge serves. Whatever it does not
 * serve is refused alike, known or not: nothing can be found out there.
 */
export const profileOnBridge = (
  flag: string | undefined,
  bridge: Bridge,
  context: Context,
): { readonly name: string } & Route => {
  const target = targetOn(flag, bridge);
  const name = target.slice(prefix.length);
  try {
    return { name, ...context.broker.route(target) };
  } catch (thrown) {
    if (!hasCode(thrown, "unknown-name")) throw thrown;
    // The broker would name what is there instead.
    throw new EvercredError("unknown-name", `There is no profile ${name} any more.`, {
      remedy: "See, where Evercred runs: evercred status",
    });
  }
};

const targetOn = (flag: string | undefined, { name, allow }: Bridge): Target => {
  const served = allow.filter((target) => target.startsWith(prefix));
  if (flag !== undefined) {
    const target = targetOf("aws", flag);
    if (served.includes(target)) return target;
    throw new EvercredError("policy-refused", `The bridge ${name} does not serve ${target}.`, {
      remedy: "Make one that does, where Evercred runs: evercred bridge add",
    });
  }
  const [only, ...others] = served;
  if (only === undefined) {
    throw new EvercredError("policy-refused", `The bridge ${name} serves no AWS profile.`, {
      remedy: "Make one that does, where Evercred runs: evercred bridge add",
    });
  }
  if (others.length === 0) return only;
  const names = served.map((target) => target.slice(prefix.length)).join(", ");
  throw new EvercredError("ambiguous-name", `Which profile? The bridge ${name} serves ${names}.`, {
    remedy: "Name one with --profile.",
  });
};

/** Throws `policy-refused` where a request came over a bridge: this flag has no sense there. */
export const refuseFlagOnBridge = (flag: string, { bridge }: Request): void => {
  if (bridge === undefined) return;
  const sentence = `--${flag} cannot be used over the bridge ${bridge.name}.`;
  throw new EvercredError("policy-refused", sentence, { remedy: "Leave it out." });
};

/** What is said over a bridge: nobody can sign in there. */
export const saidOnBridge = (error: EvercredError): EvercredError => {
  if (error.exit !== 3) return error;
  return new EvercredError(error.code, error.message, {
    remedy: "Sign in on the computer that the bridge leads to.",
    cause: error,
  });
};

/** Records that something was given out over a bridge. */
export const noteServed = (
  verb: string,
  profile: string,
  expiresAt: Instant | undefined,
  request: Request,
  context: Context,
): void => {
  if (request.bridge === undefined) return;
  const { name } = request.bridge;
  const target = targetOf("aws", profile);
  const until = expiresAt === undefined ? {} : { expiresAt };
  context.audit.note({ event: "served", bridge: name, target, verb, exit: 0, ...until });
  if (expiresAt !== undefined) context.bridges.served(name, target, expiresAt);
};

/** Records that something was asked for over a bridge and not given out. */
export const noteRefused = (
  verb: string | undefined,
  profile: string | undefined,
  exit: number,
  request: Request,
  context: Context,
): void => {
  if (request.bridge === undefined) return;
  const { name, allow } = request.bridge;
  const [only, ...others] = allow;
  const implied = others.length === 0 ? only : undefined;
  const target = profile === undefined ? implied : targetOf("aws", profile);
  context.audit.note({
    event: "refused",
    bridge: name,
    exit,
    ...(verb === undefined ? {} : { verb }),
    ...(target === undefined ? {} : { target: target.slice(0, recordedChars) }),
  });
};
