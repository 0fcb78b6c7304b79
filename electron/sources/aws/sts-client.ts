// The SDK takes its time to load. Only `import()` may name this file, at the first request.
import { STSClient } from "@aws-sdk/client-sts";
import type { Instant } from "../../core/time.ts";
import type { AwsKeys } from "./aws-keys.ts";
import { clientSettings } from "./client-settings.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
} from "@aws-sdk/client-sts";

/** A client of the token service in `region`. It signs with `keys`, as of `now`, or not at all. */
export type ClientFor = (region: string, keys: AwsKeys | undefined, now: Instant) => STSClient;

/** Makes clients that share one transport: the keys are a client's own, so each request has its own client. */
export const connectSts = (options: Omit<TransportOptions, "form">): ClientFor => {
  const requestHandler = new Transport({ ...options, form: "xml" });
  return (region, keys, now) =>
    new STSClient({
      ...clientSettings,
      authSchemePreference: [],
      region,
      requestHandler,
      // The SDK signs by the machine's clock, and adds this.
      systemClockOffset: now - Date.now(),
      ...(keys !== undefined && { credentials: revealed(keys) }),
    });
};

const revealed = ({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys) => ({
  accessKeyId,
  secretAccessKey: secretAccessKey.reveal(),
  ...(sessionToken !== undefined && { sessionToken: sessionToken.reveal() }),
});
