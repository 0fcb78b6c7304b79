import type { Secret } from "../../core/secret.ts";
import type { Source, SourceId, StrayGrant } from "../../core/source.ts";
import type { Problem } from "../problem.ts";
import { ProviderTime } from "../provider-time.ts";
import { type AdcMemory, adcEntryIn, adcProblemOf } from "./adc-writer.ts";
import {
  type AdcConfig,
  type AdcDefinition,
  adcDefinitionOf,
  AdcFiles,
  adcDraftOf,
} from "./adc-source.ts";
import { googleRevokeUrl, revokeToken } from "./exchanges.ts";
import { wellKnownAdcFile } from "./gcloud.ts";
import { gcloudFolderOf } from "./gcloud-settings.ts";
import { type KeyEntries, keysBySource } from "./keys.ts";
import { type Draft, LoadedSources, type OwnDraft } from "./loaded-sources.ts";
import {
  type OwnEntry,
  ownDefinitionOf,
  type Reading,
  type WorkforceEntry,
  workforceDefinitionOf,
} from "./own-definitions.ts";
import { OwnClientSource } from "./own-source.ts";
import type { GooglePorts } from "./ports.ts";
import { readSmallFile } from "./small-file.ts";
import { readGrant } from "./tokens.ts";
import type { AdcGiver } from "./tools.ts";
import { WorkforceSource } from "./workforce-source.ts";

/** What of Evercred's own configuration is about Google; entries of other kinds may stand beside. */
export interface GoogleConfig {
  /** By id. */
  readonly sources: Readonly<
    Record<
      string,
      | OwnEntry
      | WorkforceEntry
      | AdcConfig
      | { readonly kind: "aws-sso" | "command" | "oidc"; readonly enabled: boolean }
    >
  >;
  readonly keys: KeyEntries;
  readonly google: {
    /** The source where none is named. */
    readonly defaultSource?: string;
  };
}

/** What Google sources need of the world, as far as it stays the same. */
export interface GoogleSourcesOptions extends Omit<GooglePorts, "providerTime" | "productName"> {
  readonly platform: NodeJS.Platform;
}

/** What people see of us on our own pages. */
const productName = "Evercred";

/** What the source of a file that nobody has configured is called, in this order. */
const implicitIds = ["adc", "google-adc"];

/** The Google sources of this user. What is learnt of Google's clock outlives each reading. */
export class GoogleSources {
  /** The file of Application Default Credentials that Google's programs look for, where no variable names another one. */
  readonly adcFile: string;
  /** Where gcloud keeps its settings. */
  readonly gcloudFolder: string;
  readonly #options: GoogleSourcesOptions;
  readonly #ports: GooglePorts;
  readonly #adcFiles = new AdcFiles();
  readonly #memories = new Map<string, AdcMemory>();
  #problems: readonly Problem[] = [];
  #watched: readonly string[];
  #givers: readonly AdcGiver[] = [];

  constructor(options: GoogleSourcesOptions) {
    const { platform, ...ports } = options;
    const { env, home } = ports;
    this.#options = options;
    this.#ports = { ...ports, productName, providerTime: new ProviderTime() };
    this.adcFile = wellKnownAdcFile(env, home, platform);
    this.gcloudFolder = gcloudFolderOf(env, home, platform);
    this.#watched = [this.adcFile];
  }

  /** What could not be used at the last reading. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** The files whose change is a reason to read anew. */
  get watched(): readonly string[] {
    return this.#watched;
  }

  /** The sources whose grants other programs may have. */
  get givers(): readonly AdcGiver[] {
    return this.#givers;
  }

