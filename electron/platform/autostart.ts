import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { reasonOf, replaceFile } from "./atomic-file.ts";
import {
  type DesktopEntry,
  entryText,
  hidingText,
  type NewEntry,
  readEntry,
  switched,
} from "./desktop-entry.ts";

/** Where entries of XDG autostart are looked for. */
export interface AutostartPlaces {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An entry of ours among those of the desktop. */
export interface FoundEntry extends DesktopEntry {
  readonly file: string;
  readonly text: string;
}

/** The name of the entry that we write. */
const ownName = "dev.evercred.app.desktop";

/**
 * The entries that name Evercred, of the user and of the system (Desktop Application Autostart Specification 0.5). Of one
 * name the user's counts. Never throws.
 */
export const findEntries = (places: AutostartPlaces): FoundEntries => ({
  user: entryIn(userFolder(places)),
  system: systemFolders(places)
    .map(entryIn)
    .find((entry) => entry !== undefined),
});

/** Of each the first by name. */
export interface FoundEntries {
  readonly user: FoundEntry | undefined;
  readonly system: FoundEntry | undefined;
}

/** The entry that the desktop goes by; undefined where there is none. */
export const countingEntry = ({ user, system }: FoundEntries): FoundEntry | undefined => {
  if (user === undefined || system === undefined) return user ?? system;
  const isSame = basename(user.file) === basename(system.file);
  return isSame || user.isEnabled || !system.isEnabled ? user : system;
};

/**
 * Has the desktop start this at login, or not. An entry that somebody else has written is switched on or off, and stays
 * as it is else; one of the system is put out of force by one of the user's. Throws an EvercredError.
 */
export const setAutostart = (isWanted: boolean, entry: NewEntry, places: AutostartPlaces): void => {
  const { user, system } = findEntries(places);
  const theirs = user?.isOurs === false ? user : undefined;
  const systems = system?.isEnabled === true ? basename(system.file) : undefined;
  const isDecided = theirs !== undefined && (isWanted || basename(theirs.file) === systems);
  try {
    const target = isDecided ? undefined : targetOf(isWanted, systems, entry, userFolder(places));
    if (theirs !== undefined) put(theirs.file, switched(theirs.text, isWanted), theirs);
    if (target !== undefined) put(target.file, target.text, user);
    if (user?.isOurs === true && user.file !== target?.file) rmSync(user.file);
  } catch (thrown) {
    throw new EvercredError(
      "config-invalid",
      `The start at login cannot be changed in ${userFolder(places)} (${reasonOf(thrown)}).`,
      { remedy: "Make that folder writable for yourself.", cause: thrown },
    );
  }
};

/** The entries of the user's that we have written, whichever it is that counts: their files. Never throws. */
export const ownEntries = (places: AutostartPlaces): readonly string[] =>
  entriesIn(userFolder(places)).flatMap(({ file, isOurs }) => (isOurs ? [file] : []));

/** What has to stand in the user's folder, where the system has an entry of that name that starts us, or none. */
const targetOf = (
  isWanted: boolean,
  systems: string | undefined,
  entry: NewEntry,
  folder: string,
): { readonly file: string; readonly text: string } | undefined => {
  if (isWanted && systems === undefined) {
    return { file: join(folder, ownName), text: entryText(entry) };
  }
  return isWanted || systems === undefined
    ? undefined
    : { file: join(folder, systems), text: hidingText };
};

const put = (file: string, text: string, before: FoundEntry | undefined): void => {
  if (before?.file !== file || before.text !== text) replaceFile(file, text, 0o644);
};

const userFolder = ({ home, env }: AutostartPlaces): string =>
  join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "autostart");

const systemFolders = ({ env }: AutostartPlaces): readonly string[] =>
  (env["XDG_CONFIG_DIRS"] || "/etc/xdg")
    .split(":")
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, "autostart"));

const entryIn = (folder: string): FoundEntry | undefined => entriesIn(folder)[0];

/** Those that name Evercred, in the order of their names. Where one of them cannot be read there are none. */
const entriesIn = (folder: string): readonly FoundEntry[] => {
  try {
    return readdirSync(folder)
      .sort()
      .filter((name) => /evercred.*\.desktop$/iu.test(name))
      .map((name) => {
        const file = join(folder, name);
        const text = readFileSync(file, "utf8");
        return { file, text, ...readEntry(text) };
      });
  } catch {
    return [];
  }
};

/** Whether the desktop starts the app at login, and the way to change that. */
export interface Autostart {
  isOn(): boolean;
  /** Throws an EvercredError. */
  set(isWanted: boolean): void;
}

/** That of a desktop on Linux. */
export const xdgAutostart = ({
  home,
  env,
  command,
  comments,
}: AutostartPlaces & Pick<NewEntry, "command" | "comments">): Autostart => {
  const places = { home, env };
  // Started at login without it, it would be another one.
  const { EVERCRED_HOME } = env;
  const environment: NewEntry["environment"] = EVERCRED_HOME === undefined ? {} : { EVERCRED_HOME };
  return {
    isOn: () => countingEntry(findEntries(places))?.isEnabled ?? false,
    set: (isWanted) => {
      setAutostart(isWanted, { command, comments, environment }, places);
    },
  };
};
