import { isAbsolute, join } from "node:path";
import { wellKnownAdcFile } from "./gcloud.ts";

/** An entry of kind `google-adc`. */
export interface AdcConfig {
  readonly kind: "google-adc";
  readonly enabled: boolean;
  readonly title?: string;
  readonly file?: string;
  readonly signIn?: readonly [string, ...string[]];
  /** How long the program that signs in may take, in milliseconds. */
  readonly timeout: number;
  readonly quotaProject?: string;
  readonly impersonate: readonly string[];
  readonly allowExecutables?: boolean;
}

/** A file of Application Default Credentials that others keep. */
export interface AdcDefinition {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  /** Whether gcloud writes it. */
  readonly isWellKnown: boolean;
  /** The program that signs in; undefined: gcloud, where it writes the file. */
  readonly signIn: readonly [string, ...string[]] | undefined;
  readonly timeoutMs: number;
  readonly quotaProject: string | undefined;
  readonly impersonate: readonly string[];
  /** Whether a program that the file names may be run. */
  readonly allowExecutables: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/** How long a program that signs in may take where nobody says: less than Claude Code waits for us. */
const usualTimeoutMs = 165_000;

/** What an entry says, or what is so without one. The file is found as Google's libraries do. */
export const adcDefinitionOf = (
  id: string,
  config: AdcConfig | undefined,
  env: Env,
  home: string,
  platform: NodeJS.Platform,
): AdcDefinition => {
  const wellKnown = wellKnownAdcFile(env, home, platform);
  const named =
    config?.file ||
    env["GOOGLE_APPLICATION_CREDENTIALS"] ||
    env["google_application_credentials"] ||
    wellKnown;
  const file = isAbsolute(named) ? named : join(home, named);
  return {
    id,
    title: config?.title ?? id,
    file,
    isWellKnown: file === wellKnown,
    signIn: config?.signIn,
    timeoutMs: config?.timeout ?? usualTimeoutMs,
    quotaProject: config?.quotaProject ?? (env["GOOGLE_CLOUD_QUOTA_PROJECT"] || undefined),
    impersonate: config?.impersonate ?? [],
    allowExecutables:
      config?.allowExecutables ?? env["GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"] === "1",
  };
};
