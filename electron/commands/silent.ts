import { type AwsCredential, awsKeysOf, type Credential } from "../core/credential.ts";
import { EvercredError, hasCode } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { Target } from "../core/source.ts";
import { within } from "../core/time.ts";
import { durationOf } from "./arguments.ts";
import { noteServed } from "./on-bridge.ts";
import { profileOf } from "./profile.ts";
import { aside, signInAndWait, untilGone, wishOf } from "./sign-in.ts";
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

/** What somebody wants of a session. Never opens a browser, unless the caller says `--sign-in`. */
export const fetched = async (
  verb: string,
  { session, key, target, title, limitMs: usualMs = silentMs }: Wanted,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Credential> => {
  const limit = parsed.value("timeout");
  const limitMs = limit === undefined ? usualMs : durationOf(limit);
  const fetch = async (): Promise<Credential> => {
    const credential = await within(
      context.clock,
      limitMs,
      untilGone(session.issue(key, parsed.has("fresh")), request.signal),
      undefined,
    );
    if (credential === undefined) {
      throw new EvercredError("timed-out", `There was no answer for ${title} in time.`);
    }
    noteServed(verb, target, credential.expiresAt, request, context);
    return credential;
  };
  // Over a bridge there is nobody who could sign in.
  const maySignIn = parsed.has("sign-in") && request.bridge === undefined;
  try {
    return await fetch();
  } catch (thrown) {
    if (!maySignIn || !hasCode(thrown, "sign-in-needed")) throw thrown;
  }
  const wish = wishOf("terminal", parsed, request);
  const patienceMs = limit === undefined ? authRefreshMs : limitMs;
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
