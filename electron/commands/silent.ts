import { type AwsCredential, awsKeysOf, type Credential } from "../core/credential.ts";
import { errorOf, EvercredError, hasCode } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { Target } from "../core/source.ts";
import { within } from "../core/time.ts";
import { durationOf } from "./arguments.ts";
import { patiently } from "./patience.ts";
import { profileOf } from "./profile.ts";
import { aside, askerBehind, personMs, signInAndWait, untilGone, wishOf } from "./sign-in.ts";
import type { Context, Flag, Parsed, Reply, Request } from "./verb.ts";

/** Claude Code kills `awsAuthRefresh` and `gcpAuthRefresh` after 180 s: we end first, and say why. */
export const authRefreshMs = 165_000;

/** A silent verb answers within this time, whatever the provider does. Claude Code sets no limit of its own. */
const silentMs = 30_000;

/** The flags of every verb that hands out a credential, or makes something of it. */
export const fetchFlags: Readonly<Record<string, Flag>> = {
  fresh: { summary: "fetch a new credential first, at most once a minute" },
  "sign-in": { summary: "if nobody is signed in, ask and wait" },
};

/** The flags of every such verb for what belongs to a profile. */
export const silentFlags: Readonly<Record<string, Flag>> = {
  profile: { value: "PROFILE", summary: "the AWS profile; else AWS_PROFILE, else the only one" },
  ...fetchFlags,
};

/** What is to be handed out. */
export interface Wanted {
  readonly session: Session;
  readonly key: string;
  readonly target: Target;
  /** For people: `profile dev`. */
  readonly title: string;
  /** Within which time the caller wants an answer, in milliseconds, where it says nothing else. Left out: 30 s. */
  readonly limitMs?: number;
}

/**
 * What somebody wants of a session, and may have. Never opens a browser, unless the caller says `--sign-in`. What it
 * comes to is recorded.
 */
export const fetched = async (
  verb: string,
  wanted: Wanted,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Credential> => {
  try {
    const limitMs = await admitted(wanted, parsed, request, context);
    const credential = await fetchedWithin(limitMs, wanted, parsed, request, reply, context);
    const { expiresAt } = credential;
    context.gate.served(request.caller, wanted.target, expiresAt, verb);
    if (request.bridge !== undefined) {
      context.bridges.served(request.bridge.name, wanted.target, expiresAt);
    }
    return credential;
  } catch (thrown) {
    noteRefused(verb, wanted, errorOf(thrown), request, context);
    throw thrown;
  }
};

/** Records that it was not given out. Over a bridge, and where a policy has refused it, `run` does that for every verb. */
export const noteRefused = (
  verb: string,
  { target }: Pick<Wanted, "target">,
  error: EvercredError,
  { bridge, caller }: Request,
  { gate }: Context,
): void => {
  const isNoted = bridge !== undefined || error.code === "policy-refused";
  // Who has gone was refused nothing.
  if (!isNoted && error.code !== "cancelled") gate.refused(caller, target, error, verb);
};

/**
 * Resolves once the caller may have what it wants, to the time that is left for fetching it, in milliseconds: what
 * waits for a person counts where whoever runs the verb has a limit, and only there.
 */
const admitted = async (
  { target, limitMs }: Wanted,
  parsed: Parsed,
  { caller, signal }: Request,
  { gate, clock }: Context,
): Promise<number> => {
  const limit = parsed.value("timeout");
  const boundMs = limit === undefined ? limitMs : durationOf(limit);
  const startedAt = clock.now();
  await gate.admit(caller, target, { ms: boundMs ?? personMs, signal });
  return boundMs === undefined ? silentMs : Math.max(0, boundMs - (clock.now() - startedAt));
};

const fetchedWithin = async (
  limitMs: number,
  { session, key, title }: Wanted,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Credential> => {
  const fetch = async (): Promise<Credential> => {
    const issued = untilGone(session.issue(key, parsed.has("fresh")), request.signal);
    const work = within(context.clock, limitMs, issued, undefined);
    const credential = await patiently(title, work, request, reply, context.clock);
    if (credential === undefined) {
      throw new EvercredError("timed-out", `There was no answer for ${title} in time.`);
    }
    return credential;
  };
  // Over a bridge there is nobody who could sign in.
  const maySignIn = parsed.has("sign-in") && request.bridge === undefined;
  try {
    return await fetch();
  } catch (thrown) {
    if (!maySignIn || !hasCode(thrown, "sign-in-needed")) throw thrown;
  }
  const wish = wishOf(askerBehind(request), parsed, request);
  const patienceMs = parsed.value("timeout") === undefined ? authRefreshMs : limitMs;
  await signInAndWait(session, wish, patienceMs, request, aside(reply), context);
  return fetch();
};

/** What a silent verb for a profile works with. */
export interface Handed {
  readonly credential: AwsCredential;
  /** The profile's name. */
  readonly profile: string;
  readonly target: Target;
  /** Where its programs work, if the configuration says so. */
  readonly region: string | undefined;
}

/** The caller's profile and its keys, as `fetched` has them. */
export const issue = async (
  verb: string,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Handed> => {
  const { session, offer, name, target } = profileOf(parsed.value("profile"), request, context);
  const wanted = { session, key: offer.key, target, title: `profile ${name}` };
  const credential = awsKeysOf(await fetched(verb, wanted, parsed, request, reply, context));
  return { credential, profile: name, target, region: offer.region };
};

/** RFC 3339 in whole seconds where the provider's value is whole. */
export const timestamp = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");
