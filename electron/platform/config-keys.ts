import * as z from "zod";
import { durationMs, instantMs } from "./config-units.ts";
import {
  argv,
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
} from "./config-values.ts";

const someTime = duration.refine((ms) => ms > 0, "must be longer than that");

const dateMessage =
  'must be a date such as "2027-03-31", or an instant such as "2027-03-31T18:00:00Z"';

const staticKey = z.strictObject({
  kind: z.literal("static"),
  expiresAt: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], dateMessage)
    .transform(instantMs)
    .exactOptional()
    .describe("When it ends: a day, which still counts, or an instant."),
  remindBefore: duration
    .default(durationMs("14d"))
    .describe("How long before its end to be asked for another one."),
});

const environment = z.record(
  text.regex(/^[A-Za-z_]\w*$/u, "must be the name of a variable"),
  z.string("must be a text"),
);

const commandKey = (home: string) =>
  z.strictObject({
    kind: z.literal("command"),
    command: z
      .union([text, argv(home)], "must be a command line, or a list of a program and its arguments")
      .describe("The program that prints the key; a text is run by the shell."),
    ttl: someTime
      .default(durationMs("5m"))
      .describe("How long what it prints is good, where that does not say so itself."),
    timeout: someTime.default(durationMs("30s")).describe("How long it may take."),
    env: environment.exactOptional().describe("Variables that it has besides the daemon's own."),
    cwd: path(home)
      .exactOptional()
      .describe("Where it and signIn are run. Else the home directory."),
    signIn: argv(home).exactOptional().describe("The program that signs in, where it needs that."),
  });

type Json = z.output<ReturnType<typeof z.json>>;

/** What each token says anew. */
const ownClaims = new Set(["iat", "exp", "nbf", "jti"]);

/** `${…}` of another name would get into the tokens as it stands. */
const otherPlaces = /\$\{(?!(?:user|hostname)\})/u;

const deepest = 3;

const claims = z
  .record(
    text.refine((name) => !ownClaims.has(name), "is what each token says anew"),
    z.json(),
  )
  .superRefine((values, context) => {
    for (const [claim, value] of Object.entries(values)) {
      for (const { path: at, message } of faultsOf(value, [claim])) {
        context.addIssue({ code: "custom", path: at, message });
      }
    }
  })
  .default({})
  .describe("What the token says besides. ${user} and ${hostname} are filled in.");

function* faultsOf(
  value: Json,
  at: (string | number)[],
): Generator<{ readonly path: (string | number)[]; readonly message: string }> {
  if (typeof value === "string" && otherPlaces.test(value)) {
    yield { path: at, message: "may have ${user} and ${hostname} filled in, and nothing else" };
  }
  if (typeof value !== "object" || value === null) return;
  if (at.length > deepest) {
    yield { path: at, message: `is more than ${deepest} levels deep` };
    return;
  }
  const items = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [name, item] of items) yield* faultsOf(item, [...at, name]);
}

const jwtKey = z.strictObject({
  kind: z.literal("jwt"),
  algorithm: oneOf(
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "EdDSA",
  ),
  keyId: text.exactOptional().describe("Which key has signed it: the header `kid`."),
  claims,
  issuer: text.exactOptional().describe("The claim `iss`."),
  audience: z
    .union([text, listOf(text)], "must be a text, or a list of them")
    .exactOptional()
    .describe("The claim `aud`."),
  lifetime: someTime.default(durationMs("1h")).describe("How long a token is good."),
});

const oidcKey = z.strictObject({
  kind: z.literal("oidc"),
  source: id.describe("The source of kind oidc whose token it is."),
  token: oneOf("access", "id").default("access"),
  audience: text.exactOptional().describe("What the token is for. Else as the source has it."),
  resource: resource.exactOptional().describe("The same as an address (RFC 8707)."),
  scopes: listOf(scope).exactOptional().describe("Else as the source has them."),
});

const gcpIdToken = z.strictObject({
  kind: z.literal("gcp-id-token"),
  source: id.exactOptional().describe("Else google.defaultSource, or the only one."),
  audience: text.describe("Whom the token is for."),
  impersonate,
});

const gcpAccessToken = z.strictObject({
  kind: z.literal("gcp-access-token"),
  source: id.exactOptional().describe("Else google.defaultSource, or the only one."),
  scopes: listOf(scope).default([]).describe("Else as the source has them."),
  impersonate,
});

const awsBedrock = z.strictObject({
  kind: z.literal("aws-bedrock"),
  profile: text.describe("The profile whose role it stands for."),
  region: region.exactOptional().describe("Else the profile's."),
  lifetime: duration
    .default(durationMs("12h"))
    .refine((ms) => ms > 0 && ms <= durationMs("12h"), 'must be "12h" at most')
    .describe("How long it is good: never longer than the keys of the role."),
});

const kinds = [
  "static",
  "command",
  "jwt",
  "oidc",
  "gcp-id-token",
  "gcp-access-token",
  "aws-bedrock",
];

const key = (home: string) =>
  z.discriminatedUnion(
    "kind",
    [staticKey, commandKey(home), jwtKey, oidcKey, gcpIdToken, gcpAccessToken, awsBedrock],
    mustBeOneOf(kinds),
  );

/** They are the verbs that stand where a name does: `evercred api-key list`. */
const name = id.regex(
  /^(?!(?:add|set|rm|list|show|test|help)$)/u,
  'must not be "add", "set", "rm", "list", "show", "test" or "help"',
);

/** The section `keys`. */
export const keysSchema = (home: string) => z.record(name, key(home)).default({});
