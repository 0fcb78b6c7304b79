import { EvercredError, hasCode } from "../../core/errors.ts";
import type { SignInOptions } from "../../core/source.ts";
import { type Instant, plus, sleepUntil } from "../../core/time.ts";
import { withDeadline } from "../deadline.ts";
import { shown } from "../shown.ts";
import { withAsk, withTarget } from "./ask.ts";
import { type OidcDefinition, wholeAskOf } from "./definition.ts";
import { refusalIn } from "./errors.ts";
import type { Exchanges } from "./exchanges.ts";
import type { Issuer } from "./issuer.ts";
import type { TokenReply } from "./tokens.ts";

/** How long to wait between two questions where the issuer does not say, in seconds (RFC 8628, 3.2). */
const usualIntervalS = 5;

/** Whatever the issuer says: it is not asked more often, in milliseconds. */
const leastIntervalMs = 1_000;

/** Whatever the issuer says: nobody takes longer to confirm a code, in milliseconds. */
const longestMs = 60 * 60_000;

/** What a client adds to that each time that it is told to slow down (RFC 8628, 3.5). */
const slowDownMs = 5_000;

const grantType = "urn:ietf:params:oauth:grant-type:device_code";

/**
 * Signs in with a code that a person confirms on any device (RFC 8628). Rejects with `sign-in-denied`, `timed-out`, the
 * signal's reason, or `config-invalid` where the issuer has no such flow.
 */
export const signInByDevice = async (
  definition: OidcDefinition,
  issuer: Issuer,
  exchanges: Exchanges,
  options: SignInOptions,
  signal: AbortSignal,
): Promise<TokenReply> => {
  const { id } = definition;
  const { clock } = issuer;
  const device = await begin(definition, exchanges, signal);
  const endsAt = plus(clock.now(), device.livesMs);
  options.show({ flow: "device", url: device.url, userCode: device.userCode, endsAt });
  const late = new EvercredError("timed-out", `Nobody signed in to ${id} in time.`);
  return withDeadline(clock, endsAt, late, signal, (inner) =>
    answer(definition, issuer, exchanges, device, inner),
  );
};

interface Device {
  readonly code: string;
  readonly userCode: string;
  readonly url: string;
  readonly livesMs: number;
  readonly intervalMs: number;
}

const begin = async (
  definition: OidcDefinition,
  exchanges: Exchanges,
  signal: AbortSignal,
): Promise<Device> => {
  const { id } = definition;
  const given = await exchanges.run(
    "sign-in",
    (sdk, configuration) => {
      if (configuration.serverMetadata().device_authorization_endpoint === undefined) {
        const sentence = `The issuer of ${id} has no sign-in with a code for other machines.`;
        throw new EvercredError("config-invalid", sentence, {
          remedy: "Sign in on a machine with a browser, with the flow code.",
        });
      }
      const parameters = withAsk(wholeAskOf(definition));
      return sdk.initiateDeviceAuthorization(configuration, parameters);
    },
    signal,
  );
  const page = given.verification_uri_complete ?? given.verification_uri;
  const url = URL.canParse(page) ? new URL(page) : undefined;
  if (url?.protocol !== "https:") {
    throw new EvercredError("reply-invalid", `The page that ${id} names is no web page.`);
  }
  return {
    code: given.device_code,
    // Both are printed on terminals, and the page is handed to a browser.
    userCode: shown(given.user_code),
    url: url.href,
    livesMs: Math.min(given.expires_in * 1000, longestMs),
    intervalMs: Math.max((given.interval ?? usualIntervalS) * 1000, leastIntervalMs),
  };
};

const answer = async (
  { own }: OidcDefinition,
  { clock }: Issuer,
  exchanges: Exchanges,
  { code, ...device }: Device,
  signal: AbortSignal,
): Promise<TokenReply> => {
  let { intervalMs } = device;
  const poll = (): Promise<TokenReply | "pending" | "slow-down"> =>
    exchanges.run(
      "sign-in",
      async (sdk, configuration) => {
        const parameters = withTarget(own, new URLSearchParams({ device_code: code }));
        try {
          return await sdk.genericGrantRequest(configuration, grantType, parameters);
        } catch (thrown) {
          const error = refusalIn(thrown)?.error;
          if (error === "authorization_pending") return "pending" as const;
          if (error === "slow_down") return "slow-down" as const;
          throw thrown;
        }
      },
      signal,
    );
  for (let at: Instant = plus(clock.now(), intervalMs); ; at = plus(clock.now(), intervalMs)) {
    await sleepUntil(clock, at, signal);
    try {
      const said = await poll();
      if (said === "slow-down") intervalMs += slowDownMs;
      else if (said !== "pending") return said;
    } catch (thrown) {
      // While a person looks for their phone, networks come and go.
      if (!hasCode(thrown, ...passing)) throw thrown;
    }
  }
};

const passing = [
  "unreachable",
  "proxy-refused",
  "throttled",
  "provider-unavailable",
  "reply-invalid",
] as const;
