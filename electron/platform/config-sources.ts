import * as z from "zod";
import { durationMs } from "./config-units.ts";
import {
  argv,
  ask,
  browser,
  cloudPlatform,
  duration,
  id,
  impersonate,
  listOf,
  mustBeOneOf,
  oneOf,
  path,
  region,
  resource,
  scope,
  text,
  yesOrNo,
} from "./config-values.ts";

const profile = z.strictObject({
  name: text,
  account: z
    .string('must be an account number in quotes, such as "111122223333"')
    .regex(/^\d{12}$/u, "must be an account number of 12 digits"),
  role: text,
  region: region.exactOptional(),
});

/** What each source may have, of whatever kind. */
const common = (home: string) => ({
  title: text.exactOptional().describe("What people read. Else the ID."),
  browser: browser(home).exactOptional().describe("The command that opens its pages."),
  enabled: yesOrNo.default(true),
  ask: ask.exactOptional().describe("As signIn.ask, for this source."),
});

const signInLimit = duration
  .default(durationMs("165s"))
  .describe("How long the program that signs in may take.");

const https = z.url({
  protocol: /^https$/u,
  error: "must be an address that begins with https://",
});

const awsSso = (home: string) =>
  z.strictObject({
    kind: z.literal("aws-sso"),
    ...common(home),
    startUrl: https.exactOptional(),
    region: region.exactOptional().describe("Where the organisation's Identity Center is."),
    scopes: listOf(text).exactOptional(),
    flow: oneOf("code", "device").exactOptional(),
    profiles: listOf(profile).exactOptional().describe("Names for `--profile`."),
    signIn: argv(home)
      .exactOptional()
      .describe("The program that signs in, such as `aws sso login`, in place of Evercred."),
    timeout: signInLimit,
  });

/** It goes into a header of requests. */
const project = text.regex(
  /^(?:[a-z0-9.-]+:)?[a-z0-9-]+$/u,
  'must be the ID of a project, such as "example-claude"',
);

const quotaProject = project
  .exactOptional()
  .describe("The project that requests count towards, and that is billed for them.");

const adcFile = yesOrNo
  .default(false)
  .describe("Whether other programs get this sign-in through the ADC file.");

const google = (home: string) =>
  z
    .strictObject({
      kind: z.literal("google"),
      ...common(home),
      clientFile: path(home)
        .exactOptional()
        .describe("The file of an OAuth client of type Desktop, as Google's console gives it."),
      clientId: text.exactOptional(),
      clientSecret: text.exactOptional().describe("By Google's own word not a secret."),
      account: text.exactOptional().describe("Who is to sign in; another one has to be accepted."),
      scopes: listOf(text).default(["openid", "email", cloudPlatform]),
      quotaProject,
      adcFile,
      impersonate,
    })
    .refine(
      ({ clientFile, clientId, clientSecret }) =>
        clientFile === undefined
          ? clientId !== undefined && clientSecret !== undefined
          : clientId === undefined && clientSecret === undefined,
      "must have either clientFile, or clientId and clientSecret",
    );

const googleAdc = (home: string) =>
  z.strictObject({
    kind: z.literal("google-adc"),
    ...common(home),
    file: path(home).exactOptional().describe("Else where Google's own programs look for it."),
    signIn: argv(home)
      .exactOptional()
      .describe("The program that signs in. Else `gcloud auth application-default login`."),
    timeout: signInLimit,
    quotaProject,
    impersonate,
    allowExecutables: yesOrNo
      .exactOptional()
      .describe("Whether a program that the file names may be run for its token."),
  });

const googleWorkforce = (home: string) =>
  z.strictObject({
    kind: z.literal("google-workforce"),
    ...common(home),
    loginConfigFile: path(home).describe("The login configuration of the workforce pool."),
    scopes: listOf(text).default([cloudPlatform]),
    quotaProject,
    adcFile,
    impersonate,
  });

const redirectMessage =
  'must be "http://127.0.0.1:PORT/path" or "http://localhost:PORT/path"; port 0 is any free one';

const redirectForm = /^http:\/\/(?:127\.0\.0\.1|localhost):(\d{1,5})\/[\w.~/-]*$/u;

/** Its port is always written, so that nobody has to know which one is meant else. */
const redirectUri = z
  .string(redirectMessage)
  .regex(redirectForm, { error: redirectMessage, abort: true })
  .refine((uri) => Number(redirectForm.exec(uri)?.[1]) <= 65_535, redirectMessage);

/** What is said of each sign-in anew, or has a name of its own in the configuration. */
const ownParams =
  /^(?:response_type|response_mode|client_id|redirect_uri|scope|state|nonce|code_challenge|code_challenge_method)$/u;

const authorizeParams = z
  .record(
    text.refine((name) => !ownParams.test(name), "is what Evercred itself says there"),
    z.string("must be a text"),
  )
  .default({})
  .describe("More that the address of the sign-in page says, by name.");

const oidc = (home: string) =>
  z
    .strictObject({
      kind: z.literal("oidc"),
      ...common(home),
      issuer: https
        .regex(/^[^?#]*$/u, "must be an address without a query or a fragment")
        .describe("Where its settings are found, as OpenID Connect Discovery has it."),
      clientId: text,
      scopes: listOf(scope).default(["openid", "offline_access"]),
      audience: text.exactOptional().describe("What its tokens are for, in the issuer's words."),
      resource: z
        .union([resource, listOf(resource)], "must be an absolute address, or a list of them")
        .transform((resources) => (typeof resources === "string" ? [resources] : resources))
        .exactOptional()
        .describe("What its tokens are for, as addresses (RFC 8707)."),
      redirectUri: redirectUri.default("http://127.0.0.1:0/oauth/callback"),
      flow: oneOf("code", "device", "client-credentials").default("code"),
      authorizeParams,
      clientSecretKey: id
        .exactOptional()
        .describe("The static key that is the secret of a confidential client."),
    })
    .refine(
      // RFC 6749, 4.4: only confidential clients have this flow.
      ({ flow, clientSecretKey }) => flow !== "client-credentials" || clientSecretKey !== undefined,
      "must have clientSecretKey with that flow",
    );

const command = (home: string) =>
  z.strictObject({
    kind: z.literal("command"),
    ...common(home),
    signIn: argv(home).describe("The program that signs in."),
    check: argv(home).exactOptional().describe("The program that exits 0 while signed in."),
    timeout: signInLimit,
  });

const kinds = ["aws-sso", "google", "google-adc", "google-workforce", "oidc", "command"];

const source = (home: string) =>
  z.discriminatedUnion(
    "kind",
    [awsSso(home), google(home), googleAdc(home), googleWorkforce(home), oidc(home), command(home)],
    mustBeOneOf(kinds),
  );

/** The section `sources`. */
export const sourcesSchema = (home: string) => z.record(id, source(home)).default({});
