import type { ClaudeSettingsFile } from "../doctor-ports.ts";

/** A value of Claude Code's settings, and where it stands. */
export interface Said {
  readonly file: ClaudeSettingsFile;
  readonly path: readonly string[];
  readonly value: string;
}

/** Where a value stands: `FILE line 4`. */
export const placeOf = ({ file, path }: Said): string =>
  `${file.path.path} line ${file.lineOf(...path) ?? 1}`;

/** What to do so that a value no longer stands there. */
export const takeOut = (said: Said): string => {
  const { file, path } = said;
  const name = path.at(-1) ?? "";
  return file.scope === "managed"
    ? `Ask your administrator to take ${name} out of ${file.path.path}.`
    : `Take ${name} out of ${file.path.path} (line ${file.lineOf(...path) ?? 1}).`;
};

/** All that say something for this name at the top, the one that wins first. Empty texts say nothing. */
export const topOf = (files: readonly ClaudeSettingsFile[], name: string): readonly Said[] =>
  saidIn(files, [name], ({ settings }) => settings[name]);

/** The same of a variable under `env`. */
export const variableOf = (files: readonly ClaudeSettingsFile[], name: string): readonly Said[] =>
  saidIn(files, ["env", name], ({ settings }) => envIn(settings)[name]);

/** The names of all variables that some file sets. */
export const variablesIn = (files: readonly ClaudeSettingsFile[]): readonly string[] => [
  ...new Set(files.flatMap(({ settings }) => Object.keys(envIn(settings)))),
];

/** Whether a variable that can be switched on is so. */
export const isOn = (value = ""): boolean =>
  !["", "0", "false", "no", "off"].includes(value.toLowerCase());

const envIn = ({ env }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  typeof env === "object" && env !== null ? { ...env } : {};

const saidIn = (
  files: readonly ClaudeSettingsFile[],
  path: readonly string[],
  valueIn: (file: ClaudeSettingsFile) => unknown,
): readonly Said[] =>
  files.flatMap((file) => {
    const value = valueIn(file);
    return typeof value === "string" && value.trim() !== "" ? [{ file, path, value }] : [];
  });
