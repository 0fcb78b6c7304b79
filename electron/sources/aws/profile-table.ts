import { type Section, shownSection } from "./config-grammar.ts";
import type { Report, Spot } from "../problem.ts";
import { isSecretName, keysOf, type StaticKeys } from "./static-keys.ts";

/** What one file says. */
export interface FileSections {
  readonly file: string;
  readonly sections: readonly Section[];
}

/** A value and where it stands. */
export interface Setting extends Spot {
  readonly value: string;
}

/** All that both files say of a profile; what is secret is in its keys only. */
export interface Profile {
  readonly name: string;
  readonly at: Spot;
  /** By lower-cased name. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** The keys in the credentials file; other tools take them first. */
  readonly sharedKeys: StaticKeys | undefined;
  /** The keys in the config file. */
  readonly configKeys: StaticKeys | undefined;
}

/** Whether some keys stand in a profile, also where they are not whole. */
export const hasKeys = ({ sharedKeys, configKeys }: Profile): boolean =>
  sharedKeys !== undefined || configKeys !== undefined;

/**
 * The profiles of both files by name. Setting by setting the credentials file wins (botocore, `full_config`);
 * keys are one thing, and come from one file.
 */
export const profileTableOf = (
  config: FileSections,
  credentials: FileSections,
): ReadonlyMap<string, Profile> => {
  const table = new Map<string, Profile>();
  const { file } = config;
  for (const { name, line, options } of config.sections.filter(isProfile)) {
    table.set(name, {
      name,
      at: { file, line },
      settings: settingsOf(options, file),
      sharedKeys: undefined,
      configKeys: keysOf(options, file),
    });
  }
  const shared = credentials.file;
  for (const { name, line, options } of credentials.sections.filter(isProfile)) {
    const known = table.get(name);
    table.set(name, {
      name,
      at: known?.at ?? { file: shared, line },
      settings: new Map([...(known?.settings ?? []), ...settingsOf(options, shared)]),
      sharedKeys: keysOf(options, shared),
      configKeys: known?.configKeys,
    });
  }
  return table;
};

const isProfile = ({ kind }: Section): boolean => kind === "profile";

const settingsOf = (options: Section["options"], file: string): ReadonlyMap<string, Setting> =>
  new Map(
    [...options]
      .filter(([name]) => !isSecretName(name))
      .map(([name, option]) => [name, { ...option, file }]),
  );

/** What only a profile has. */
const profileSettings = [
  "sso_session",
  "sso_start_url",
  "role_arn",
  "credential_process",
  "web_identity_token_file",
  "aws_access_key_id",
];

/** Says which sections of the config file are meant as profiles and are none. */
export const reportStrays = ({ file, sections }: FileSections, report: Report): void => {
  for (const { kind, name, line, options } of sections) {
    const setting = profileSettings.find((each) => options.has(each));
    if (kind !== "other" || setting === undefined) continue;
    const group = setting.startsWith("sso_") ? "its sso_ settings" : `its ${setting}`;
    report(
      { file, line },
      `Section [${shownSection(name)}] is not a profile, so no tool uses ${group}.`,
      `Write [profile ${shownSection(name)}].`,
    );
  }
};
