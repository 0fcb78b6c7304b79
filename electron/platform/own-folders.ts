import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Places } from "../protocol/endpoint.ts";

/** What stands in the folders of a daemon. */
export interface OwnFolders {
  /** What we have put there: files, and folders that are ours whole. */
  readonly ours: readonly string[];
  /** What somebody else has. */
  readonly others: readonly string[];
}

/** What comes of an interrupted write, and what is put aside by age or by the version of its form. */
const aside = String.raw`(?:\.(?:\d+|v\d+\.bak|[0-9a-f]{8}|[0-9a-f]{12}\.tmp))?`;

const names = (...patterns: readonly string[]): RegExp =>
  new RegExp(`^(?:${patterns.join("|")})${aside}$`);

const configNames = names(String.raw`config\.json`, String.raw`config\.schema\.json`);
const stateNames = names(
  String.raw`(?:memo|window|consent|setup)\.json`,
  String.raw`audit\.jsonl`,
  String.raw`(?:owner|start)\.lock`,
  "endpoint",
  "first-run",
  // Chromium's own.
  "app",
);
const runtimeNames = names(
  String.raw`daemon\.sock`,
  "stopped",
  "runs",
  "tokens",
  "bridges",
  "pages",
);
const logNames = names(String.raw`evercred\.log`);

const foldersOf = (places: Places): ReadonlyMap<string, readonly RegExp[]> => {
  const folders = new Map<string, RegExp[]>();
  const add = (folder: string, pattern: RegExp): void => {
    folders.set(folder, [...(folders.get(folder) ?? []), pattern]);
  };
  // A folder that lies in another one comes before it.
  add(places.runtimeDir, runtimeNames);
  add(places.configDir, configNames);
  add(dirname(places.logFile), logNames);
  add(places.stateDir, stateNames);
  return folders;
};

/** What stands in these places. A folder that cannot be read is an empty one. */
export const lookIntoOwnFolders = (places: Places): OwnFolders => {
  const folders = foldersOf(places);
  const ours: string[] = [];
  const others: string[] = [];
  for (const [folder, patterns] of folders) {
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      if (folders.has(path)) continue;
      const isOurs = patterns.some((pattern) => pattern.test(name));
      (isOurs ? ours : others).push(path);
    }
  }
  return { ours, others };
};

/** Takes all away that is ours, and the folders that are empty then. What cannot be removed stays; it never throws. */
export const clearOwnFolders = (places: Places): void => {
  for (const path of lookIntoOwnFolders(places).ours) {
    attempt(() => {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    });
  }
  for (const folder of foldersOf(places).keys()) {
    attempt(() => {
      rmdirSync(folder);
    });
  }
};

const attempt = (work: () => void): void => {
  try {
    work();
  } catch {
    // Somebody else's files are in it, or it is not ours to remove.
  }
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};
