import { EvercredError, hasCode } from "../../core/errors.ts";
import type { SignInRequest } from "../../core/source.ts";
import { type Clock, plus, sleepUntil } from "../../core/time.ts";
import { withDeadline } from "../deadline.ts";
import type { Registration, Tokens } from "./grant.ts";
import type { DeviceRequest, Oidc, RegistrationWish } from "./oidc.ts";

/** What the device flow registers for. */
export const deviceWish: RegistrationWish = {
  grantTypes: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
  redirectUri: undefined,
};

/** What a client adds to its interval each time that it is told to slow down (RFC 8628, section 3.5). */
const slowDownMs = 5_000;

/** What a flow came to: tokens, and the client that got them. */
export interface FlowResult {
  readonly registration: Registration;
  readonly tokens: Tokens;
}

/** How a flow works: `clock` is the provider's, `reusable` an earlier registration for the same flow. */
export interface FlowContext {
  readonly id: string;
  readonly oidc: Oidc;
  readonly clock: Clock;
  readonly reusable: Registration | undefined;
  show(request: SignInRequest): void;
}

/** Signs in with a code that a person confirms on any device (RFC 8628). */
export const signInWithDevice = async (
  context: FlowContext,
  signal: AbortSignal,
): Promise<FlowResult> => {
  const { clock, id, oidc } = context;
  const { registration, request } = await start(context, signal);
  const endsAt = plus(clock.now(), request.expiresInMs);
  context.show({ flow: "device", url: request.url, userCode: request.userCode, endsAt });
  const late = new EvercredError("timed-out", `Nobody signed in to ${id} in time.`);
  const tokens = await withDeadline(clock, endsAt, late, signal, (inner) =>
    waitForPerson(oidc, clock, registration, request, inner),
  );
  return { registration, tokens };
};

const start = async (
  { id, oidc, reusable }: FlowContext,
  signal: AbortSignal,
): Promise<{ readonly registration: Registration; readonly request: DeviceRequest }> => {
  if (reusable !== undefined) {
    try {
      return { registration: reusable, request: await oidc.startDevice(reusable, signal) };
    } catch (thrown) {
      // The provider may have forgotten a client before its time.
      if (!hasCode(thrown, "registration-rejected")) throw thrown;
    }
  }
  const registration = await oidc.register(deviceWish, signal);
  if (registration === undefined) {
    throw new EvercredError("sign-in-denied", `${id} allows no app to sign in.`, {
      remedy: "Ask the administrator of IAM Identity Center.",
    });
  }
  return { registration, request: await oidc.startDevice(registration, signal) };
};

const waitForPerson = async (
  oidc: Oidc,
  clock: Clock,
  registration: Registration,
  request: DeviceRequest,
  signal: AbortSignal,
): Promise<Tokens> => {
  let { intervalMs } = request;
  let pauseMs = 0;
  for (;;) {
    await sleepUntil(clock, plus(clock.now(), Math.max(intervalMs, pauseMs)), signal);
    pauseMs = 0;
    try {
      const answer = await oidc.poll(registration, request.deviceCode, signal);
      if (answer === "slow-down") intervalMs += slowDownMs;
      else if (answer !== "pending") return answer;
    } catch (thrown) {
      // While a person looks for their phone, networks come and go.
      if (!(thrown instanceof EvercredError) || !passing.has(thrown.code)) throw thrown;
      pauseMs = thrown.retryAfterMs ?? 0;
    }
  }
};

const passing: ReadonlySet<string> = new Set([
  "unreachable",
  "proxy-refused",
  "throttled",
  "provider-unavailable",
  "reply-invalid",
]);
