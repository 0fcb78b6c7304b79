import type { Section } from "./config-grammar.ts";
import { isSectionName } from "./config-tail.ts";

/** Settings that say, together with those that start with `sso_`, where a profile's keys come from. */
const credentialSettings: ReadonlySet<string> = new Set([
  "role_arn",
  "source_profile",
  "credential_source",
  "external_id",
  "mfa_serial",
  "role_session_name",
  "duration_seconds",
  "credential_process",
  "web_identity_token_file",
  "login_session",
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_security_token",
  "aws_account_id",
  "aws_credential_scope",
  // What tools that write keys say of their end.
  "expiration",
  "aws_expiration",
  "aws_credential_expiration",
  "x_security_token_expires",
]);

/** Whether a setting, by its lower-cased name, has to do with where a profile's keys come from. */
export const isCredentialSetting = (name: string): boolean =>
  name.startsWith("sso_") || credentialSettings.has(name);

/** What one profile, or another section, says: values and nested blocks. */
type Settings = Pick<Section, "options" | "blocks">;

/**
 * The text of a config file with the settings of `profile` as its default, and under its own name, without any
 * credentials. `region` is where Evercred's own configuration has it. Profiles without credentials stay as they are; those with
 * some are left out, so that a program that asks for one fails and does not get the keys of `profile` for it.
 */
export const settingsWithoutKeys = (
  profile: string,
  region: string | undefined,
  config: readonly Section[],
  credentials: readonly Section[],
): string => {
  const profiles = new Map<string, Settings>();
  for (const section of [...config, ...credentials]) {
    if (section.kind !== "profile") continue;
    // Setting by setting the credentials file wins (botocore, `full_config`).
    profiles.set(section.name, merged(profiles.get(section.name) ?? nothing, section));
  }
  const own = merged(
    {
      ...nothing,
      options: new Map(region === undefined ? [] : [["region", { value: region, line: 0 }]]),
    },
    profiles.get(profile) ?? nothing,
  );
  profiles.delete(profile);
  profiles.delete("default");
  const others = [...profiles].filter(
    ([, settings]) => !namesOf(settings).some(isCredentialSetting),
  );
  const rest = config.filter(
    (section) => section.kind === "other" && !namesOf(section).some(isCredentialSetting),
  );
  return [
    ["default", own] as const,
    ...(profile === "default" ? [] : [[headerOf(profile), own] as const]),
    ...others.map(([name, settings]) => [headerOf(name), settings] as const),
    ...rest.map((section) => [section.name, section] as const),
  ]
    .map(([header, settings]) => `[${header}]\n${linesOf(settings).join("\n")}\n`)
    .join("\n");
};

const nothing: Settings = { options: new Map(), blocks: new Map() };

/** What `second` says wins; a name has a value or a block. */
const merged = (first: Settings, second: Settings): Settings => {
  const rest = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
    [...map].filter(([name]) => !second.options.has(name) && !second.blocks.has(name));
  return {
    options: new Map([...rest(first.options), ...second.options]),
    blocks: new Map([...rest(first.blocks), ...second.blocks]),
  };
};

const namesOf = ({ options, blocks }: Settings): readonly string[] => [
  ...options.keys(),
  ...blocks.keys(),
];

const linesOf = ({ options, blocks }: Settings): readonly string[] => [
  ...[...options]
    .filter(([name]) => !isCredentialSetting(name))
    .map(([name, { value }]) => `${name} = ${value.replace(/\n(?=[^\n])/g, "\n  ")}`),
  ...[...blocks]
    .filter(([name]) => !isCredentialSetting(name))
    .flatMap(([name, lines]) => [`${name} =`, ...lines.map((line) => `  ${line}`)]),
];

/** Quoted as a shell would have it where the name needs that (Python's shlex, which botocore reads it with). */
const headerOf = (name: string): string =>
  `profile ${isSectionName(name) ? name : `'${name.replaceAll("'", `'"'"'`)}'`}`;
