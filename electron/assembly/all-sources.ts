import { homedir, userInfo } from "node:os";
import { judgePrograms } from "../core/judging.ts";
import { limitedSource } from "../core/limited-source.ts";
import type { Rule } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { Secret } from "../core/secret.ts";
import type { Flow, Source, SourceId, StrayGrant } from "../core/source.ts";
import type { Clock } from "../core/time.ts";
import { type Config, sourcesOf } from "../platform/config-schema.ts";
import { LoginShell } from "../platform/login-shell.ts";
import type { Network } from "../platform/network.ts";
import { dropInfluences } from "../platform/policy-environment.ts";
import { realPath } from "../platform/real-path.ts";
import { type Watch, Watches, watchPaths } from "../platform/watch.ts";
import { AwsSources } from "../sources/aws/index.ts";
import { signInAddress } from "../sources/aws/inspect.ts";
import { beforePrograms, programsReady } from "../sources/find-program.ts";
import { GoogleSources } from "../sources/google/index.ts";
import { KeySources } from "../sources/keys/index.ts";
import { OidcSources } from "../sources/oidc/index.ts";
import type { Problem } from "../sources/problem.ts";
import { CommandSources } from "../sources/programs/index.ts";

/** Where Google gives tokens. */
const googleAddress = "https://oauth2.googleapis.com/";

/** What the sources of all kinds need of the world. */
export interface AllSourcesPorts {
  readonly network: Pick<Network, "agent">;
  readonly clock: Clock;
  readonly log: Log;
  /** The secret of a static key, by its name. */
  readonly secretOf: (key: string) => Promise<Secret>;
  /** The rule that binds them: the same object while it has not changed. */
  readonly rule: () => Rule;
  /** Whether what sign-ins give is kept in memory alone. */
  readonly isInMemory: boolean;
  /** Whether the rule itself has made a source: it comes before all that others name. */
  readonly isForced: (source: string) => boolean;
  /** How signing in to a source has to go, where the rule says so. */
  readonly flowOf: (source: SourceId) => Flow | undefined;
}

/** The places to sign in to, of all kinds. A new kind is one folder of `sources/`, and one line here. */
export class AllSources {
  readonly aws: AwsSources;
  readonly google: GoogleSources;
  readonly #oidc: OidcSources;
  readonly #programs: CommandSources;
  readonly #keys: KeySources;
  readonly #shellVariables: LoginShell["variables"];
  readonly #rule: () => Rule;
  readonly #isInMemory: boolean;
  readonly #isForced: (source: string) => boolean;
  readonly #flowOf: (source: SourceId) => Flow | undefined;

  constructor({
    network,
    clock,
    log,
    secretOf,
    rule,
    isInMemory,
    isForced,
    flowOf,
  }: AllSourcesPorts) {
    const { env, platform } = process;
    const home = homedir();
    const { agent } = network;
    const { shell } = userInfo();
    const loginShell = new LoginShell({ env, platform, shell, log });
    const mayAskShell = (): boolean =>
      judgePrograms([env["SHELL"] || (shell ?? "")], rule(), realPath) === undefined;
    beforePrograms(async () => {
      if (rule().limits.commands !== undefined) dropInfluences(env);
      if (mayAskShell()) await loginShell.extend(env);
    });
    this.#shellVariables = async (names) =>
      mayAskShell() ? loginShell.variables(names) : undefined;
    const common = { env, home, agent, clock, log };
    this.aws = new AwsSources(common);
    this.google = new GoogleSources({ ...common, platform });
    this.#oidc = new OidcSources({ agent, clock, log, secretOf });
    this.#programs = new CommandSources(clock);
    this.#keys = new KeySources({ clock, env, home, platform });
    this.#rule = rule;
    this.#isInMemory = isInMemory;
    this.#isForced = isForced;
    this.#flowOf = flowOf;
  }

