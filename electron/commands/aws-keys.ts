import type { AwsCredential } from "../core/credential.ts";
import { issue, silentFlags, timestamp } from "./silent.ts";
import type { Json, Verb } from "./verb.ts";

const printing = (
  name: string,
  summary: string,
  about: string,
  form: (credential: AwsCredential) => Json,
): Verb => ({
  name,
  summary,
  words: "",
  most: 0,
  flags: silentFlags,
  onBridge: true,
  about,
  async run(parsed, request, reply, context) {
    const { credential } = await issue(name, parsed, request, reply, context);
    reply.printJson(form(credential));
    return 0;
  },
});

/** `awsCredentialExport` of Claude Code: the STS shape, SessionToken and Expiration always there. */
export const awsExport = printing(
  "aws export",
  "role keys for awsCredentialExport",
  'Prints {"Credentials":{AccessKeyId,SecretAccessKey,SessionToken,Expiration}}, from memory where it can. Opens no browser: where a sign-in is needed it exits 3 and the tray asks.',
  ({ accessKeyId, secretAccessKey, sessionToken, expiresAt }) => ({
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: timestamp(expiresAt),
    },
  }),
);

/** `credential_process` of the AWS SDKs, version 1. */
export const awsProcess = printing(
  "aws process",
  "role keys for credential_process",
  "Prints the JSON of credential_process, version 1. In ~/.aws/config, in a profile without sso_ keys of its own:\n  credential_process = /usr/bin/evercred aws process --profile PROFILE",
  ({ accessKeyId, secretAccessKey, sessionToken, expiresAt, accountId }) => ({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: timestamp(expiresAt),
    AccountId: accountId,
  }),
);
