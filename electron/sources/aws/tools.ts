import type { Agent } from "node:https";
import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { judgeAccount, judgeSource, throwWhere } from "../../core/judging.ts";
import type { Rule } from "../../core/limits.ts";
import type { Secret } from "../../core/secret.ts";
import type { Clock } from "../../core/time.ts";
import { appendTo } from "./append.ts";
import { bedrockKeyOf } from "./bedrock-key.ts";
import { faultOfRegion, faultOfStartUrl } from "./checks.ts";
import { shown } from "../shown.ts";
import { readConfigFile } from "./config-file.ts";
import { parseConfig, type Section } from "./config-grammar.ts";
import { type NewSection, tailOf } from "./config-tail.ts";
import { type ConsolePage, consoleUrlOf } from "./console.ts";
import {
  type BothFiles,
  faultOfName,
  type KnownOrganisation,
  leadsToAccounts,
  type NewProfile,
  profileSectionsOf,
  sessionSection,
  sessionsAt,
} from "./new-sections.ts";
import { usualTimeouts } from "./ports.ts";
import { ProviderTime } from "../provider-time.ts";
import { settingsWithoutKeys } from "./settings-copy.ts";
import { fitId } from "./source-id.ts";
import { plainStartUrl } from "../../core/urls.ts";
import { isSamePlace, labelOf } from "./start-url.ts";
import { type Timeouts, Transport } from "./transport.ts";

/** What the tools need of the world. */
export interface AwsToolsOptions {
  readonly agent: Agent;
  readonly clock: Clock;
  readonly configFile: string;
  readonly credentialsFile: string;
  readonly timeouts?: Timeouts;
  /** The rule that binds what may be written. */
  rule(): Rule;
  /** The organisations of the last reading. */
  organisations(): readonly KnownOrganisation[];
  /** Reads the files anew, and resolves once what they say can be asked for. */
  reload(): Promise<void>;
}

/** What can be made of AWS role keys, and of the AWS tools' own files. Every failure is an EvercredError. */
export class AwsTools {
  readonly #options: AwsToolsOptions;
  readonly #transport: Transport;
  #edits: Promise<unknown> = Promise.resolve();

  constructor(options: AwsToolsOptions) {
    const { agent, clock, timeouts = usualTimeouts } = options;
    this.#options = options;
    const providerTime = new ProviderTime();
    this.#transport = new Transport({ agent, clock, providerTime, timeouts, form: "any" });
  }

  /**
   * An address that signs whoever opens it in to the AWS console with these keys: a secret, good for 15 minutes.
   * Rejects with `usage` where the page is none of the console, `access-denied` where AWS refuses the keys.
   */
  consoleUrl(credential: AwsCredential, page: ConsolePage, signal: AbortSignal): Promise<Secret> {
    return consoleUrlOf(credential, page, this.#transport, signal);
  }

  /** A short-term Bedrock API key, made of the keys here without a request; it ends with them at the latest. */
  async bedrockKey(credential: AwsCredential, region: string, lifetimeMs: number): Promise<Secret> {
    const { clock } = this.#options;
    return (await bedrockKeyOf(credential, region, lifetimeMs, clock.now())).token;
  }

  /** The text of an AWS config file that has `profile`'s settings as its default and names no credentials. */
  settingsWithoutKeys(profile: string): string {
    const config = readConfigFile(this.#options.configFile);
    const credentials = this.#readCredentials();
    const own = this.#options
      .organisations()
      .flatMap(({ profiles }) => profiles)
      .find(({ name }) => name === profile);
    return settingsWithoutKeys(profile, own?.region, config.sections, credentials);
  }

  /**
   * Writes an sso-session for an organisation, unless one of the same organisation stands there, and resolves to
   * its source's id. Rejects with `usage` where its name is taken, `config-invalid` where it cannot be written or used,
   * `policy-refused` where it is not allowed.
   */
  async addOrganisation({
    name,
    startUrl,
    region,
  }: {
    readonly name: string | undefined;
    readonly startUrl: string;
    readonly region: string;
  }): Promise<string> {
    const fault =
      faultOfStartUrl(startUrl) ??
      faultOfRegion(region) ??
      (name === undefined ? undefined : faultOfName(name));
    if (fault !== undefined) {
      const sentence = fault.sentence.replace(/^./, (first) => first.toUpperCase());
      throw new EvercredError("usage", `${sentence}.`, { remedy: fault.remedy });
    }
    const place = { startUrl: plainStartUrl(startUrl), region };
    this.#checkPlace(place);
    let session = "";
    await this.#append(({ config }) => {
      const there = sessionsAt(place, config).find(leadsToAccounts);
      session = there?.name ?? this.#nameFor(place, name, config);
      return there === undefined ? [sessionSection(session, place)] : [];
    });
    const known = this.#options.organisations();
    const added =
      known.find(({ cacheNames }) => cacheNames.includes(session)) ??
      known.find((each) => isAt(place, each));
    if (added !== undefined) return added.id;
    throw new EvercredError("config-invalid", `The organisation ${session} cannot be used.`, {
      remedy: "See what is wrong with it: evercred status",
    });
  }

