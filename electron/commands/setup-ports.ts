import type { Secret } from "../core/secret.ts";
import type { Environment } from "./environment-ways.ts";

/** A change to a file that is worked out, and not made yet. */
export interface FileChange {
  readonly file: string;
  /** The text of the file; undefined: there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** How it is written. */
  readonly form: "json" | "ini";
  /** The values that a set-up itself writes there, or takes out. All others are their owner's, and are not shown. */
  readonly ours: readonly string[];
  /** Makes it, whole or not at all. Throws `config-invalid` where the file cannot be written, or is another one by now. */
  make(): void;
}

/** Whose settings: an editor's own, or those of a project, for all editors of the family. */
export type EditorPlace =
  | { readonly kind: "user"; readonly editor: string }
  | { readonly kind: "project"; readonly cwd: string };

/** The settings of VS Code and the editors made of it. What is not ours in them stays as it is. */
export interface EditorSettings {
  /** All editors that are known, as people call them on a command line. */
  readonly known: readonly string[];
  /** Those that somebody has used here. */
  present(): readonly string[];
  /**
   * Has the extension start Claude Code with these variables, and never ask for a sign-in. Throws `config-invalid` where
   * the file cannot be edited without damage.
   */
  set(place: EditorPlace, env: Readonly<Record<string, string>>): FileChange;
  /** Takes out what was set, and nothing of others. Undefined where nothing was. Throws as `set` does. */
  undo(place: EditorPlace): FileChange | undefined;
}

/** What a container is to have. */
export interface ContainerWishes {
  readonly mounts: readonly string[];
  readonly containerEnv: Readonly<Record<string, string>>;
  /** A file of the project, and its text: it is mounted as managed settings of Claude Code. */
  readonly claude: { readonly file: string; readonly text: string };
}

/** `devcontainer.json` of projects. What is not ours in it stays as it is. */
export interface ContainerSettings {
  /**
   * Throws `config-invalid` where the project has none, or it cannot be edited without damage, or the file for Claude
   * Code is somebody else's.
   */
  set(cwd: string, wishes: ContainerWishes): FileChange;
  /** Takes out what was set, and that file where nobody has changed it. Undefined where nothing was. */
  undo(cwd: string, claudeFile: string): FileChange | undefined;
}

/** gcloud's active configuration, as far as it says where its token comes from. */
export interface GcloudSettings {
  /** Has gcloud read its token from a file. Throws `usage` where it reads it from another one already. */
  set(tokenFile: string): FileChange;
  /** Undefined where gcloud reads its token from no file of ours. */
  undo(): FileChange | undefined;
}

/** A profile of the AWS tools whose keys a program of ours prints. */
export interface ProcessProfile {
  readonly name: string;
  /** The command line, as the AWS tools take it. */
  readonly command: string;
  readonly region: string | undefined;
}

/** The AWS CLI's configuration, as far as such profiles stand in it. */
export interface ProcessProfiles {
  /**
   * Has it stand there. Throws `usage` where the name is taken: by a profile that gets its keys elsewhere, or has keys
   * of its own that would win; `config-invalid` where the file cannot be edited.
   */
  set(profile: ProcessProfile): FileChange;
  /** Takes a profile out that stands there in our words. Undefined where none does. */
  undo(name: string): FileChange | undefined;
}

/** A secret that stands in a file in clear. */
export interface FoundSecret {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The variable, or the name in the AWS tools' own files. */
  readonly name: string;
  /** The section of the AWS tools' own files in which it stands. */
  readonly profile: string | undefined;
  /** Whether it is worked out there, and does not stand in clear. */
  readonly isComputed: boolean;
  /** Undefined where it can only be named: it is computed there, or the file is not ours to edit. */
  readonly movable: MovableSecret | undefined;
}

/** A secret that can be taken out of its file. */
export interface MovableSecret {
  readonly secret: Secret;
  /** The same for the same secret, wherever it stands; nothing can be learnt from it. */
  readonly identity: string;
  /** The proxy whose password it is. */
  readonly proxy: { readonly url: string; readonly user: string } | undefined;
  /**
   * Takes it out, and leaves word of where it is. Nothing else changes. Throws `config-invalid` where the file cannot be
   * written, or is another one by now.
   */
  take(key: string): void;
}

/** The files from which people's tools get their variables: shell profiles, Claude Code's and editors' settings. */
export interface SetupFiles {
  /** The secrets in them, and in the AWS tools' own files for these profiles. Files that cannot be read are left out. */
  secrets(cwd: string, profiles: readonly string[]): readonly FoundSecret[];
  /** The variables that settings of Claude Code and of editors set. */
  environments(cwd: string): readonly Environment[];
}
