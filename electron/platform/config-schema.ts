import { isAbsolute } from "node:path";
import { z } from "zod";
import { durationMs, durationPattern, expandHome } from "./config-units.ts";
import { logLevels } from "./log.ts";
import { isSchedule } from "./sweep.ts";

/*
 * Each message goes on from the name of the value: "signIn.before must be a duration such as …". It never repeats
 * the value, which may be a secret that got into the wrong place.
 */
const text = z.string("must be a text").min(1, "must not be empty");

const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, `must be one of ${values.map((value) => `"${value}"`).join(", ")}`);

const yesOrNo = z.boolean("must be true or false");

const duration = z
  .string('must be a duration such as "90s", "20m", "8h" or "30d"')
  .regex(durationPattern, 'must be a duration such as "90s", "20m", "8h" or "30d"')
  .transform(durationMs);

const listOf = <T extends z.ZodType>(item: T) => z.array(item, "must be a list");

const region = text.regex(
  /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/u,
  'must be an AWS region such as "eu-central-1"',
);

/** `{url}` must be there, or the browser would open without the page. */
const browser = (home: string) =>
  listOf(text.transform((word) => expandHome(word, home)))
    .min(1, "must name a program")
    .refine(
      (words) => words.some((word) => word.includes("{url}")),
      'must have a word with "{url}"',
    );

const path = (home: string) =>
  text
    .transform((word) => expandHome(word, home))
    .refine((word) => isAbsolute(word), 'must be an absolute path, or begin with "~/"');

const proxyMessage = 'must be "auto", "system", "none" or "http://host:port"';

const ask = oneOf("notify", "open", "tray");

const profile = z.strictObject({
  name: text,
  account: z
    .string('must be an account number in quotes, such as "111122223333"')
    .regex(/^\d{12}$/u, "must be an account number of 12 digits"),
  role: text,
  region: region.exactOptional(),
});

/** A program and its arguments: there is no shell. */
const argv = (home: string) =>
  listOf(text.transform((word) => expandHome(word, home)))
    .min(1, "must name a program")
    .transform((words) => words as [string, ...string[]]);

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

const awsSso = (home: string) =>
  z.strictObject({
    kind: z.literal("aws-sso"),
    ...common(home),
    startUrl: z
      .url({ protocol: /^https$/u, error: "must be an address that begins with https://" })
      .exactOptional(),
    region: region.exactOptional().describe("Where the organisation's Identity Center is."),
    scopes: listOf(text).exactOptional(),
    flow: oneOf("code", "device").exactOptional(),
    profiles: listOf(profile).exactOptional().describe("Names for `--profile`."),
    signIn: argv(home)
      .exactOptional()
      .describe("The program that signs in, such as `aws sso login`, in place of Evercred."),
    timeout: signInLimit,
  });

const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

/** It goes into a header of requests. */
const project = text.regex(
  /^(?:[a-z0-9.-]+:)?[a-z0-9-]+$/u,
  'must be the ID of a project, such as "example-claude"',
);

/** It goes into the address of requests. */
const serviceAccount = z
  .string("must be a text")
  .regex(
    /^[a-z0-9][\w.-]*@(?:[a-z0-9-]+\.)+gserviceaccount\.com$/u,
    'must be a service account such as "name@project.iam.gserviceaccount.com"',
  );

const impersonate = z
  .union([serviceAccount, listOf(serviceAccount)], "must be a service account, or a list of them")
  .transform((accounts) => (typeof accounts === "string" ? [accounts] : accounts))
  .default([])
  .describe("Service accounts to become, each by means of the one before it.");

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
      .default(false)
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

const command = (home: string) =>
  z.strictObject({
    kind: z.literal("command"),
    ...common(home),
    signIn: argv(home).describe("The program that signs in."),
    check: argv(home).exactOptional().describe("The program that exits 0 while signed in."),
    timeout: signInLimit,
  });

const sourceKinds = ["aws-sso", "google", "google-adc", "google-workforce", "command"] as const;

