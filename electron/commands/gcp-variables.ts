import type { Variables } from "./aws-variables.ts";
import type { GoogleDoor } from "./ports.ts";

/**
 * The variables that name credentials, or keep from asking where we say: whichever of them is left from before is
 * heeded by some tool ahead of the door.
 *
 * - GOOGLE_APPLICATION_CREDENTIALS comes first in every library; the one for Node.js also reads it in small letters.
 * - CLOUDSDK_AUTH_*: gcloud becomes the service account, or takes the file, instead of our token.
 * - GOOGLE_OAUTH_ACCESS_TOKEN, GOOGLE_CREDENTIALS, *_KEYFILE_JSON, GOOGLE_IMPERSONATE_SERVICE_ACCOUNT: Terraform and
 *   what is built like it.
 * - GOOGLE_API_KEY: the libraries of Gemini take it for an account's place.
 * - NO_GCE_CHECK: the libraries for Java and Python then ask no metadata server; GCE_METADATA_ROOT is an older name of it.
 */
const winning: readonly string[] = [
  "GOOGLE_APPLICATION_CREDENTIALS",
  "google_application_credentials",
  "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
  "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT",
  "GOOGLE_OAUTH_ACCESS_TOKEN",
  "GOOGLE_CREDENTIALS",
  "GOOGLE_CLOUD_KEYFILE_JSON",
  "GCLOUD_KEYFILE_JSON",
  "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
  "GOOGLE_API_KEY",
  "NO_GCE_CHECK",
  "GCE_METADATA_ROOT",
];

/** What has to go where these are set, so that nothing wins over them. */
export const googleLeftovers = (set: Variables): readonly string[] => [
  ...winning,
  // The library for Node.js reads the project's older name first.
  ...("GOOGLE_CLOUD_PROJECT" in set ? ["GCLOUD_PROJECT"] : []),
  // One that is left from before would come ahead of the metadata server.
  ...("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE" in set ? [] : ["CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"]),
];

/**
 * Where Google's libraries and gcloud fetch tokens by themselves. Python asks the second of the two hosts whether there
 * is a metadata server at all, and Node.js need not ask.
 */
export const googleDoorVariables = ({ host, tokenFile }: GoogleDoor): Variables => ({
  ...(tokenFile !== undefined && { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: tokenFile }),
  GCE_METADATA_HOST: host,
  GCE_METADATA_IP: host,
  METADATA_SERVER_DETECTION: "assume-present",
});

/** The project that libraries take where a program names none. */
export const projectVariables = (project: string | undefined): Variables =>
  project === undefined ? {} : { GOOGLE_CLOUD_PROJECT: project };
