import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "../core/log.ts";
import { reasonOf, replaceFile } from "./atomic-file.ts";
import { readConfigFile } from "./config-file.ts";
import { jsonSchema, type Path } from "./config-names.ts";
import { type Config, configSchema } from "./config-schema.ts";
import {
  type ConfigPlace,
  type ConfigReading,
  type ConfigValues,
  readConfigText,
  settle,
} from "./config-text.ts";
import type { PolicyFile } from "./policy.ts";
import { isForced, type Setter, setterAt } from "./policy-layers.ts";
import type { Problem } from "./problem.ts";
import { type Watch, watchPaths } from "./watch.ts";

export interface ConfigOptions {
  /** `config.json`; it need not exist. */
  readonly file: string;
  /** What it says counts before and after the file, and is followed too. */
  readonly policy: Pick<PolicyFile, "layers" | "subscribe">;
  readonly log: Log;
}

/** The configuration in force, and what is wrong with the file. */
export interface ConfigFile {
  /** The last good one, under the policy of now: the defaults until there is one. */
  readonly current: Config;
  /** The same as it is written, in the file and in the policy, without what does not count. */
  readonly tree: unknown;
  readonly problems: readonly Problem[];
  /** Who has set what stands at a path. */
  setterOf(path: Path): Setter;
  /** Whether the policy has set what stands at a path, or around it, or something in it. */
  isForced(path: Path): boolean;
  /** Calls `listener` after each change of either, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Reads the file again where the system may have told nothing of a change. */
  check(): void;
  /** Reads the file again at once: what it says is in force then. */
  reload(): void;
  close(): void;
}

/** Reads the configuration, follows its changes, and writes its JSON Schema beside it a few seconds later. Never throws. */
export const openConfig = (options: ConfigOptions): ConfigFile => new WatchedConfig(options);

/** By then a start is over, and nobody waits for a credential, in milliseconds. */
const settledMs = 5_000;

class WatchedConfig implements ConfigFile {
  readonly #options: ConfigOptions;
  readonly #home = homedir();
  readonly #listeners = new Set<() => void>();
  readonly #watch: Watch;
  readonly #leavePolicy: () => void;
  readonly #schemaTimer: NodeJS.Timeout;
  #values: ConfigValues;
  #problems: readonly Problem[];

  constructor(options: ConfigOptions) {
    this.#options = options;
    this.#schemaTimer = setTimeout(() => {
      this.#writeSchema();
    }, settledMs);
    this.#schemaTimer.unref();
    this.#watch = watchPaths([options.file], () => this.reload());
    this.#leavePolicy = options.policy.subscribe(() => this.reload());
    const { values, problems } = this.#read();
    this.#values = values ?? this.#settled({});
    this.#problems = problems;
    this.#note();
  }

  get current(): Config {
    return this.#values.config;
  }

  get tree(): unknown {
    return this.#values.tree;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  setterOf(path: Path): Setter {
    return setterAt(this.#options.policy.layers, this.#values.written, path);
  }

  isForced(path: Path): boolean {
    return isForced(this.#options.policy.layers, path);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  check(): void {
    this.#watch.check();
  }

  close(): void {
    clearTimeout(this.#schemaTimer);
    this.#watch.close();
    this.#leavePolicy();
    this.#listeners.clear();
  }

  reload(): void {
    const { values = this.#settled(this.#values.written), problems } = this.#read();
    const isSame = isDeepStrictEqual(
      [values.config, problems],
      [this.#values.config, this.#problems],
    );
    this.#values = values;
    if (isSame) return;
    this.#problems = problems;
    this.#note();
    for (const listener of this.#listeners) listener();
  }

  get #place(): ConfigPlace {
    const { file, policy } = this.#options;
    return { file, home: this.#home, policy: policy.layers };
  }

  #read(): ConfigReading {
    return readFile(this.#place);
  }

  /** What is in force by what was once written; where that does not fit the policy any more, by the policy alone. */
  #settled(written: unknown): ConfigValues {
    const values = settle(written, this.#place) ?? settle({}, this.#place);
    return values ?? { config: configSchema(this.#home).parse({}), tree: {}, written: {} };
  }

  #note(): void {
    this.#options.log.info("config: read", { problems: this.#problems.length });
    for (const { severity, line, sentence } of this.#problems) {
      this.#options.log.warn("config: problem", { severity, line, sentence });
    }
  }

  #writeSchema(): void {
    const file = join(dirname(this.#options.file), "config.schema.json");
    const text = `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
    try {
      if (textOf(file) !== text) replaceFile(file, text);
    } catch (thrown) {
      this.#options.log.warn("config: schema not written", { reason: reasonOf(thrown) });
    }
  }
}

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

const readFile = (place: ConfigPlace): ConfigReading => {
  const read = readConfigFile(place.file);
  return read.kind === "text"
    ? readConfigText(read.text, place)
    : { values: undefined, problems: [read.problem] };
};
