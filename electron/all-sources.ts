import { homedir } from "node:os";
import type { Log } from "./core/log.ts";
import type { Secret } from "./core/secret.ts";
import type { Source } from "./core/source.ts";
import type { Clock } from "./core/time.ts";
import { type Config, sourcesOf } from "./platform/config-schema.ts";
import type { Network } from "./platform/network.ts";
import { type Watch, Watches, watchPaths } from "./platform/watch.ts";
import { AwsSources } from "./sources/aws/index.ts";
import { GoogleSources } from "./sources/google/index.ts";
import { KeySources } from "./sources/keys/index.ts";
import { OidcSources } from "./sources/oidc/index.ts";
import type { Problem } from "./sources/problem.ts";
import { CommandSources } from "./sources/programs/index.ts";

/** What the sources of all kinds need of the world. */
export interface AllSourcesPorts {
  readonly network: Pick<Network, "agent">;
  readonly clock: Clock;
  readonly log: Log;
  /** The secret of a static key, by its name. */
  readonly secretOf: (key: string) => Promise<Secret>;
}

/** The places to sign in to, of all kinds. A new kind is one folder of `sources/`, and one line here. */
export class AllSources {
  readonly aws: AwsSources;
  readonly google: GoogleSources;
  readonly #oidc: OidcSources;
  readonly #programs: CommandSources;
  readonly #keys: KeySources;

  constructor({ network, clock, log, secretOf }: AllSourcesPorts) {
    const { env, platform } = process;
    const home = homedir();
    const { agent } = network;
    const common = { env, home, agent, clock, log };
    this.aws = new AwsSources(common);
    this.google = new GoogleSources({ ...common, platform });
    this.#oidc = new OidcSources({ agent, clock, log, secretOf });
    this.#programs = new CommandSources(clock);
    this.#keys = new KeySources({ clock, env, home, platform });
  }

  /** What could not be used at the last reading. */
  get problems(): readonly Problem[] {
    const all = [this.aws, this.google, this.#oidc, this.#keys];
    return all.flatMap(({ problems }) => problems);
  }

  /** Reads all files anew. A name is one source's: what the configuration names comes before what is found. */
  async load(config: Config): Promise<readonly Source[]> {
    const programs = this.#programs.load({ sources: sourcesOf(config, "command") });
    const oidc = this.#oidc.load(config);
    const keys = this.#keys.load(config, new Set(Object.keys(config.sources)));
    const named = [...programs, ...oidc, ...keys];
    const sources = sourcesOf(config, "aws-sso");
    const others = Object.keys(config.sources).filter((id) => !(id in sources));
    const aws = await this.aws.load({
      ...config,
      sources,
      taken: [...others, ...keys.map(({ id }) => id)],
    });
    const taken = new Set([...named, ...aws].map(({ id }) => id));
    const google = await this.google.load(config, taken);
    return [...aws, ...google, ...named];
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

/** The files of all sources, watched. */
export interface SourceWatch extends Watch {
  /** Watches the files that the last load has named. */
  follow(): void;
}
