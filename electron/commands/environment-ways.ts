import type { Secret } from "../core/secret.ts";
import { foundAt, shownValue } from "./config-name.ts";
import { plain } from "./plain.ts";
import type { ConfigValue, Setting } from "./ports.ts";
import { posixQuoted } from "./shell-quoting.ts";

/** Variables as another program has them. They may hold secrets: what is shown of a value is no secret. */
export interface Environment {
  /** For people: `this shell`, `~/.claude/settings.json`. */
  readonly where: string;
  /** Whether it is of a project, whose files anybody may have written: nothing in it is ever offered to be saved. */
  readonly isProject: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

/** How the daemon works. */
export interface Ways {
  /** Its own environment, as far as it is compared. It may hold secrets too. */
  readonly environment: Readonly<Record<string, string>>;
  /** The configuration in force. */
  readonly settings: readonly Setting[];
  /** The AWS CLI's configuration that it reads. */
  readonly awsConfigFile: string;
  /** The profile that it takes where nobody names one. */
  readonly profile: string | undefined;
}

/** A setting to be written. */
export interface SettingChange {
  readonly path: readonly string[];
  readonly value: ConfigValue;
}

/** A password that has to be a key before a setting can name it. */
export interface Password {
  readonly secret: Secret;
  /** What the key may be called. */
  readonly key: string;
  /** The setting that names it. */
  readonly path: readonly string[];
}

/** Where another program works otherwise than the daemon. */
export interface Difference {
  /** The variable that says it. */
  readonly variable: string;
  readonly sentence: string;
  /** The settings by which the daemon would work so; none: no setting says it. */
  readonly changes: readonly SettingChange[];
  readonly password: Password | undefined;
  /** What to type for it, or to do instead. */
  readonly remedy: string;
}

/** What is set at a path, as people write it. */
export const settingAt = (path: string, { settings }: Ways): ConfigValue | undefined => {
  const found = foundAt(path.split("."), settings);
  return found.kind === "value" ? found.value : undefined;
};

/** What is set at a path that takes a list of texts. */
export const textsAt = (path: string, ways: Ways): readonly string[] => {
  const value = settingAt(path, ways);
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
};

/** A difference that settings end, with the command lines that write them. */
export const savable = (
  variable: string,
  sentence: string,
  changes: readonly SettingChange[],
  password?: Password,
): Difference => {
  const lines = changes.map(configLine);
  const keyLines =
    password === undefined
      ? []
      : [
          `evercred api-key add ${password.key} --kind static`,
          `evercred config set ${password.path.join(".")} ${password.key}`,
        ];
  const remedy = `To have Evercred work so: ${[...lines, ...keyLines].join(" && ")}`;
  return { variable, sentence, changes, password, remedy };
};

/** The command line that writes a setting. */
export const configLine = ({ path, value }: SettingChange): string => {
  const text = plain(shownValue(value));
  return `evercred config set ${path.join(".")} ${quoted(text)}`;
};

const quoted = (text: string): string => (/^[\w@%+:,./-]+$/.test(text) ? text : posixQuoted(text));

/** A difference that no setting ends. */
export const unsavable = (variable: string, sentence: string, remedy: string): Difference => ({
  variable,
  sentence,
  changes: [],
  password: undefined,
  remedy,
});
