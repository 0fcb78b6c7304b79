import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parse } from "jsonc-parser";
import type { Places } from "../protocol/endpoint.ts";
import { reasonOf } from "./atomic-file.ts";
import { configSchema } from "./config-schema.ts";

/** What stands in the folders of a daemon. */
export interface OwnFolders {
  /** What we have put there: files, and folders that are ours whole. */
  readonly ours: readonly string[];
  /** What has a name of ours, in a folder that was somebody else's before: nobody knows whose it is. */
  readonly unsure: readonly string[];
  /** What somebody else has. */
  readonly others: readonly string[];
}

/** Something that could not be removed, and the system's word for why: `EACCES`. */
export interface NotRemoved {
  readonly path: string;
  readonly reason: string;
}

/** An empty file that says of a folder that we have made it, or have found nothing of others there. */
const mark = ".evercred";

/** The names of files in a folder, those of folders, and of the files those that nobody but we can have written. */
interface Names {
  readonly files: RegExp;
  readonly folders: RegExp;
  readonly certain: RegExp;
}

/** What comes of an interrupted write, and what is put aside by the version of its form. */
const aside = String.raw`(?:\.(?:v\d+\.bak|[0-9a-f]{12}\.tmp))?`;

const oneOf = (...patterns: readonly string[]): RegExp => new RegExp(`^(?:${patterns.join("|")})$`);

const none = oneOf("(?!)");

const configNames: Names = {
  files: oneOf(String.raw`config\.json${aside}`, String.raw`config\.schema\.json${aside}`),
  folders: none,
  certain: oneOf(String.raw`config\.schema\.json${aside}`),
};
const lockNames = [String.raw`(?:owner|start)\.lock`, String.raw`endpoint(?:\.[0-9a-f]{8})?`];
const stateNames: Names = {
  files: oneOf(
    String.raw`(?:memo|window|consent|setup)\.json${aside}`,
    String.raw`audit\.jsonl(?:\.\d+)?`,
    "first-run",
    ...lockNames,
  ),
  // Chromium's own.
  folders: oneOf("app"),
  certain: oneOf(...lockNames),
};
const runtimeNames: Names = {
  files: oneOf(String.raw`daemon\.sock`, "stopped"),
  folders: oneOf("runs", "tokens", "bridges", "pages"),
  certain: oneOf(String.raw`daemon\.sock`),
};
const logName = oneOf(String.raw`evercred\.log(?:\.\d+)?`);
const logNames: Names = { files: logName, folders: none, certain: logName };

const foldersOf = (places: Places): ReadonlyMap<string, readonly Names[]> => {
  const folders = new Map<string, Names[]>();
  const add = (folder: string, names: Names): void => {
    folders.set(folder, [...(folders.get(folder) ?? []), names]);
  };
  // A folder that lies in another one comes before it.
  add(places.runtimeDir, runtimeNames);
  add(places.configDir, configNames);
  add(dirname(places.logFile), logNames);
  add(places.stateDir, stateNames);
  return folders;
};

/**
 * Marks as ours the folders that are not there yet, or in which nothing but our own files stands. To be called before
 * anything is put there. Those in the `usual` places are ours by their names and get no mark. Never throws.
 */
export const markOwnFolders = (places: Places, usual: readonly string[]): void => {
  const folders = foldersOf(places);
  for (const [folder, names] of folders) {
    if (usual.includes(folder)) continue;
    const isOurs = (name: string): boolean =>
      folders.has(join(folder, name)) ||
      (kindOf(join(folder, name)) === "file" &&
        names.some(({ files }) => files.test(name)) &&
        (name !== "config.json" || isConfig(join(folder, name))));
    if (!namesIn(folder).every(isOurs)) continue;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, mark), "", { mode: 0o600, flag: "wx" });
    } catch {
      // Without the mark nothing is taken away there: that is all.
    }
  }
};

/** Those of the folders that are ours: `usual` ones, and marked ones. */
export const ownedFolders = (places: Places, usual: readonly string[]): readonly string[] =>
  [...foldersOf(places).keys()].filter((folder) => usual.includes(folder) || isMarked(folder));

/** What stands in these places. A folder that cannot be read is an empty one. */
export const lookIntoOwnFolders = (places: Places, usual: readonly string[]): OwnFolders => {
  const folders = foldersOf(places);
  const ours: string[] = [];
  const unsure: string[] = [];
  const others: string[] = [];
  for (const [folder, patterns] of folders) {
    const found = namesIn(folder);
    const hasMark = isMarked(folder);
    const isOwned = hasMark || usual.includes(folder);
    for (const name of found.filter((each) => !hasMark || each !== mark)) {
      const path = join(folder, name);
      if (folders.has(path)) continue;
      const kind = kindOf(path);
      const isNamed = patterns.some((names) => names[`${kind}s`].test(name));
      const isCertain = kind === "file" && patterns.some(({ certain }) => certain.test(name));
      if (!isNamed) others.push(path);
      else if (isOwned || isCertain) ours.push(path);
      else unsure.push(path);
    }
    // Last: whoever has to begin anew needs it.
    if (hasMark) ours.push(join(folder, mark));
  }
  return { ours, unsure, others };
};

/**
 * Takes all away that is ours, and the folders that are empty then. Returns what could not be removed, whose folder keeps
 * its mark; never throws.
 */
export const clearOwnFolders = (
  places: Places,
  usual: readonly string[],
): readonly NotRemoved[] => {
  const stuck = new Set<string>();
  const failed = lookIntoOwnFolders(places, usual).ours.flatMap((path) => {
    const folder = dirname(path);
    // Without it nobody would know the next time whose it is.
    if (stuck.has(folder) && basename(path) === mark) return [];
    const failure = failureOf(path, () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    });
    if (failure.length > 0) stuck.add(folder);
    return failure;
  });
  const left = [...foldersOf(places).keys()].flatMap((folder) =>
    // A link is somebody's own arrangement, and so is a folder with files of others.
    kindOf(folder) === "folder" && namesIn(folder).length === 0
      ? failureOf(folder, () => {
          rmdirSync(folder);
        })
      : [],
  );
  return [...failed, ...left];
};

const failureOf = (path: string, work: () => void): readonly NotRemoved[] => {
  try {
    work();
    return [];
  } catch (thrown) {
    const inner = thrown instanceof Error && "path" in thrown ? thrown.path : undefined;
    const reason = reasonOf(thrown);
    // Node tries a file that it may not remove as a folder, and tells of that.
    const said = reason === "ENOTDIR" ? "EPERM" : reason;
    return [{ path: typeof inner === "string" ? inner : path, reason: said }];
  }
};

/** What else has the mark's name may be somebody's own: `~/.evercred` as a folder, where the home is among the places. */
const isMarked = (folder: string): boolean => {
  try {
    const found = lstatSync(join(folder, mark));
    return found.isFile() && found.size === 0;
  } catch {
    return false;
  }
};

/** A link is a file: it is removed, not what it leads to. */
const kindOf = (path: string): "file" | "folder" => {
  try {
    return lstatSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return "file";
  }
};

/** Whether a configuration is one that we would take: others, too, have `app` or `log` in theirs. */
const isConfig = (file: string): boolean => {
  try {
    return configSchema(homedir()).safeParse(parse(readFileSync(file, "utf8"))).success;
  } catch {
    return false;
  }
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};
