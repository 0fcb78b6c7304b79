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

const awsSso = (home: string) =>
  z.strictObject({
    kind: z.literal("aws-sso", 'must be "aws-sso"'),
    title: text.exactOptional().describe("What people read. Else the ID."),
    browser: browser(home).exactOptional().describe("The command that opens its pages."),
    enabled: yesOrNo.default(true),
    ask: ask.exactOptional().describe("As signIn.ask, for this source."),
    startUrl: z
      .url({ protocol: /^https$/u, error: "must be an address that begins with https://" })
      .exactOptional(),
    region: region.exactOptional().describe("Where the organisation's Identity Center is."),
    scopes: listOf(text).exactOptional(),
    flow: oneOf("code", "device").exactOptional(),
    profiles: listOf(profile).exactOptional().describe("Names for `--profile`."),
  });

const sourceId = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/u, "must be an ID of at most 32 of the characters a-z, 0-9 and -");

/** The configuration file: what this version uses of it. Paths are expanded with this home directory. */
export const configSchema = (home: string) =>
  z.strictObject({
    $schema: z.string().exactOptional(),
    version: z.literal(1, "must be 1: a newer Evercred may know others").default(1),
    sources: z
      .record(sourceId, awsSso(home))
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

export type AwsSsoConfig = Config["sources"][string];
