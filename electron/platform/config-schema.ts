import * as z from "zod";
import { headersSchema } from "./config-headers.ts";
import { keysSchema } from "./config-keys.ts";
import { networkSchema } from "./config-network.ts";
import { sourcesSchema } from "./config-sources.ts";
import { durationMs } from "./config-units.ts";
import { ask, browser, duration, id, listOf, oneOf, text, yesOrNo } from "./config-values.ts";
import { logLevels } from "./log.ts";
import { isSchedule } from "./sweep.ts";

const built = new Map<string, ReturnType<typeof build>>();

/**
 * The configuration file: what this version uses of it. Paths are expanded with this home directory. It is the same one
 * for the same home: to build it, and to read with it for the first time, takes longer than all later readings.
 */
export const configSchema = (home: string): ReturnType<typeof build> => {
  const schema = built.get(home) ?? build(home);
  built.set(home, schema);
  return schema;
};

const build = (home: string) =>
  z.strictObject({
    $schema: z.string().exactOptional(),
    version: z.literal(1, "must be 1: a newer Evercred may know others").default(1),
    sources: sourcesSchema(home).describe(
      "ID to a place to sign in to. An sso-session of ~/.aws/config needs no entry.",
    ),
    keys: keysSchema(home).describe("Name to what `evercred api-key NAME` prints."),
    headers: headersSchema.describe(
      "Name to what `evercred headers NAME` prints. ${key:NAME} is filled in.",
    ),
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
        defaultSource: id.exactOptional().describe("The source where none is named."),
      })
      .prefault({}),
    network: networkSchema(home),
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
        startAtLogin: yesOrNo
          .exactOptional()
          .describe("Whether the app starts at login. Unset: as the system has it."),
        theme: oneOf("system", "light", "dark").default("system"),
        language: oneOf("system", "en", "de", "ja")
          .default("system")
          .describe("The language of the window, the tray and notifications."),
        notifications: yesOrNo.default(true),
      })
      .prefault({}),
    consent: oneOf("off", "ask")
      .default("off")
      .describe("Whether a person is asked the first time that a program wants something."),
    audit: z
      .strictObject({
        keep: duration
          .default(durationMs("30d"))
          .describe("How long the record of what was handed out is kept."),
        maxSizeMb: z
          .int("must be a whole number")
          .min(1, "must be 1 at least")
          .max(1_000, "must be 1000 at most")
          .default(10)
          .describe("How large that record gets at most, in MB."),
      })
      .prefault({}),
    updates: z
      .strictObject({
        mode: oneOf("install", "notify", "off")
          .default("install")
          .describe(
            "Whether the app brings itself up to date, says that it could, or never asks. What a package manager has installed never does.",
          ),
        channel: oneOf("stable").default("stable").describe("Which releases it follows."),
      })
      .prefault({}),
    log: oneOf(...logLevels).default("info"),
  });

/** What the configuration says, defaults filled in, durations in milliseconds. */
export type Config = z.output<ReturnType<typeof configSchema>>;

/** One entry of `sources`. */
export type SourceConfig = Config["sources"][string];

/** One entry of `keys`. */
export type KeyConfig = Config["keys"][string];

type OfKind<T extends { readonly kind: string }, Kind extends T["kind"]> = Extract<
  T,
  { readonly kind: Kind }
>;

export type AwsSsoConfig = OfKind<SourceConfig, "aws-sso">;
export type GoogleConfig = OfKind<SourceConfig, "google">;
export type GoogleAdcConfig = OfKind<SourceConfig, "google-adc">;
export type GoogleWorkforceConfig = OfKind<SourceConfig, "google-workforce">;
export type OidcConfig = OfKind<SourceConfig, "oidc">;
export type CommandConfig = OfKind<SourceConfig, "command">;

/** The sources of one kind, by ID. */
export const sourcesOf = <Kind extends SourceConfig["kind"]>(
  { sources }: Pick<Config, "sources">,
  kind: Kind,
): Readonly<Record<string, OfKind<SourceConfig, Kind>>> => ofKind(sources, kind);

/** The keys of one kind, by name. */
export const keysOf = <Kind extends KeyConfig["kind"]>(
  { keys }: Pick<Config, "keys">,
  kind: Kind,
): Readonly<Record<string, OfKind<KeyConfig, Kind>>> => ofKind(keys, kind);

const ofKind = <T extends { readonly kind: string }, Kind extends T["kind"]>(
  entries: Readonly<Record<string, T>>,
  kind: Kind,
): Readonly<Record<string, OfKind<T, Kind>>> =>
  Object.fromEntries(
    Object.entries(entries).filter(
      (entry): entry is [string, OfKind<T, Kind>] => entry[1].kind === kind,
    ),
  );
