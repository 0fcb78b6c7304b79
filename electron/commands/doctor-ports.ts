/** What there is at a path. */
export interface PathFacts {
  readonly path: string;
  /**
   * `dangling`: a link that leads nowhere, or to itself. `hidden`: nobody may look there, or what is above it is no folder.
   * Links are followed for all else.
   */
  readonly kind: "missing" | "dangling" | "hidden" | "file" | "directory" | "socket" | "other";
  /** Permissions; undefined where there is nothing, and on Windows. */
  readonly mode: number | undefined;
  readonly isOurs: boolean;
  /** Whether it is a link itself. */
  readonly isLink: boolean;
  /** Whether we may run it. */
  readonly isExecutable: boolean;
  /** What the links lead to; undefined where there is nothing. */
  readonly real: string | undefined;
}

/** Where shims look for the daemon. */
export interface EndpointFacts {
  /** Undefined on Windows, where it is a pipe. */
  readonly socket: PathFacts | undefined;
  readonly directory: PathFacts;
  /** The file that says where the daemon listens, for shims whose environment points elsewhere. */
  readonly noteFile: PathFacts;
  /** Whether that file names this socket. */
  readonly isNoted: boolean;
}

/** A file of settings in JSON, as it is now. */
export interface SettingsFile {
  readonly path: PathFacts;
  /** `missing` and `unreadable` have no settings; `invalid` neither: `fault` says why, without quoting. */
  readonly state: "read" | "missing" | "unreadable" | "invalid";
  readonly fault: { readonly line: number; readonly sentence: string } | undefined;
  /** What it says at the top, by name; empty where nothing could be read. Holds secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The line, counted from 1, on which a value's name stands; undefined where it does not. */
  lineOf(...path: readonly string[]): number | undefined;
}

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

/** The settings of an editor in which Claude Code may run. */
export interface EditorFacts extends SettingsFile {
  /** `VS Code`, `Cursor` */
  readonly editor: string;
}

/** A profile of the AWS tools, and where what is meant of it stands. */
export interface AwsSpot {
  readonly profile: string;
  readonly file: string;
  readonly line: number;
}

/** The AWS tools' own files. */
export interface AwsFacts {
  readonly config: PathFacts;
  readonly credentials: PathFacts;
  /** Profiles with keys of their own. */
  readonly keys: readonly AwsSpot[];
  /** Profiles with an SSO sign-in that is not of an sso-session. */
  readonly legacy: readonly AwsSpot[];
}

/** A file of Application Default Credentials. */
export interface AdcFacts {
  readonly path: PathFacts;
  /** `broken`: it cannot be used, and `fault` says why. */
  readonly state: "absent" | "broken" | "read";
  readonly fault: { readonly sentence: string; readonly remedy: string } | undefined;
  /** `authorized_user` and so on; undefined where it could not be read. */
  readonly type: string | undefined;
  /** The service account that it is of, or leads to. */
  readonly account: string | undefined;
  readonly quotaProject: string | undefined;
}

/** How programs are started at login. */
export interface AutostartFacts {
  /** Whether it can be told on this system. */
  readonly isKnown: boolean;
  /** The entry of Evercred, where there is one. */
  readonly entry:
    | {
        readonly file: string;
        readonly isEnabled: boolean;
        /** The program that it starts; undefined where the entry names none. */
        readonly program: PathFacts | undefined;
      }
    | undefined;
}

/** The disk under the state directory. */
export interface DiskFacts {
  /** Where it is no folder, nothing else is known. */
  readonly folder: PathFacts;
  /** The system's word (`ENOSPC`, `EROFS`) where nothing can be written; undefined: it can. */
  readonly unwritable: string | undefined;
  readonly freeBytes: number;
  readonly logBytes: number;
  readonly auditBytes: number;
}

/** A client, and whether it is this daemon's. */
export interface ShimFacts {
  readonly path: PathFacts;
  readonly isSame: boolean;
}

/** What runs here. */
export interface VersionFacts {
  readonly node: string;
  /** Undefined under plain Node. */
  readonly electron: string | undefined;
  readonly system: string;
  /** What the client beside this daemon says of itself; undefined where it says nothing. */
  readonly shim: string | undefined;
  /** The clients that this search path leads to, in its order. */
  readonly shims: readonly ShimFacts[];
  /** The version of Claude Code that it leads to; undefined where none is found, or its files do not say. */
  readonly claude: string | undefined;
  /** Whether it leads to a Claude Code at all. */
  readonly hasClaude: boolean;
}

/** Why no daemon answers, as far as it can be told from outside. */
export interface AbsenceFacts {
  /** Whether the user has stopped it. */
  readonly isStopped: boolean;
  /** The process that owns the state directory all the same. */
  readonly owner: { readonly pid: number; readonly socket: string } | undefined;
  /** Whether there is anything where it should listen. */
  readonly isSocketThere: boolean;
  /** The last lines of the log, the newest one last. */
  readonly lastLines: readonly string[];
}

/** An address of a provider in use. */
export interface ProviderPlace {
  readonly source: string;
  readonly url: URL;
}

/** A file of a support archive. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

/** This machine, as far as it has a say in whether Evercred works. Nothing is changed; what cannot be told rejects. */
export interface Inspector {
  /** Has the daemon read its files as they are now. */
  refresh(): Promise<void>;
  path(path: string): Promise<PathFacts>;
  /** Whether a program is the client of this installation, or a copy of it. */
  isClient(path: string): Promise<boolean>;
  endpoint(): Promise<EndpointFacts>;
  /** Undefined where a daemon runs. */
  absence(): Promise<AbsenceFacts | undefined>;
  /** Those of all sources that are asked over the network. */
  providers(): readonly ProviderPlace[];
  /** What is wrong with the settings that say by which way, as far as that is known by now: some are read when needed. */
  networkProblems(): readonly { readonly sentence: string; readonly remedy: string }[];
  /**
   * Writes an entry, reads it and takes it away again, where secrets are kept in the keychain and not in `memory` only.
   * Rejects with an EvercredError where that does not work.
   */
  keychain(): Promise<"persisted" | "memory">;
  aws(): Promise<AwsFacts>;
  /** The file that Google's libraries would read here, or where GOOGLE_APPLICATION_CREDENTIALS is `named`. */
  adc(named?: string): Promise<AdcFacts>;
  claude(cwd: string): Promise<ClaudeFacts>;
  editors(): Promise<readonly EditorFacts[]>;
  autostart(): Promise<AutostartFacts>;
  disk(): Promise<DiskFacts>;
  /** `searchPath`: a PATH. No program that it leads to is run. */
  versions(searchPath: string | undefined): Promise<VersionFacts>;
  /** The last lines of the record of what was served. */
  auditTail(lines: number): Promise<readonly string[]>;
  /** Writes files as an archive (tar, gzip) that only we can read. Rejects with `usage` where something stands there already. */
  bundle(file: string, files: readonly BundleFile[]): Promise<void>;
}
