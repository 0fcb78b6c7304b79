import type { Route } from "../core/broker.ts";
import type { Credential } from "../core/credential.ts";
import { EvercredError, hasCode } from "../core/errors.ts";
import { fresherWithinMs } from "../core/policy.ts";
import type { Session } from "../core/session.ts";
import { within } from "../core/time.ts";
import { durationOf } from "./arguments.ts";
import { profileOf, sessionOf } from "./profile.ts";
import { signedInLine, signInAndWait, untilGone, wishOf } from "./sign-in.ts";
import type { Context, Flag, Json, Parsed, Reply, Request, Verb } from "./verb.ts";

/** Claude Code kills `awsAuthRefresh` after 180 s: we end first, and say why. */
const authRefreshMs = 165_000;

/** A silent verb answers within this time, whatever the provider does. Claude Code sets no limit of its own. */
const silentMs = 30_000;

const silentFlags: Readonly<Record<string, Flag>> = {
  profile: { value: "PROFILE", summary: "the AWS profile; else AWS_PROFILE, else the only one" },
  fresh: { summary: "fetch a new credential first, at most once a minute" },
  "sign-in": { summary: "if nobody is signed in, ask and wait" },
};

/** RFC 3339 in whole seconds where the provider's value is whole. */
const timestamp = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");

const issue = async (
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Credential> => {
  const { session, offer, name } = profileOf(parsed.value("profile"), request, context);
  const limit = parsed.value("timeout");
  const limitMs = limit === undefined ? silentMs : durationOf(limit);
  const fetch = async (): Promise<Credential> => {
    const credential = await within(
      context.clock,
      limitMs,
      untilGone(session.issue(offer.key, parsed.has("fresh")), request.signal),
      undefined,
    );
    if (credential !== undefined) return credential;
    throw new EvercredError("timed-out", `There was no answer for profile ${name} in time.`);
  };
  try {
    return await fetch();
  } catch (thrown) {
    if (!parsed.has("sign-in") || !hasCode(thrown, "sign-in-needed")) throw thrown;
  }
  // What is said of the sign-in must not mix with the payload.
  const aside: Reply = {
    ...reply,
    print: (line) => {
      reply.say(line);
    },
  };
  const wish = wishOf("terminal", parsed, request);
  const patienceMs = limit === undefined ? authRefreshMs : limitMs;
  await signInAndWait(session, wish, patienceMs, request, aside, context);
  return fetch();
};

const silent = (
  name: string,
  summary: string,
  about: string,
  form: (credential: Credential) => Json,
): Verb => ({
  name,
  summary,
  words: "",
  most: 0,
  flags: silentFlags,
  about,
  async run(parsed, request, reply, context) {
    reply.printJson(form(await issue(parsed, request, reply, context)));
    return 0;
  },
});

/** `awsCredentialExport` of Claude Code: the STS shape, SessionToken and Expiration always there. */
export const awsExport = silent(
  "aws export",
  "role keys for awsCredentialExport",
  'Prints {"Credentials":{AccessKeyId,SecretAccessKey,SessionToken,Expiration}}, from memory where it can. Opens no browser: where a sign-in is needed it exits 3 and the tray asks.',
  ({ accessKeyId, secretAccessKey, sessionToken, expiresAt }) => ({
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: timestamp(expiresAt),
    },
  }),
);

/** `credential_process` of the AWS SDKs, version 1. */
export const awsProcess = silent(
  "aws process",
  "role keys for credential_process",
  "Prints the JSON of credential_process, version 1. In ~/.aws/config, in a profile without sso_ keys of its own:\n  credential_process = /usr/bin/evercred aws process --profile PROFILE",
  ({ accessKeyId, secretAccessKey, sessionToken, expiresAt, accountId }) => ({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: timestamp(expiresAt),
    AccountId: accountId,
  }),
);

/** `awsAuthRefresh` of Claude Code: instant and silent on a live session, else a sign-in. */
export const awsLogin: Verb = {
  name: "aws login",
  summary: "sign in if need be, for awsAuthRefresh",
  words: "",
  most: 0,
  flags: {
    profile: { value: "PROFILE", summary: "the AWS profile; else AWS_PROFILE, else the only one" },
    "sso-session": { value: "SESSION", summary: "an sso-session or source, instead of a profile" },
    "device-code": { summary: "sign in with a code, on any machine" },
    "no-browser": { summary: "open no page here" },
  },
  about:
    "On a live session it answers at once and opens nothing. Else it prints the address (and the code), opens the page once where a person is there, waits, and gives up after 165 seconds; the sign-in then stays open in the tray.",
  async run(parsed, request, reply, context) {
    const named = parsed.value("sso-session");
    const route: { session: Session; offer: Route["offer"] | undefined } =
      named === undefined
        ? profileOf(parsed.value("profile"), request, context)
        : { session: sessionOf(named, context), offer: undefined };
    const { session } = route;
    if (!(await works(route, request, context))) {
      const by = Object.values(request.terminal).includes(true) ? "terminal" : "program";
      const limit = parsed.value("timeout");
      const patienceMs = limit === undefined ? authRefreshMs : durationOf(limit);
      const wish = wishOf(by, parsed, request);
      await signInAndWait(session, wish, patienceMs, request, reply, context);
      await works(route, request, context);
    }
    reply.print(signedInLine(session, context));
    return 0;
  },
};

/**
 * Whether the session serves this profile. Throws what no sign-in would mend: a refused role, a provider
 * that cannot be reached. A credential that is there but that the caller seems to doubt is fetched anew at its next use.
 */
const works = async (
  { session, offer }: { session: Session; offer: Route["offer"] | undefined },
  request: Request,
  context: Context,
): Promise<boolean> => {
  if (session.isSignedOut) return false;
  if (offer === undefined) return session.isLive || (await revived(session, request));
  const { issued } = session;
  const refusal = issued.refusalOf(offer.key);
  if (refusal !== undefined) throw refusal;
  if (session.isLive && issued.has(offer.key)) {
    issued.doubt(offer.key);
    return true;
  }
  try {
    const asked = untilGone(session.issue(offer.key), request.signal);
    await within(context.clock, fresherWithinMs, asked, undefined);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "sign-in-needed")) return false;
    throw thrown;
  }
};

const revived = async (session: Session, request: Request): Promise<boolean> => {
  try {
    await untilGone(session.revive(), request.signal);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "sign-in-needed")) return false;
    throw thrown;
  }
};