  /** Where programs are looked for, as the user's terminals have it. */
  async searchPath(): Promise<string | undefined> {
    await programsReady();
    return process.env["PATH"];
  }

  /** What the user's login shell has in these variables; undefined where it does not say, or may not be asked. */
  shellVariables(names: readonly string[]): ReturnType<LoginShell["variables"]> {
    return this.#shellVariables(names);
  }

  /** What could not be used at the last reading. */
  get problems(): readonly Problem[] {
    const all = [this.aws, this.google, this.#oidc, this.#keys];
    return all.flatMap(({ problems }) => problems);
  }

  /**
   * Reads all files anew. A name is one source's: what the configuration names comes before what is found. Where it
   * `hides`, other tools' files, which hand out to whoever reads them, get nothing, and lose what they have got.
   */
  async load(config: Config, hides: boolean): Promise<readonly Source[]> {
    // What is not found yet would be taken for what is not allowed.
    if (this.#rule().limits.commands !== undefined) await programsReady();
    const programs = this.#programs.load({ sources: sourcesOf(config, "command") });
    const oidc = this.#oidc.load(config);
    const keys = this.#keys.load(config, new Set(Object.keys(config.sources)));
    const named = [...programs, ...oidc, ...keys];
    const sources = sourcesOf(config, "aws-sso");
    const others = Object.keys(config.sources).filter((id) => !(id in sources));
    const aws = this.aws.load({
      ...config,
      sources,
      aws: { ...config.aws, mirrorSsoCache: config.aws.mirrorSsoCache && !hides },
      isFirst: this.#isForced,
      taken: [...others, ...keys.map(({ id }) => id)],
    });
    const taken = new Set([...named, ...aws].map(({ id }) => id));
    const google = await this.google.load(config, taken, hides);
    const world = { rule: this.#rule, realPath, isInMemory: this.#isInMemory, programsReady };
    return [...aws, ...google, ...named].map((source) =>
      limitedSource(source, world, this.#flowOf(source.id)),
    );
  }

  /** What the keychain has of a source that no configuration names any more, where it says how to end it. */
  stray(id: SourceId, saved: Secret): StrayGrant | undefined {
    return this.aws.stray(id, saved) ?? this.google.stray(id, saved);
  }

  /** The addresses at which these sources are asked, as far as that is over the network. */
  addresses(sources: readonly Source[]): readonly SourceAddress[] {
    return sources.flatMap((source) => {
      const url = this.#addressOf(source);
      return url === undefined ? [] : [{ source: source.id, url }];
    });
  }

  #addressOf({ id, kind, reach }: Source): URL | undefined {
    switch (kind) {
      case "aws-sso": {
        const found = this.aws.organisations.find((each) => each.id === id);
        return found && signInAddress(found.region);
      }
      case "google":
      case "google-adc":
      case "google-workforce":
        return new URL(googleAddress);
      case "oidc":
        return reach?.issuer === undefined ? undefined : new URL(reach.issuer);
      default:
        return undefined;
    }
  }

  /** Watches what the sources are read from, for `load`, and where other tools leave sign-ins, for `look`. */
  watch(load: () => Promise<void>, look: () => void): SourceWatch {
    const { aws, google } = this;
    // A new file of Google's may be another source, or another sign-in to the same one.
    const googleFiles = new Watches(() => void load().then(look));
    const all: readonly Watch[] = [
      watchPaths([aws.configFile, aws.credentialsFile], () => void load()),
      watchPaths([aws.cacheFolder], look),
      googleFiles,
    ];
    return {
      follow: () => {
        googleFiles.use(google.watched);
      },
      check: () => {
        for (const watch of all) watch.check();
      },
      close: () => {
        for (const watch of all) watch.close();
      },
    };
  }
}

/** Where a source is asked. */
export interface SourceAddress {
  readonly source: string;
  readonly url: URL;
}

/** The files of all sources, watched. */
export interface SourceWatch extends Watch {
  /** Watches the files that the last load has named. */
  follow(): void;
}
