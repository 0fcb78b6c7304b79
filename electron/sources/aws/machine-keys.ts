import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { type Clock, instantOf, plus } from "../../core/time.ts";
import type { FoundKeys } from "./aws-keys.ts";
import { withDeadline } from "../deadline.ts";

/** Where a machine has keys of its own (`credential_source` in ~/.aws/config). */
export type MachinePlace = "environment" | "ec2" | "ecs";

/** Such a place is on the machine itself, or beside it. */
const limitMs = 3_000;

const places: Readonly<
  Record<MachinePlace, { readonly missing: string; readonly remedy: string }>
> = {
  environment: {
    missing: "Evercred's environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    remedy: "Set both where Evercred is started, or use source_profile.",
  },
  ec2: {
    missing: "no metadata service of EC2 gives keys here",
    remedy: "Run this on an EC2 instance that has a role, or use source_profile.",
  },
  ecs: {
    missing: "no container service gives keys here",
    remedy:
      "Set AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI where Evercred is started, or use source_profile.",
  },
};

/** The keys that this machine has of itself, for profile `name`. `clock` is the provider's. */
export const machineKeys = async (
  place: MachinePlace,
  name: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<FoundKeys> => {
  const { missing, remedy } = places[place];
  const absent = (cause?: unknown): EvercredError =>
    new EvercredError("config-invalid", `${name} has nothing to start from: ${missing}.`, {
      remedy,
      cause,
    });
  // The SDK's own provider for one profile does not look at this variable; its chain does.
  if (place === "ec2" && process.env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true") {
    throw absent();
  }
  const found = await withDeadline(clock, plus(clock.now(), limitMs), absent(), signal, (inner) =>
    Promise.race([fetchKeys(place), endOf(inner)]),
  ).catch((thrown: unknown) => {
    signal.throwIfAborted();
    throw thrown instanceof EvercredError ? thrown : absent(thrown);
  });
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = found;
  return {
    accountId,
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: sessionToken === undefined ? undefined : new Secret(sessionToken),
    endsAt: expiration === undefined ? undefined : instantOf(expiration.getTime()),
  };
};

const fetchKeys = async (place: MachinePlace) => {
  const sdk = await import("@aws-sdk/credential-providers");
  const once = { timeout: limitMs, maxRetries: 0 };
  switch (place) {
    case "environment":
      return sdk.fromEnv()();
    case "ec2":
      return sdk.fromInstanceMetadata(once)();
    case "ecs":
      return sdk.fromHttp({ ...once, logger: silent })();
  }
};

/** The SDK prints its warnings where it is given no logger. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Rejects with the signal's reason, once it aborts. */
const endOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", end, { once: true });
  });
