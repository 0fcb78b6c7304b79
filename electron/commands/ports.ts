import type { AwsCredential } from "../core/credential.ts";
import type { Secret } from "../core/secret.ts";
import type { Target } from "../core/source.ts";
import type { Instant } from "../core/time.ts";

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
  settingsWithoutKeys(profile: string): Promise<string>;
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
   * Sets what stands at a path, `["keys", "litellm"]`; undefined takes it out. Everything else stays as it is, comments
   * and order too. Resolves once it is in force. Rejects with `usage` where such a value cannot stand there, and says
   * why; with `config-invalid` where the file is broken or cannot be written.
   */
  set(path: readonly string[], value: ConfigValue | undefined): Promise<void>;
}

/** A key as the configuration has it. */
export interface KeySettings {
  readonly kind:
    "static" | "command" | "jwt" | "oidc" | "gcp-id-token" | "gcp-access-token" | "aws-bedrock";
}

/** A proxy that wants to know who asks. */
export interface ProxySettings {
  /** Its host name, where the configuration or the daemon's environment names one. */
  readonly host: string | undefined;
  readonly user: string | undefined;
  /** The key whose secret is the user's password. */
  readonly passwordKey: string | undefined;
}

/** What verbs need to know of the configuration in force. */
export interface Settings {
  /** By name. */
  readonly keys: Readonly<Record<string, KeySettings>>;
  /** The sources that the configuration itself names, by id. */
  readonly sources: Readonly<Record<string, { readonly kind: string }>>;
  /** Name of a set, then name of a header, to its value. */
  readonly headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly proxy: ProxySettings;
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
  /** A file that always has a good access token, for CLOUDSDK_AUTH_ACCESS_TOKEN_FILE. */
  readonly tokenFile: string;
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
  }): Promise<BridgeFacts>;
  list(): readonly BridgeFacts[];
  /** Cuts it at once, requests that run included. Rejects with `unknown-name`. */
  remove(name: string): Promise<readonly StillValid[]>;
  /** Notes that a bridge has given out a credential that is good until then. */
  served(name: string, target: Target, expiresAt: Instant): void;
}
