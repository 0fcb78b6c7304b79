import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Where programs are that a terminal finds and a desktop, whose PATH is short, does not. */
const usualPlaces = (home: string): readonly string[] => [
  join(home, "google-cloud-sdk", "bin"),
  "/usr/lib/google-cloud-sdk/bin",
  "/opt/google-cloud-sdk/bin",
  "/snap/bin",
  "/opt/homebrew/bin",
  "/usr/local/bin",
  join(home, ".local", "bin"),
];

/** There is one environment, so there is one who completes it. */
let complete = (): Promise<void> => Promise.resolve();

/** Names what has to be done to our environment before programs are looked for or run. */
export const beforePrograms = (work: () => Promise<void>): void => {
  complete = work;
};

/** Resolves once our environment is the one in which programs are looked for and run. */
export const programsReady = (): Promise<void> => complete();

/** The path of a program: by its own path, on the PATH of `env`, or where it usually is; undefined where it is not. */
export const findProgram = (
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string | undefined => {
  const isWindows = process.platform === "win32";
  const endings = isWindows ? ["", ".exe", ".cmd", ".bat"] : [""];
  const found = (path: string): string | undefined =>
    endings.map((ending) => `${path}${ending}`).find(isProgram);
  if (isAbsolute(name)) return found(name);
  // Where the daemon was started says nothing.
  if (/[/\\]/.test(name)) return undefined;
  const places = [
    ...(env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((place) => isAbsolute(place)),
    ...(isWindows ? [] : usualPlaces(home)),
  ];
  for (const place of places) {
    const path = found(join(place, name));
    if (path !== undefined) return path;
  }
  return undefined;
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};
