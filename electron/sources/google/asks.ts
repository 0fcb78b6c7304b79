import type { TokenCredential } from "../../core/credential.ts";
import { endings, EvercredError, hasCode } from "../../core/errors.ts";
import { type GoogleAsk, googleAskOf } from "../../core/google.ts";
import { Secret } from "../../core/secret.ts";
import type { Instant } from "../../core/time.ts";
import { jwtEndOf } from "../jwt.ts";
import { senselessReply } from "./errors.ts";
import {
  type Impersonation,
  impersonatedIdToken,
  impersonatedToken,
  type PlainToken,
} from "./impersonation.ts";
import type { GooglePorts } from "./ports.ts";
import { googleClock } from "./tokens.ts";

/** What a source has by itself. */
export interface Means {
  /** Of the source, for the sentences. */
  readonly id: string;
  /**
   * An access token of its own, with these scopes; none named: with those that it has. Rejects with `access-denied`
   * where it cannot have them.
   */
  plain(scopes: readonly string[]): Promise<PlainToken>;
  /** An identity token for an audience; left out where it cannot choose one. */
  idToken?(audience: string): Promise<string>;
  /** An identity token for whom it is anyway; left out where there is none. */
  ownIdToken?(): Promise<string>;
  /** The service accounts that the configuration has it become. */
  readonly impersonate: readonly string[];
  /** Where another cloud than Google's own has its impersonation. */
  readonly iamEndpoint?: string | undefined;
}

/** The scope that opens all of Google Cloud; what a person or a service account may do there is IAM's matter. */
export const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

/** What a key of `googleKeyOf` asks for. */
export const askOf = (key: string, id: string): GoogleAsk => {
  const ask = googleAskOf(key);
  if (ask === undefined) throw new EvercredError("access-denied", `${id} has no such thing.`);
  return ask;
};

/**
 * What is asked for, by what there is. Rejects with `token-rejected` where the grant may be over: a renewal will tell.
 */
export const issueAsk = async (
  ask: GoogleAsk,
  means: Means,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<TokenCredential> => {
  try {
    const [first, ...rest] = ask.impersonate.length > 0 ? ask.impersonate : means.impersonate;
    const impersonation = async (): Promise<Impersonation | undefined> => {
      if (first === undefined) return undefined;
      const { token: start } = await means.plain([]);
      return { id: means.id, chain: [first, ...rest], start, endpoint: means.iamEndpoint };
    };
    return ask.form === "access"
      ? await accessOf(ask, means, impersonation, ports, signal)
      : await identityOf(ask, means, impersonation, ports, signal);
  } catch (thrown) {
    if (!hasCode(thrown, ...endings)) throw thrown;
    throw new EvercredError("token-rejected", undefined, { cause: thrown });
  }
};

const accessOf = async (
  { scopes }: GoogleAsk,
  means: Means,
  impersonation: () => Promise<Impersonation | undefined>,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<TokenCredential> => {
  const chain = await impersonation();
  const wanted = scopes.length > 0 ? scopes : [cloudPlatform];
  const { token, ...plain } =
    chain === undefined
      ? await means.plain(scopes)
      : await impersonatedToken(chain, wanted, ports, signal);
  return { kind: "token", token: new Secret(token), ...plain };
};

const identityOf = async (
  { audience }: GoogleAsk,
  means: Means,
  impersonation: () => Promise<Impersonation | undefined>,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<TokenCredential> => {
  const chain = await impersonation();
  const token = await identityToken(audience, means, chain, ports, signal);
  const issuedAt = googleClock(ports).now();
  return { kind: "token", token: new Secret(token), scopes: [], issuedAt, expiresAt: endOf(token) };
};

const identityToken = async (
  audience: string | undefined,
  means: Means,
  chain: Impersonation | undefined,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<string> => {
  if (audience === undefined) {
    if (chain === undefined && means.ownIdToken !== undefined) return means.ownIdToken();
    throw new EvercredError("usage", "An identity token needs an audience.", {
      remedy: "Name it with --audience.",
    });
  }
  if (chain !== undefined) return impersonatedIdToken(chain, audience, ports, signal);
  if (means.idToken !== undefined) return means.idToken(audience);
  throw new EvercredError("usage", "A person's own sign-in cannot choose an audience.", {
    remedy: "Name a service account with --impersonate, or impersonate in the configuration.",
  });
};

/** When an identity token ends. */
const endOf = (token: string): Instant => {
  const end = jwtEndOf(token);
  // It is no JWT.
  if (end === undefined) throw senselessReply(undefined);
  return end;
};
