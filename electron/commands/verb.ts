import type { Broker } from "../core/broker.ts";
import type { Secret } from "../core/secret.ts";
import type { Audit } from "../core/audit.ts";
import type { Caller } from "../core/caller.ts";
import type { Gate } from "../core/gate.ts";
import type { SignIns } from "../core/sign-ins.ts";
import type { Target } from "../core/source.ts";
import type { Clock } from "../core/time.ts";
import type { Trouble, View } from "../protocol/view.ts";
import type { AuditReader } from "./audit-ports.ts";
import type { Consents } from "./consent-ports.ts";
import type { Access } from "./access-ports.ts";
import type { Inspector } from "./doctor-ports.ts";
import type { Face } from "./face-ports.ts";
import type { NetworkProbe } from "./network-ports.ts";
import type { Policies } from "./policy-ports.ts";
import type { Belongings } from "./reset-ports.ts";
import type {
  AwsTools,
  Bridges,
  ClaudeSettings,
  ConfigEditor,
  ConfigReader,
  Doors,
  Gateways,
  GoogleDoors,
  GoogleTools,
  LogReader,
  Settings,
} from "./ports.ts";
import type {
  ContainerSettings,
  EditorSettings,
  GcloudSettings,
  ProcessProfiles,
  SetupFiles,
} from "./setup-ports.ts";

/** What the shim sends: the command line and the few facts that a verb may depend on. */
export interface Request {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly terminal: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    /** In columns; 0 where unknown. */
    readonly width: number;
  };
  /** The bridge that it came over, and all that may be asked for there; undefined: the user's own door. */
  readonly bridge: { readonly name: string; readonly allow: readonly Target[] } | undefined;
  /** The version of the client that asks; left out where it does not say, and over a bridge. */
  readonly client?: string | undefined;
  /** Who asks. */
  readonly caller: Caller;
  /** Aborted when the caller has gone. Ends the request, and nothing else. */
  readonly signal: AbortSignal;
}

/** JSON that may hold secrets: only the reply's writer turns it into text. */
export type Json =
  | string
  | number
  | boolean
  | null
  | undefined
  | Secret
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Where a verb's words go. */
export interface Reply {
  /** A line of payload on stdout. */
  print(line: string): void;
  /** A JSON document on stdout, secrets in clear. */
  printJson(document: Json): void;
  /**
   * Payload on stdout that holds secrets in a form of its own: `form` is called at once with these values in clear,
   * and what it makes of them is printed as it is, without a newline of ours. What it throws is thrown.
   */
  printForm(
    values: Readonly<Record<string, string | Secret>>,
    form: (clear: Readonly<Record<string, string>>) => string,
  ): void;
  /** A line for people on stderr. Never holds a secret. */
  say(line: string): void;
  /** A line that the caller types; undefined at the end of its input. */
  ask(hidden: boolean): Promise<string | undefined>;
  /**
   * The caller's own environment, as far as it goes by these names; one that ends in `*` is the beginning of several.
   * Undefined where it cannot be had: over a bridge, or of a shim that is too old. It is shown and compared, and never
   * decides how the daemon works.
   */
  variables(names: readonly string[]): Promise<Readonly<Record<string, string>> | undefined>;
  /**
   * Has the shim execute the words after its own `--` with these variables set, and those unset. The connection stays
   * open until that program has ended: `Request.signal` tells.
   */
  run(set: Readonly<Record<string, string | Secret>>, unset: readonly string[]): void;
  /** As `run`, of a script for /bin/sh with these words as its arguments. Only for `bridge ssh` and `config edit`. */
  runScript(script: string, words: readonly string[]): void;
}

/**
 * What keeps a daemon that was replaced on the disk: work that is under way, what is typed in its window and not yet saved,
 * sign-ins that are kept in memory only, or that somebody has to start its successor by hand.
 */
export type Outlived = "request" | "renewal" | "sign-in" | "draft" | "memory" | "by-hand";

