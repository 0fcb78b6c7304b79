import { join } from "node:path";
import { EvercredError } from "../../core/errors.ts";
import { findProgram } from "../program.ts";
import { gcloudFolderOf } from "./gcloud-settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where Google's programs look for Application Default Credentials that no variable names. */
export const wellKnownAdcFile = (env: Env, home: string, platform: NodeJS.Platform): string =>
  join(gcloudFolderOf(env, home, platform), "application_default_credentials.json");

/** The command with which gcloud writes that file anew; of a service account that the person becomes, with it. */
export const gcloudLogin = (chain: readonly string[]): readonly [string, ...string[]] => [
  "gcloud",
  "auth",
  "application-default",
  "login",
  ...(chain.length > 0 ? [`--impersonate-service-account=${chain.join(",")}`] : []),
];

/** Variables with which gcloud would not write that file, or would ask whether it should. */
export const gcloudMustNotSee: readonly string[] = [
  "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
  "GOOGLE_APPLICATION_CREDENTIALS",
];

/** Rejects with `program-missing` where gcloud is not found. */
export const needGcloud = (env: Env, home: string): void => {
  if (findProgram("gcloud", env, home) !== undefined) return;
  throw new EvercredError("program-missing", "gcloud, which keeps this sign-in, is not found.", {
    remedy:
      "Install gcloud, or sign in without it: add a source of kind google with a client of your own (docs/google.md).",
  });
};
