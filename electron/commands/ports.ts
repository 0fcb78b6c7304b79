import type { AwsCredential } from "../core/credential.ts";
import type { Secret } from "../core/secret.ts";
import type { Target } from "../core/source.ts";
import type { Instant } from "../core/time.ts";
import type { Setter } from "./policy-ports.ts";
import type { FileChange } from "./setup-ports.ts";

/** A profile to be written: a role in an account under a name. */
export interface NewProfile {
  readonly name: string;
  readonly account: string;
  readonly role: string;
  readonly region: string | undefined;
}

/** What can be made of AWS role keys, and of the AWS tools' own files. Every failure is an EvercredError. */
export interface AwsTools {
  /**
   * An address that signs whoever opens it in to the AWS console with these keys: a secret, good for 15
   * minutes. `destination` is a page of the console; else its home in `region`.
   */
  consoleUrl(
    credential: AwsCredential,
    where: { readonly region: string | undefined; readonly destination: string | undefined },
    signal: AbortSignal,
  ): Promise<Secret>;
  /** A short-term Bedrock API key, made of the keys here without a request; it ends with them at the latest. */
  bedrockKey(credential: AwsCredential, region: string, lifetimeMs: number): Promise<Secret>;
  /**
   * The text of an AWS config file that has `profile`'s settings as its default and names no credentials:
   * for programs that are to take them from us and from nowhere else.
   */
  settingsWithoutKeys(profile: string): string;
  /**
   * Writes an sso-session for an organisation, and resolves to its source's id once that is there. One of the same
   * organisation that stands there already is taken as it is.
   */
  addOrganisation(organisation: {
    readonly name: string | undefined;
    readonly startUrl: string;
    readonly region: string;
  }): Promise<string>;
  /**
   * Writes profiles of a source, all or none, and resolves once they can be asked for. Rejects with `usage` where
   * a name is taken by something else, `config-invalid` where the file cannot be written.
   */
  addProfiles(source: string, profiles: readonly NewProfile[]): Promise<void>;
}

/** What can be made of Google grants, and of the Google tools' own files. Every failure is an EvercredError. */
export interface GoogleTools {
  /** The file of Application Default Credentials that Google's libraries read: the well-known one. */
  readonly adcFile: string;
  /**
   * Writes that file from a source's grant, whole or not at all, for its owner only. What stands there of another
   * client stays, with `usage`, unless it is to be `replaced`: then it is kept beside it. What cannot be read, or is no
   * file of ours to write, stays always. Resolves to what has become of the file that was there.
   */
  writeAdc(
    source: string,
    how: { readonly quotaProject: string | undefined; readonly replace: boolean },
  ): Promise<{ readonly kept: string | undefined }>;
  /** gcloud's own settings, without credentials, as the files of a configuration folder: by relative path. */
  settingsWithoutKeys(): Promise<Readonly<Record<string, string>>>;
}

/** JSON that may stand in the configuration: no secret ever. */
export type ConfigValue =
  string | number | boolean | readonly ConfigValue[] | { readonly [name: string]: ConfigValue };

/** Evercred's own configuration file, as verbs change it. */
export interface ConfigEditor {
  /**
   * Finds out whether what stands at a path could be taken out, and changes nothing. Rejects as `set` does. For what
   * cannot be had back once it is forgotten.
   */
  check(path: readonly string[]): Promise<void>;
  /**
   * Sets what stands at a path, `["keys", "litellm"]`; undefined takes it out. Everything else stays as it is, comments
   * and order too. Resolves once it is in force, to whether the file had to be changed for it. Rejects with `usage`
   * where such a value cannot stand there, and says why; with `policy-refused` where a policy has set it; with
   * `config-invalid` where the file is broken or cannot be written.
   */
  set(path: readonly string[], value: ConfigValue | undefined): Promise<boolean>;
}

/** One value of the configuration in force. */
export interface Setting {
  /** `["signIn", "before"]` */
  readonly path: readonly string[];
  /** As people write it; undefined: it may be set, and nothing is built in. */
  readonly value: ConfigValue | undefined;
  /** `built-in` also where there is no value. */
  readonly setBy: Setter;
}

/** Something in a configuration file that a person has to mend. */
export interface ConfigProblem {
  /** `error`: the file as a whole is not used. `warning`: everything else in it works. */
  readonly severity: "error" | "warning";
  /** Counted from 1; undefined where it is about the whole. */
  readonly line: number | undefined;
  readonly sentence: string;
  readonly remedy: string;
}

/** Evercred's own configuration file, as verbs read it. */
export interface ConfigReader {
  /** Everything that may be set, for the sources, keys and headers that there are, in the order of the documentation. */
  settings(): readonly Setting[];
  /** Whether a policy keeps people from setting what stands at a path. */
  isLocked(path: readonly string[]): boolean;
  /** What is wrong with a file as it is now. One that is not there says nothing, and that is fine. */
  problemsOf(file: string): readonly ConfigProblem[];
  /** The JSON Schema of the file. */
  readonly schema: object;
}

/** How grave a line of the log is. */
export type LogLevel = "error" | "warn" | "info" | "debug";

/** The daemon's own log: lines of JSON with `at` (ISO 8601, UTC), `level`, `event`, and more. They hold no secrets. */
export interface LogReader {
  readonly file: string;
  /** The newest lines that are at least so grave, the newest one last. */
  last(count: number, level: LogLevel): readonly string[];
  /** Calls `listener` with each further line that is, until the returned function is called. */
  follow(level: LogLevel, listener: (line: string) => void): () => void;
}

