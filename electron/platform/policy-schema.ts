import * as z from "zod";
import type { Limits } from "../core/limits.ts";
import type { JsonSchema } from "./config-names.ts";
import { configSchema } from "./config-schema.ts";
import { listOf, oneOf, text, yesOrNo } from "./config-values.ts";

/** It goes into sentences and onto terminals. */
const label = text
  .max(200, "must be at most 200 characters long")
  .regex(/^[\p{L}\p{N}\p{P}\p{S} ]+$/u, "must be a text in one line");

const https = z.url({
  protocol: /^https$/u,
  error: "must be an address that begins with https://",
});

/** `https://login.example.com` alone would also be the beginning of `https://login.example.com.evil`. */
const issuer = https.regex(/^[^?#]*\/$/u, 'must be an address that ends in "/"');

const domainMessage = 'must be a domain such as "example.com"';

const domain = z
  .string(domainMessage)
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu, domainMessage)
  .transform((written) => written.toLowerCase());

const commandMessage = 'must be the absolute path of a program, or "shell"';

const command = z
  .string(commandMessage)
  .regex(/^(?:shell|\/.+|[A-Za-z]:[\\/].+|\\\\.+)$/u, commandMessage);

const account = z
  .string('must be an account number in quotes, such as "111122223333"')
  .regex(/^\d{12}$/u, "must be an account number of 12 digits");

const allow = z
  .strictObject({
    sourceKinds: listOf(text)
      .exactOptional()
      .describe("Kinds of sources, as in the configuration."),
    keyKinds: listOf(text).exactOptional().describe("Kinds of keys, as in the configuration."),
    awsStartUrls: listOf(https).exactOptional().describe("Where to sign in to AWS."),
    awsAccounts: listOf(account).exactOptional().describe("Whose roles are handed out."),
    issuers: listOf(issuer).exactOptional().describe("What the addresses of issuers begin with."),
    googleDomains: listOf(domain).exactOptional().describe("Whose people may sign in to Google."),
    commands: listOf(command)
      .exactOptional()
      .describe('Programs that may be run, by their path; "shell" for command lines.'),
    keychain: listOf(oneOf("os", "memory"))
      .exactOptional()
      .describe("Where secrets may be kept: without memory nothing is kept outside the keychain."),
    doors: listOf(oneOf("container-credentials", "gce-metadata")).exactOptional(),
    bridges: yesOrNo.exactOptional(),
  })
  .describe("What may be done. What is left out is not limited; an empty list allows nothing.");

/** The policy file. Paths are expanded with this home directory. */
export const policySchema = (home: string) =>
  z.strictObject({
    $schema: z.string().exactOptional(),
    version: z.literal(1, "must be 1: a newer Evercred may know others").default(1),
    organization: label.exactOptional().describe("Who has written it: said with every refusal."),
    contact: label.exactOptional().describe("Where people get help: said with every refusal."),
    force: configSchema(home)
      .exactOptional()
      .describe("Settings of the configuration that nobody else can change."),
    default: configSchema(home)
      .exactOptional()
      .describe("Settings of the configuration where nobody else has said anything."),
    allow: allow.exactOptional(),
  });

/** What a policy says, apart from its settings, which are taken as they are written. */
export type PolicyOutput = z.output<ReturnType<typeof policySchema>>;

let made: JsonSchema | undefined;

/** The JSON Schema of the policy file. Made when it is first asked for: few starts need it. */
export const policyJsonSchema = (): JsonSchema =>
  (made ??= z.toJSONSchema(policySchema("/"), { io: "input" }));

/** What may be allowed, in the words of the rule. */
export const limitsOf = ({ allow: limits = {} }: Pick<PolicyOutput, "allow">): Limits => limits;
