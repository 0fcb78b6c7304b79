import { join } from "node:path";
import type { Secret } from "../../core/secret.ts";
import type { Source, SourceId, StrayGrant } from "../../core/source.ts";
import { bedrockKeysBySource, type KeyEntries } from "./bedrock-config.ts";
import { readConfigFile } from "./config-file.ts";
import type { AwsSsoDefinition, ConfiguredSource } from "./definition.ts";
import { type Problem, Problems } from "../problem.ts";
import { AwsProfileSource } from "./profile-source.ts";
import { readDefinitions } from "./profiles.ts";
import { ProviderTime } from "../provider-time.ts";
import { type AwsPorts, AwsSsoSource, cacheFolderOf } from "./source.ts";
import { strayAwsGrant } from "./stray.ts";

export type { Problem } from "../problem.ts";

/** What of Evercred's own configuration is about AWS. */
export interface AwsConfig {
  /** By id. */
  readonly sources: Readonly<
    Record<string, Omit<ConfiguredSource, "id"> & { readonly enabled: boolean }>
  >;
  readonly keys: KeyEntries;
  readonly aws: { readonly mirrorSsoCache: boolean };
  /** Whether a source comes before those of which this is not so: of two profiles of one name the first counts. */
  readonly isFirst?: (id: string) => boolean;
  /** The ids of sources of other kinds. */
  readonly taken?: readonly string[];
}

/** What AWS sources need of the world, as far as it stays the same. */
export interface AwsSourcesOptions extends Omit<
  AwsPorts,
  "providerTime" | "mirror" | "productName"
> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What people see of us on the provider's pages and on our own. */
const productName = "Evercred";

/** The AWS sources of this user. What is learnt of the providers' clocks outlives each reading. */
export class AwsSources {
  /** The AWS CLI's configuration, which says what sources there are. */
  readonly configFile: string;
  /** Where the AWS tools keep keys. */
  readonly credentialsFile: string;
  /** Where other AWS tools keep, and look for, sign-ins. */
  readonly cacheFolder: string;
  readonly #ports: Omit<AwsPorts, "mirror">;
  #problems: readonly Problem[] = [];
  #organisations: readonly AwsSsoDefinition[] = [];

  constructor({ env, ...ports }: AwsSourcesOptions) {
    const { home } = ports;
    const { configFile, credentialsFile } = awsFilesOf(env, home);
    this.configFile = configFile;
    this.credentialsFile = credentialsFile;
    this.cacheFolder = cacheFolderOf(home);
    this.#ports = { ...ports, productName, providerTime: new ProviderTime() };
  }

  /** What could not be used at the last reading. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** The organisations of the last reading. */
  get organisations(): readonly AwsSsoDefinition[] {
    return this.#organisations;
  }

  /** What the keychain has of an organisation that no file names any more; undefined where it is none of AWS's. */
  stray(id: SourceId, saved: Secret): StrayGrant | undefined {
    return strayAwsGrant(id, saved, { ...this.#ports, mirror: false });
  }

  /** Reads the files anew and makes the sources. What cannot be used is a problem, never a throw. */
  load({ sources, keys, aws, isFirst = () => false, taken }: AwsConfig): readonly Source[] {
    // An object has names that are numbers in front of all others.
    const configured = Object.entries(sources)
      .map(([id, source]) => ({ ...source, id }))
      .sort((a, b) => Number(isFirst(b.id)) - Number(isFirst(a.id)));
    const config = readConfigFile(this.configFile);
    const credentials = readConfigFile(this.credentialsFile, "credentials");
    const { organisations, profiles, problems } = readDefinitions(
      { file: this.configFile, sections: config.sections },
      { file: this.credentialsFile, sections: credentials.sections },
      configured,
      taken,
    );
    const off = new Set(configured.filter(({ enabled }) => !enabled).map(({ id }) => id));
    this.#organisations = organisations.filter(({ id }) => !off.has(id));
    const owners = [...this.#organisations, ...profiles];
    const wrong = new Problems();
    const bedrock = bedrockKeysBySource(keys, owners, wrong.report);
    const keysOf = ({ id }: { readonly id: string }) => bedrock.get(id) ?? [];
    this.#problems = [...config.problems, ...credentials.problems, ...problems, ...wrong.list];
    const ports = { ...this.#ports, mirror: aws.mirrorSsoCache };
    return [
      ...this.#organisations.map((each) => new AwsSsoSource(each, ports, keysOf(each))),
      ...profiles.map((each) => new AwsProfileSource(each, ports, keysOf(each))),
    ];
  }
}

/** The two files of the AWS tools. */
export const awsFilesOf = (
  env: AwsSourcesOptions["env"],
  home: string,
): { readonly configFile: string; readonly credentialsFile: string } => ({
  configFile: pathOf(env["AWS_CONFIG_FILE"], home) ?? join(home, ".aws", "config"),
  credentialsFile:
    pathOf(env["AWS_SHARED_CREDENTIALS_FILE"], home) ?? join(home, ".aws", "credentials"),
});

/** A path as botocore takes it from a variable; empty is unset. */
const pathOf = (path: string | undefined, home: string): string | undefined => {
  if (path === undefined || path === "") return undefined;
  return path === "~" || /^~[/\\]/.test(path) ? join(home, path.slice(1)) : path;
};