/** What the verbs know of the daemon that they run in. */
export interface DaemonFacts {
  readonly version: string;
  readonly pid: number;
  readonly socket: string;
  readonly configFile: string;
  /** The AWS CLI's configuration, as far as the daemon is concerned. */
  readonly awsConfigFile: string;
  /** The shim's absolute path on this machine. */
  readonly shim: string;
  /** The shim that runs in any Linux container of this machine's kind; undefined where that is not the one built here. */
  readonly containerShim: string | undefined;
  /** Its own environment, as far as that of callers is compared with it. It may hold secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly keychain: "os" | "memory";
  /** Why another Evercred than this one is installed, and this one goes on; undefined where it is the one that is installed. */
  outlived(): Outlived | undefined;
  /** The user's stop: holds until the next login, or until somebody starts it. */
  stop(): void;
}

/** What the verbs work with. */
export interface Context {
  readonly broker: Broker;
  readonly signIns: SignIns;
  readonly clock: Clock;
  readonly daemon: DaemonFacts;
  readonly aws: AwsTools;
  readonly google: GoogleTools;
  readonly doors: Doors;
  readonly googleDoors: GoogleDoors;
  readonly bridges: Bridges;
  readonly gate: Gate;
  readonly audit: Audit;
  readonly auditReader: AuditReader;
  readonly consents: Consents;
  readonly config: ConfigEditor;
  readonly configReader: ConfigReader;
  readonly policy: Policies;
  readonly logs: LogReader;
  readonly claude: ClaudeSettings;
  readonly editors: EditorSettings;
  readonly containers: ContainerSettings;
  readonly processProfiles: ProcessProfiles;
  readonly gcloud: GcloudSettings;
  readonly setupFiles: SetupFiles;
  readonly gateways: Gateways;
  readonly access: Access;
  readonly networkProbe: NetworkProbe;
  readonly inspector: Inspector;
  readonly belongings: Belongings;
  /** Undefined where there is no desktop. */
  readonly face: Face | undefined;
  /** The configuration in force. */
  settings(): Settings;
  /**
   * Files that only we can read, for a program that runs until `until`: resolves to their folder. They are gone
   * after it.
   */
  filesFor(files: Readonly<Record<string, string>>, until: AbortSignal): Promise<string>;
  /** Opens an address that is itself a secret: it stands in no command line. False where that is known to have failed. */
  openSecret(url: Secret): Promise<boolean>;
  /** The profile that the configuration names. */
  defaultProfile(): string | undefined;
  /** The Google source that the configuration names. */
  defaultGoogleSource(): string | undefined;
  /** What is wrong with files that we read. */
  problems(): readonly Trouble[];
  view(): View;
  /** Calls `listener` after changes of the view, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Something that nobody foresaw: it goes into the log, by its kind and place. */
  surprised(thrown: unknown): void;
  /** Calls `listener` with each line of the log, until the returned function is called. */
  trace(listener: (line: string) => void): () => void;
}

/** A flag that takes no value, or the name of the value that it takes. */
export interface Flag {
  readonly value?: string;
  readonly short?: string;
  readonly summary: string;
}

/** A command line, taken apart. */
export interface Parsed {
  readonly words: readonly string[];
  /** Whether a flag without value was given. */
  has(flag: string): boolean;
  /** The value of a flag; of several the last one. */
  value(flag: string): string | undefined;
  /** The values of a flag that may be given several times. */
  values(flag: string): readonly string[];
  /** Whether `--` was there: the caller's own program stands behind it, and never comes here. */
  readonly hasProgram: boolean;
}

/** One verb. Ends by returning the exit code, or by throwing an EvercredError. */
export interface Verb {
  /** `aws export` */
  readonly name: string;
  readonly summary: string;
  /** What may follow, for the usage line: `[SOURCE]`. */
  readonly words: string;
  /** How many words may follow. */
  readonly most: number;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Whether a program of the caller's may follow, behind `--`. */
  readonly takesProgram?: true;
  /** Whether it may be asked for over a bridge. */
  readonly onBridge?: true;
  /** What its output is, and for whom: the body of `evercred help VERB`. */
  readonly about: string;
  run(parsed: Parsed, request: Request, reply: Reply, context: Context): Promise<number>;
}
