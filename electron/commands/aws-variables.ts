import type { AwsCredential } from "../core/credential.ts";
import type { Secret } from "../core/secret.ts";
import type { CredentialDoor } from "./ports.ts";
import { timestamp } from "./silent.ts";

/** Variables to be set: some hold secrets. */
export type Variables = Readonly<Record<string, string | Secret>>;

/**
 * The variables that name credentials, or a place to get them from: whichever of them is left from before is read
 * by some tool ahead of what we set.
 */
const winning: readonly string[] = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_BEARER_TOKEN_BEDROCK",
];

/** What has to go where these are set, so that nothing wins over them. */
export const leftovers = (set: Variables): readonly string[] =>
  winning.filter((name) => !(name in set));

/** Role keys as every AWS SDK reads them. They end, and then whoever has them has to ask again. */
export const keyVariables = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiresAt,
}: AwsCredential): Variables => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
  AWS_CREDENTIAL_EXPIRATION: timestamp(expiresAt),
});

/** Where every AWS SDK fetches role keys by itself, again and again: its container provider. */
export const doorVariables = ({ url, token }: CredentialDoor): Variables => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
});

/** The profile's region, by both of its names: botocore reads the one, all others the other. */
export const regionVariables = (region: string | undefined): Variables =>
  region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region };
