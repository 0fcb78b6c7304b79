import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { errorOf } from "../core/errors.ts";
import { inspectSettings, type SettingsFile } from "./inspect-settings.ts";
import { noteOf } from "./tool-note.ts";

/** A file of Claude Code's settings. */
export interface ClaudeSettingsFile extends SettingsFile {
  readonly scope: "managed" | "local" | "project" | "user";
}

/** What set-ups have noted of what they wrote. */
export interface SetupNotes {
  /** Why the notes cannot be read; undefined: they can, or there are none. */
  readonly fault: { readonly sentence: string; readonly remedy: string } | undefined;
  /** The variables under `env` that they wrote, by the file, links followed. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/** Claude Code on this machine, as it is seen from a folder. */
export interface ClaudeFacts {
  /** Those that there may be, the one that wins first. */
  readonly files: readonly ClaudeSettingsFile[];
  /** Whether somebody has told Claude Code to trust the folder, or one above it; undefined: that cannot be told. */
  readonly isTrusted: boolean | undefined;
  readonly notes: SetupNotes;
}

export interface ClaudePlaces {
  readonly home: string;
  /** `CLAUDE_CONFIG_DIR`; undefined or empty: `~/.claude`. */
  readonly configDir: string | undefined;
  /** Where administrators put settings. */
  readonly managedFolder: string;
  /** `setup.json`. */
  readonly noteFile: string;
}

/** Where administrators put settings on a system (Claude Code 2.1.331). */
export const claudeManagedFolder = (platform: NodeJS.Platform): string => {
  if (platform === "win32") return String.raw`C:\Program Files\ClaudeCode`;
  return platform === "darwin" ? "/Library/Application Support/ClaudeCode" : "/etc/claude-code";
};

/** Reads the settings that count in a folder. Never rejects. */
export const inspectClaude = async (cwd: string, places: ClaudePlaces): Promise<ClaudeFacts> => {
  const { home, configDir = "" } = places;
  const own = resolve(home, configDir === "" ? ".claude" : configDir);
  const of = async (
    scope: ClaudeSettingsFile["scope"],
    file: string,
  ): Promise<ClaudeSettingsFile> => ({ ...(await inspectSettings(file, "plain")), scope });
  const files = await Promise.all([
    ...(await managedFiles(places.managedFolder)).map((file) => of("managed", file)),
    of("local", join(cwd, ".claude", "settings.local.json")),
    of("project", join(cwd, ".claude", "settings.json")),
    of("user", join(own, "settings.json")),
  ]);
  // In the home directory the project's file is the user's.
  const seen = new Set<string>();
  const distinct = files
    .slice()
    .reverse()
    .filter(({ path }) => !seen.has(path.path) && seen.add(path.path));
  const stateFile = join(configDir === "" ? home : own, ".claude.json");
  return {
    files: distinct.reverse(),
    isTrusted: await isTrusted(cwd, stateFile),
    notes: notesIn(distinct, places.noteFile),
  };
};

const notesIn = (files: readonly ClaudeSettingsFile[], noteFile: string): SetupNotes => {
  try {
    const written = files.map(({ path: { path, real = path } }): [string, readonly string[]] => [
      real,
      (noteOf(real, noteFile)?.entries ?? []).flatMap(({ path: [holder, name] }) =>
        holder === "env" && name !== undefined ? [name] : [],
      ),
    ]);
    return { fault: undefined, variables: Object.fromEntries(written) };
  } catch (thrown) {
    const { message, remedy } = errorOf(thrown);
    return { fault: { sentence: message, remedy }, variables: {} };
  }
};

/** The last drop-in wins, and the file itself comes after all of them. */
const managedFiles = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(join(folder, "managed-settings.d")).catch(() => []);
  const dropIns = names.filter((name) => name.endsWith(".json") && !name.startsWith("."));
  return [
    ...dropIns
      .sort()
      .reverse()
      .map((name) => join(folder, "managed-settings.d", name)),
    join(folder, "managed-settings.json"),
  ];
};

/** Claude Code notes there by folder what somebody has said. */
const isTrusted = async (cwd: string, stateFile: string): Promise<boolean | undefined> => {
  try {
    const { projects } = JSON.parse(await readFile(stateFile, "utf8")) as {
      readonly projects?: Readonly<Record<string, { readonly hasTrustDialogAccepted?: unknown }>>;
    };
    return foldersFrom(cwd).some((folder) => projects?.[folder]?.hasTrustDialogAccepted === true);
  } catch {
    return undefined;
  }
};

/** A folder and all above it. */
const foldersFrom = (folder: string): readonly string[] => {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersFrom(above)];
};
