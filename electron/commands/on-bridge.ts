import type { Route } from "../core/broker.ts";
import { EvercredError, hasCode } from "../core/errors.ts";
import { type Target, targetOf } from "../core/source.ts";
import type { Context, Parsed, Request, Verb } from "./verb.ts";

/** The bridge that a request came over. */
export type Bridge = NonNullable<Request["bridge"]>;

/** The kinds of targets, and how people call one. */
const kinds = {
  aws: { one: "AWS profile", short: "profile", choice: "Name one with --profile." },
  gcp: { one: "Google account", short: "Google account", choice: "Name one with --account." },
  "api-key": { one: "key", short: "key", choice: "Write: evercred api-key NAME" },
} as const;

type Kind = keyof typeof kinds;

/** Throws `policy-refused` unless this verb may be asked for over this bridge. */
export const admit = (verb: Verb, { name }: Bridge): void => {
  if (verb.onBridge === true) return;
  const sentence = `evercred ${verb.name} cannot be asked for over the bridge ${name}.`;
  throw new EvercredError("policy-refused", sentence, { remedy: "Run it where Evercred runs." });
};

/** A target, by the name in it, and where it leads. */
export type NamedRoute = { readonly name: string; readonly target: Target } & Route;

/**
 * What is meant over a bridge: what the caller names, else the only one of its kind that the bridge serves. Whatever it
 * does not serve is refused alike, known or not: nothing can be found out there.
 */
export const routeOnBridge = (
  kind: Kind,
  named: string | undefined,
  bridge: Bridge,
  context: Context,
): NamedRoute => {
  const target = targetOn(kind, named, bridge);
  const name = nameIn(target);
  try {
    return { name, target, ...context.broker.route(target) };
  } catch (thrown) {
    if (!hasCode(thrown, "unknown-name")) throw thrown;
    // The broker would name what is there instead.
    throw new EvercredError("unknown-name", `There is no ${kinds[kind].short} ${name} any more.`, {
      remedy: "See, where Evercred runs: evercred status",
    });
  }
};

const nameIn = (target: Target): string => target.slice(target.indexOf(":") + 1);

const targetOn = (kind: Kind, named: string | undefined, { name, allow }: Bridge): Target => {
  const { one, short, choice } = kinds[kind];
  const served = allow.filter((target) => target.startsWith(`${kind}:`));
  if (named !== undefined) {
    const target = targetOf(kind, named);
    if (served.includes(target)) return target;
    throw new EvercredError("policy-refused", `The bridge ${name} does not serve ${target}.`, {
      remedy: "Make one that does, where Evercred runs: evercred bridge add",
    });
  }
  const [only, ...others] = served;
  if (only === undefined) {
    throw new EvercredError("policy-refused", `The bridge ${name} serves no ${one}.`, {
      remedy: "Make one that does, where Evercred runs: evercred bridge add",
    });
  }
  if (others.length === 0) return only;
  const names = served.map(nameIn).join(", ");
  throw new EvercredError("ambiguous-name", `Which ${short}? The bridge ${name} serves ${names}.`, {
    remedy: choice,
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

/** Whether a verb is about targets of this kind: `aws export`, `api-key`. */
const isOf = (kind: Kind, verb: string | undefined): boolean => verb?.split(" ", 1)[0] === kind;

/** The target that a command line names. */
export const namedTarget = ({ name }: Verb, parsed: Parsed): Target | undefined => {
  if (isOf("api-key", name)) {
    const [key = ""] = parsed.words;
    // What is no name may be the key itself.
    return /^[a-z0-9-]{1,32}$/.test(key) ? targetOf("api-key", key) : undefined;
  }
  const account = parsed.value(name.startsWith("gcp ") ? "account" : "gcp-account");
  if (account !== undefined) return targetOf("gcp", account);
  const profile = parsed.value("profile");
  return profile === undefined ? undefined : targetOf("aws", profile);
};

/**
 * Records that something was asked for over a bridge and not given out. What the bridge does not serve is not named: the
 * record is not there to be filled with a caller's own texts.
 */
export const noteRefused = (
  verb: string | undefined,
  named: Target | undefined,
  exit: number,
  request: Request,
  context: Context,
): void => {
  if (request.bridge === undefined) return;
  const { name, allow } = request.bridge;
  const family = (Object.keys(kinds) as Kind[]).find((kind) => isOf(kind, verb));
  const [only, ...others] = allow.filter((each) => each.startsWith(family ?? ""));
  const meant = named ?? (others.length === 0 ? only : undefined);
  const target = allow.find((each) => each === meant);
  context.audit.note({
    event: "refused",
    bridge: name,
    exit,
    ...(verb === undefined ? {} : { verb }),
    ...(target === undefined ? {} : { target }),
  });
};