/** A key as the configuration has it. */
export interface KeySettings {
  readonly kind:
    "static" | "command" | "jwt" | "oidc" | "gcp-id-token" | "gcp-access-token" | "aws-bedrock";
  /** How long what a program prints is good, in milliseconds. */
  readonly ttl?: number;
  /** How long what is made here is good at most, in milliseconds. */
  readonly lifetime?: number;
}

/** A proxy that wants to know who asks. */
export interface ProxySettings {
  /** Its address, without user and password, where the configuration names one. */
  readonly url: URL | undefined;
  readonly user: string | undefined;
  /** The key whose secret is the user's password. */
  readonly passwordKey: string | undefined;
}

/** A source as the configuration has it. */
export interface SourceSettings {
  readonly kind: string;
  /** The key whose secret is that of our client. */
  readonly clientSecretKey?: string;
}

/** What verbs need to know of the configuration in force. */
export interface Settings {
  /** By name. */
  readonly keys: Readonly<Record<string, KeySettings>>;
  /** The sources that the configuration itself names, by id. */
  readonly sources: Readonly<Record<string, SourceSettings>>;
  /** Name of a set, then name of a header, to its value. */
  readonly headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly proxy: ProxySettings;
  readonly network: {
    /** `passphraseKey`: the key whose secret opens the certificate's private key. */
    readonly clientCertificate?: { readonly passphraseKey?: string };
  };
}

/** Whatever an LLM gateway says to a key. */
export interface Gateways {
  /**
   * Asks an address with a key as Claude Code shows it, by the configured way. Resolves to the HTTP status that the
   * gateway answers with, and what it says, fit to be printed. Rejects with why it cannot be asked.
   */
  ask(
    url: URL,
    key: Secret,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly says: string }>;
}

/** Where Google's libraries and gcloud fetch tokens by themselves. */
export interface GoogleDoor {
  /** The metadata server, for GCE_METADATA_HOST: `127.0.0.1:PORT`. */
  readonly host: string;
  /**
   * A file that always has a good access token, for CLOUDSDK_AUTH_ACCESS_TOKEN_FILE; undefined where people are asked
   * whom to let have it: nobody could be told apart who reads a file.
   */
  readonly tokenFile: string | undefined;
}

/** The doors that speak as the metadata server of a Google machine does. */
export interface GoogleDoors {
  /** A door to one target for the time of one run. */
  forRun(
    target: Target,
    facts: { readonly project: string | undefined },
    until: AbortSignal,
  ): Promise<GoogleDoor>;
  /** The target's standing door. Rejects with `config-invalid` where the configuration has none. */
  standing(target: Target): Promise<GoogleDoor>;
}

/** Where SDKs fetch credentials by themselves: `AWS_CONTAINER_CREDENTIALS_FULL_URI` and its token. */
export interface CredentialDoor {
  readonly url: string;
  readonly token: Secret;
}

/** The loopback doors. */
export interface Doors {
  /** A door to one target for the time of one run. It outlives a restart of the daemon, but not `until`. */
  forRun(target: Target, until: AbortSignal): Promise<CredentialDoor>;
  /** The target's standing door. Rejects with `config-invalid` where the configuration has none. */
  standing(target: Target): Promise<CredentialDoor>;
}

/** A scoped door for a container, an SSH host or WSL. */
export interface BridgeFacts {
  readonly name: string;
  /** What it serves. */
  readonly allow: readonly Target[];
  /** The directory to be mounted: a socket and a token file. */
  readonly directory: string;
  /** The loopback TCP port, where there is one. */
  readonly port: number | undefined;
  readonly endsAt: Instant;
  readonly lastUsedAt: Instant | undefined;
  /** The folder for whose container a set-up made it; undefined where somebody made it themselves. */
  readonly madeFor: string | undefined;
}

/** What a bridge has given out that is still good. */
export interface StillValid {
  readonly target: Target;
  readonly expiresAt: Instant;
}

/** The scoped doors. */
export interface Bridges {
  /** Rejects with `usage` where the name is taken. */
  add(bridge: {
    readonly name: string;
    readonly allow: readonly Target[];
    readonly lastsMs: number;
    readonly tcp: boolean;
    /** The folder for whose container a set-up makes it. */
    readonly madeFor: string | undefined;
  }): Promise<BridgeFacts>;
  list(): readonly BridgeFacts[];
  /** Cuts it at once, requests that run included. Rejects with `unknown-name`. */
  remove(name: string): Promise<readonly StillValid[]>;
  /** Notes that a bridge has given out a credential that is good until then. */
  served(name: string, target: Target, expiresAt: Instant): void;
}

/** A file of Claude Code's settings: one for all projects, or one of a project, shared or for its user only. */
export type ClaudeScope = "user" | "project" | "local";

/** What is to stand in Claude Code's settings. */
export interface ClaudeWishes {
  /** At the top, by name: the command lines of helpers. */
  readonly helpers: Readonly<Record<string, string>>;
  /** Under `env`, by name. */
  readonly env: Readonly<Record<string, string>>;
}

/** A change to a file of Claude Code's settings that is worked out, and not made yet. */
export interface ClaudeChange extends FileChange {
  /** The variables that stand under `env` after it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Claude Code's settings, as far as we write them. What is not ours stays as it is, comments and order too. */
export interface ClaudeSettings {
  /**
   * Has this stand in a file, and nothing else of what was set there before, except what others have changed since.
   * Throws `config-invalid` where the file cannot be edited without damage.
   */
  set(scope: ClaudeScope, cwd: string, wishes: ClaudeWishes): ClaudeChange;
  /**
   * Takes out what was set, and nothing of others: where nobody has changed the file since, it has its first bytes again.
   * Undefined where nothing was set there. Throws as `set` does.
   */
  undo(scope: ClaudeScope, cwd: string): ClaudeChange | undefined;
}
