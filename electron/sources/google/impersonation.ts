import * as z from "zod";
import { EvercredError } from "../../core/errors.ts";
import { type Instant, instantOf } from "../../core/time.ts";
import { shown } from "../shown.ts";
import { ownErrorIn } from "../own-error.ts";
import { exchangeErrorOf, senselessReply } from "./errors.ts";
import type { GooglePorts } from "./ports.ts";
import { refusalIn } from "./refusal.ts";
import { googleClock } from "./tokens.ts";

/** An access token, as it is handed out. */
export interface PlainToken {
  readonly token: string;
  readonly scopes: readonly string[];
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** Service accounts to become, each by means of the one before it. */
export interface Impersonation {
  /** Of the source, for the sentences. */
  readonly id: string;
  readonly chain: readonly [string, ...string[]];
  /** An access token of whoever becomes the first one. */
  readonly start: string;
  /** Where that is asked for; left out: Google's own. */
  readonly endpoint?: string | undefined;
  /** In seconds; left out: an hour. */
  readonly lifetime?: number | undefined;
}

const accessForm = z.object({
  access_token: z.string().min(1),
  expiry_date: z.number().int().positive(),
});

/** An access token of the last of a chain. Rejects with `token-rejected` where the start is not good, with `access-denied` where that may not be. */
export const impersonatedToken = async (
  impersonation: Impersonation,
  scopes: readonly string[],
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<PlainToken> => {
  const client = await clientOf(impersonation, scopes, ports, signal);
  try {
    await client.getAccessToken();
    const reply = accessForm.safeParse(client.credentials);
    if (!reply.success) throw senselessReply(reply.error);
    return {
      token: reply.data.access_token,
      scopes,
      issuedAt: googleClock(ports).now(),
      expiresAt: instantOf(reply.data.expiry_date),
    };
  } catch (thrown) {
    throw refused(impersonation, thrown, signal);
  }
};

/** An identity token of the last of a chain, as `impersonatedToken`. */
export const impersonatedIdToken = async (
  impersonation: Impersonation,
  audience: string,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<string> => {
  const client = await clientOf(impersonation, [], ports, signal);
  try {
    return await client.fetchIdToken(audience, { includeEmail: true });
  } catch (thrown) {
    throw refused(impersonation, thrown, signal);
  }
};

const lastOf = (chain: Impersonation["chain"]): string => chain[chain.length - 1] ?? chain[0];

/** The form in which the API wants delegates; files have it with or without. */
const resources = "projects/-/serviceAccounts/";

const plainName = (name: string): string =>
  name.startsWith(resources) ? name.slice(resources.length) : name;

/** It goes into an address. */
const checkName = (name: string): void => {
  if (/^[a-z0-9][a-z0-9.@-]*$/iu.test(plainName(name))) return;
  throw new EvercredError("usage", `"${shown(name)}" is not the name of a service account.`, {
    remedy: "Name its e-mail address.",
  });
};

const clientOf = async (
  { chain, start, endpoint, lifetime }: Impersonation,
  scopes: readonly string[],
  ports: GooglePorts,
  signal: AbortSignal,
) => {
  for (const name of chain) checkName(name);
  const { Impersonated, OAuth2Client, Transport } = await import("./sdk.ts");
  const transporter = new Transport(ports, signal);
  const sourceClient = new OAuth2Client({ transporter, useAuthRequestParameters: false });
  sourceClient.setCredentials({ access_token: start });
  return new Impersonated({
    sourceClient,
    targetPrincipal: lastOf(chain),
    delegates: chain.slice(0, -1).map((name) => `${resources}${plainName(name)}`),
    targetScopes: [...scopes],
    ...(endpoint !== undefined && { endpoint }),
    ...(lifetime !== undefined && { lifetime }),
    transporter,
    useAuthRequestParameters: false,
  });
};

const role = "roles/iam.serviceAccountTokenCreator";

const refused = ({ id, chain }: Impersonation, thrown: unknown, signal: AbortSignal): Error => {
  signal.throwIfAborted();
  const own = ownErrorIn(thrown);
  if (own !== undefined) return own;
  const refusal = refusalIn(thrown);
  if (refusal === undefined) return senselessReply(thrown);
  const { status, description } = refusal;
  const name = shown(lastOf(chain));
  const words = shown(description).replace(/\.$/, "");
  if (status === 401) {
    const sentence = `Google no longer accepts the access token of ${id}.`;
    return new EvercredError("token-rejected", sentence, { cause: thrown });
  }
  if (status === 403 && /has not been used|disabled/iu.test(description)) {
    return new EvercredError(
      "access-denied",
      `${id} cannot become ${name}. Google says: ${words}.`,
      {
        remedy: "Have the IAM Service Account Credentials API enabled in that project.",
        cause: thrown,
      },
    );
  }
  if (status === 403) {
    const whom = chain.length === 1 ? `on it to whoever ${id} is` : "on each to the one before it";
    return new EvercredError("access-denied", `${id} may not become ${name}.`, {
      remedy: `Have ${role} granted ${whom}.`,
      cause: thrown,
    });
  }
  if (status === 400 || status === 404) {
    return new EvercredError(
      "access-denied",
      `${id} cannot become ${name}. Google says: ${words}.`,
      {
        remedy: "Check the service account's name, and the scopes.",
        cause: thrown,
      },
    );
  }
  return exchangeErrorOf(id, false, thrown);
};