  /**
   * What the keychain has of a Google sign-in that no configuration names any more; undefined where it is none, or where
   * only that configuration knew where to end it, as with workforce identity.
   */
  stray(id: SourceId, saved: Secret): StrayGrant | undefined {
    const { kind, refreshToken } = readGrant(saved) ?? {};
    if (refreshToken === undefined || kind === "google-workforce") return undefined;
    return {
      organisation: "accounts.google.com",
      revoke: (signal) => revokeToken(id, googleRevokeUrl, refreshToken, this.#ports, signal),
      // What other tools have is a file of their own, which is known without the source.
      withdraw: () => Promise.resolve(),
    };
  }

  /**
   * Reads the files anew and makes the sources. Ids that are `taken` are others'. Where it `hides`, no sign-in lies where
   * any program can take it: the ADC file that an entry wants is not there. What cannot be used is a problem, never a
   * throw.
   */
  async load(
    { sources, keys, google }: GoogleConfig,
    taken: ReadonlySet<string>,
    hides: boolean,
  ): Promise<readonly Source[]> {
    const reading = new LoadedSources(taken);
    for (const [id, entry] of Object.entries(sources)) {
      if (entry.kind !== "google" && entry.kind !== "google-workforce") continue;
      const file = entry.kind === "google" ? entry.clientFile : entry.loginConfigFile;
      if (file !== undefined) reading.watched.add(file);
      if (entry.enabled && reading.isFree(id)) {
        await this.#addOwn(id, entry, reading, hides);
      }
    }
    await this.#addAdc(sources, reading);
    const { own, files, problems } = reading;
    const offered = keysBySource(keys, [...own, ...files], google.defaultSource, problems.report);
    const made = <S extends Source>({ id, make }: Draft<S>): S => make(offered.get(id) ?? []);
    this.#problems = [...problems.list, ...reading.found];
    this.#watched = [...reading.watched];
    const ours = own.map((draft) => made(draft));
    this.#givers = ours;
    return [...ours, ...files.map((draft) => made(draft))];
  }

  async #addOwn(
    id: string,
    entry: OwnEntry | WorkforceEntry,
    reading: LoadedSources,
    hides: boolean,
  ): Promise<void> {
    const hidesAdc = entry.adcFile && hides;
    const keepsAdc = entry.adcFile && !hides && reading.keeper === undefined;
    if (entry.adcFile && !hides && !keepsAdc) {
      reading.problems.report(
        undefined,
        `sources.${id} and sources.${reading.keeper ?? ""} both want the ADC file.`,
        `Take adcFile out of one of them; until then ${reading.keeper ?? ""} has it.`,
      );
    }
    const { report } = reading.problems;
    const { adcFile } = this;
    const adcMemory = this.#memoryOf(id);
    const about: Reading = { id, adcFile, keepsAdc, hidesAdc, adcMemory, report };
    const draft = await this.#ownDraft(entry, about);
    if (draft === undefined) return;
    const { adcIdentity } = draft;
    reading.own.push(draft);
    if (!keepsAdc) return;
    reading.keeper = id;
    const problem = await adcProblemOf(id, adcFile, adcIdentity);
    if (problem !== undefined) reading.found.push(problem);
  }

  async #ownDraft(entry: OwnEntry | WorkforceEntry, about: Reading): Promise<OwnDraft | undefined> {
    const { id } = about;
    const bound = entry.impersonate.length > 0 ? undefined : "a person's own sign-in";
    const common = { id, bound, isOwn: true } as const;
    if (entry.kind === "google") {
      const definition = await ownDefinitionOf(entry, about);
      return (
        definition && {
          ...common,
          adcIdentity: { type: "authorized_user", client_id: definition.client.id },
          make: (keys) => new OwnClientSource(definition, this.#ports, keys),
        }
      );
    }
    const definition = await workforceDefinitionOf(entry, about);
    return (
      definition && {
        ...common,
        adcIdentity: { type: "external_account_authorized_user", client_id: definition.client.id },
        make: (keys) => new WorkforceSource(definition, this.#ports, keys),
      }
    );
  }

  /** The files of other programs' sign-ins: those that are configured, and the one that is there anyway. */
  async #addAdc(sources: GoogleConfig["sources"], reading: LoadedSources): Promise<void> {
    const { env, home, platform } = this.#options;
    const named = new Set<string>();
    for (const [id, entry] of Object.entries(sources)) {
      if (entry.kind !== "google-adc") continue;
      const definition = adcDefinitionOf(id, entry, env, home, platform);
      named.add(definition.file);
      reading.watched.add(definition.file);
      if (entry.enabled && reading.isFree(id)) await this.#adcDraftOf(definition, reading, true);
    }
    reading.watched.add(this.adcFile);
    const id = implicitIds.find((name) => !reading.taken.has(name) && sources[name] === undefined);
    if (id === undefined) return;
    const definition = adcDefinitionOf(id, undefined, env, home, platform);
    const { file } = definition;
    reading.watched.add(file);
    if (named.has(file) || (await readSmallFile(file)).kind === "missing") return;
    // What we have written there for a source of our own is that source's.
    const entry = await adcEntryIn(file);
    const isOwn = reading.own.some(
      ({ adcIdentity: { type, client_id } }) =>
        type === entry?.type && client_id === entry.client_id,
    );
    if (!isOwn) await this.#adcDraftOf(definition, reading, false);
  }

  /** Of a file that nobody has configured there is a source only once it has said what it is. */
  async #adcDraftOf(
    definition: AdcDefinition,
    reading: LoadedSources,
    isConfigured: boolean,
  ): Promise<void> {
    const { draft, isKnown, problem } = await adcDraftOf(definition, this.#ports, this.#adcFiles);
    if (isKnown || isConfigured) reading.files.push(draft);
    if (problem !== undefined) reading.found.push(problem);
  }

  #memoryOf(id: string): AdcMemory {
    const memory = this.#memories.get(id) ?? { last: undefined, stood: false };
    this.#memories.set(id, memory);
    return memory;
  }
}