  /**
   * Writes profiles of a source, all or none, and resolves once they can be asked for. Those that stand there already
   * are left as they are. Rejects with `usage` where a name is taken, `config-invalid` where the file cannot be written,
   * `policy-refused` where one is not allowed.
   */
  async addProfiles(source: string, profiles: readonly NewProfile[]): Promise<void> {
    for (const { account } of profiles) throwWhere(judgeAccount(account, this.#options.rule()));
    await this.#append((files) => {
      const organisations = this.#options.organisations();
      const organisation = organisations.find(({ id }) => id === source);
      if (organisation === undefined) {
        throw new EvercredError("unknown-name", `There is no organisation ${shown(source)}.`);
      }
      const place = { ...organisation, startUrl: plainStartUrl(organisation.startUrl) };
      this.#checkPlace(place);
      const there = sessionsAt(place, files.config).find(({ name }) =>
        organisation.cacheNames.includes(name),
      );
      const session = there?.name ?? this.#nameFor(place, undefined, files.config);
      const added = profileSectionsOf(profiles, session, organisation, organisations, files);
      const isNew = there === undefined && added.length > 0;
      return [...(isNew ? [sessionSection(session, place)] : []), ...added];
    });
  }

  #checkPlace({ startUrl }: Pick<KnownOrganisation, "startUrl">): void {
    throwWhere(judgeSource({ kind: "aws-sso", reach: { startUrl } }, this.#options.rule()));
  }

  /** A name for a new sso-session: no other organisation has it, here or in Evercred's own configuration. */
  #nameFor(
    place: Pick<KnownOrganisation, "startUrl" | "region">,
    wanted: string | undefined,
    sections: readonly Section[],
  ): string {
    const organisations = this.#options.organisations();
    const sessions = sections.filter(({ kind }) => kind === "sso-session").map(({ name }) => name);
    // It takes up the source that is there without one.
    const same = organisations.find(
      (each) => isAt(place, each) && !each.cacheNames.some((name) => sessions.includes(name)),
    );
    const used = new Set([
      ...sessions,
      ...organisations.filter((each) => each !== same).map(({ id }) => id),
    ]);
    if (wanted !== undefined) {
      if (!used.has(wanted)) return wanted;
      throw new EvercredError("usage", `${wanted} is the name of another organisation.`, {
        remedy: "Choose another name.",
      });
    }
    const name = same?.id ?? fitId(labelOf(place.startUrl));
    for (let count = 1; ; count++) {
      const candidate = count === 1 ? name : `${name.slice(0, 29)}-${count}`;
      if (!used.has(candidate)) return candidate;
    }
  }

  /** Writes what `sectionsFor` makes of what stands in the files, one after the other; then all is read anew. */
  async #append(sectionsFor: (files: BothFiles) => readonly NewSection[]): Promise<void> {
    const edit = this.#edits.then(async () => {
      const credentials = this.#readCredentials();
      await appendTo(this.#options.configFile, (text) =>
        tailOf(text, sectionsFor({ config: parseConfig(text).sections, credentials })),
      );
    });
    this.#edits = edit.catch(() => undefined);
    await edit;
    await this.#options.reload();
  }

  #readCredentials(): readonly Section[] {
    return readConfigFile(this.#options.credentialsFile, "credentials").sections;
  }
}

const isAt = (
  place: Pick<KnownOrganisation, "startUrl" | "region">,
  { startUrl, region }: Pick<KnownOrganisation, "startUrl" | "region">,
): boolean => isSamePlace(place.startUrl, startUrl) && place.region === region;