const source = (home: string) =>
  z.discriminatedUnion(
    "kind",
    [awsSso(home), google(home), googleAdc(home), googleWorkforce(home), command(home)],
    `must be one of ${sourceKinds.map((kind) => `"${kind}"`).join(", ")}`,
  );

const sourceId = text.regex(
  /^[a-z0-9-]{1,32}$/u,
  "must be an ID of at most 32 of the characters a-z, 0-9 and -",
);

/** The configuration file: what this version uses of it. Paths are expanded with this home directory. */
export const configSchema = (home: string) =>
  z.strictObject({
    $schema: z.string().exactOptional(),
    version: z.literal(1, "must be 1: a newer Evercred may know others").default(1),
    sources: z
      .record(sourceId, source(home))
      .default({})
      .describe("ID to a place to sign in to. An sso-session of ~/.aws/config needs no entry."),
    aws: z
      .strictObject({
        defaultProfile: text.exactOptional().describe("The profile where none is named."),
        mirrorSsoCache: yesOrNo
          .default(true)
          .describe("Whether other AWS tools get the access token through ~/.aws/sso/cache."),
      })
      .prefault({}),
    google: z
      .strictObject({
        defaultSource: sourceId.exactOptional().describe("The source where none is named."),
      })
      .prefault({}),
    network: z
      .strictObject({
        proxy: z
          .union(
            [
              z.enum(["auto", "system", "none"]),
              z.url({ protocol: /^https?$/u, error: proxyMessage }),
            ],
            proxyMessage,
          )
          .default("auto"),
        noProxy: listOf(text).default([]).describe("Hosts that are reached without the proxy."),
        caFiles: listOf(path(home))
          .default([])
          .describe("Certificates to trust: files or folders."),
        systemCa: yesOrNo.default(true).describe("Whether to trust what this system trusts."),
      })
      .prefault({}),
    signIn: z
      .strictObject({
        ask: ask.default("notify").describe("How a person is asked."),
        before: duration.default(durationMs("20m")).describe("How long before its end to ask."),
        schedule: listOf(
          text.refine(isSchedule, 'must be a schedule of cron such as "0 9 * * 1-5"'),
        )
          .default([])
          .describe("When to remind of sign-ins that will be needed."),
        whenLockedOrIdle: oneOf("wait").default("wait"),
        browser: browser(home)
          .exactOptional()
          .describe(
            "The command that opens sign-in pages of all sources without one of their own.",
          ),
      })
      .prefault({}),
    doors: z
      .strictObject({
        containerCredentials: yesOrNo
          .default(false)
          .describe("Whether `evercred aws env --server` may open doors for SDKs that stay open."),
        gceMetadata: yesOrNo
          .default(false)
          .describe("Whether programs may find a metadata server, as on Google's own machines."),
      })
      .prefault({}),
    app: z
      .strictObject({
        theme: oneOf("system", "light", "dark").default("system"),
        notifications: yesOrNo.default(true),
      })
      .prefault({}),
    log: oneOf(...logLevels).default("info"),
  });

/** What the configuration says, defaults filled in, durations in milliseconds. */
export type Config = z.output<ReturnType<typeof configSchema>>;

/** One entry of `sources`. */
export type SourceConfig = Config["sources"][string];

type OfKind<Kind extends SourceConfig["kind"]> = Extract<SourceConfig, { readonly kind: Kind }>;

export type AwsSsoConfig = OfKind<"aws-sso">;
export type GoogleConfig = OfKind<"google">;
export type GoogleAdcConfig = OfKind<"google-adc">;
export type GoogleWorkforceConfig = OfKind<"google-workforce">;
export type CommandConfig = OfKind<"command">;

/** The sources of one kind, by ID. */
export const sourcesOf = <Kind extends SourceConfig["kind"]>(
  { sources }: Pick<Config, "sources">,
  kind: Kind,
): Readonly<Record<string, OfKind<Kind>>> =>
  Object.fromEntries(
    Object.entries(sources).filter(
      (entry): entry is [string, OfKind<Kind>] => entry[1].kind === kind,
    ),
  );
