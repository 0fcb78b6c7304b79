import { hasCode } from "../../core/errors.ts";
import type { AdcServiceAccount } from "./adc-forms.ts";
import { exchangeErrorOf, senselessReply } from "./errors.ts";
import { freshTokensOf } from "./exchanges.ts";
import type { PlainToken } from "./impersonation.ts";
import type { GooglePorts } from "./ports.ts";
import { googleClock } from "./tokens.ts";

/** In seconds. Google takes no assertion that is good for longer. */
const assertionLife = 3_600;

/** An access token for what the key of a service account signs. Rejects as `refreshOAuth` does. */
export const assertedToken = async (
  id: string,
  account: AdcServiceAccount,
  scopes: readonly string[],
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<PlainToken> => {
  const reply = await assertion(id, account, { scope: scopes.join(" ") }, ports, signal);
  const { accessToken: token, issuedAt, expiresAt } = freshTokensOf(reply, ports);
  return { token, scopes, issuedAt, expiresAt };
};

/** An identity token likewise. */
export const assertedIdToken = async (
  id: string,
  account: AdcServiceAccount,
  audience: string,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<string> => {
  const claims = { target_audience: audience };
  const { id_token: token } = await assertion(id, account, claims, ports, signal);
  if (typeof token !== "string") throw senselessReply(undefined);
  return token;
};

const assertion = async (
  id: string,
  account: AdcServiceAccount,
  claims: Readonly<Record<string, string>>,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<{ readonly id_token?: unknown }> => {
  const clock = googleClock(ports);
  const dated = clock.now() - ports.clock.now();
  try {
    return await assert(id, account, claims, ports, signal);
  } catch (thrown) {
    // Its refusal has told us what time it is there.
    const isNews = clock.now() - ports.clock.now() !== dated;
    if (!hasCode(thrown, "clock-wrong") || !isNews) throw thrown;
    return assert(id, account, claims, ports, signal);
  }
};

const assert = async (
  id: string,
  { client_email: iss, private_key: key }: AdcServiceAccount,
  claims: Readonly<Record<string, string>>,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<{ readonly id_token?: unknown }> => {
  const { GoogleToken, Transport } = await import("./sdk.ts");
  const iat = Math.floor(googleClock(ports).now() / 1000);
  const token = new GoogleToken({
    iss,
    key,
    // The library dates it by this computer's clock, which may be wrong.
    additionalClaims: { ...claims, iat, exp: iat + assertionLife },
    transporter: new Transport(ports, signal),
  });
  try {
    return await token.getToken({ forceRefresh: true });
  } catch (thrown) {
    signal.throwIfAborted();
    throw exchangeErrorOf(id, false, thrown);
  }
};
