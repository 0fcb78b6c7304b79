import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "../core/log.ts";
import { reasonOf, replaceFile } from "./atomic-file.ts";
import { readConfigFile } from "./config-file.ts";
import { jsonSchema } from "./config-names.ts";
import { type Config, configSchema } from "./config-schema.ts";
import { type ConfigReading, readConfigText } from "./config-text.ts";
import type { Problem } from "./problem.ts";
import { type Watch, watchPaths } from "./watch.ts";

export interface ConfigOptions {
  /** `config.json`; it need not exist. */
  readonly file: string;
  readonly log: Log;
}

/** The configuration in force, and what is wrong with the file. */
export interface ConfigFile {
  /** The last good one: the defaults until there is one. */
  readonly current: Config;
  /** The same as it is written in the file, without what does not count. */
  readonly written: unknown;
  readonly problems: readonly Problem[];
  /** Calls `listener` after each change of either, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Reads the file again where the system may have told nothing of a change. */
  check(): void;
  /** Reads the file again at once: what it says is in force then. */
  reload(): void;
  close(): void;
}

/** Reads the configuration, follows its changes, and writes its JSON Schema beside it. Never throws. */
export const openConfig = (options: ConfigOptions): ConfigFile => new WatchedConfig(options);

class WatchedConfig implements ConfigFile {
  readonly #options: ConfigOptions;
  readonly #home = homedir();
  readonly #listeners = new Set<() => void>();
  readonly #watch: Watch;
  #current: Config;
  #written: unknown;
  #problems: readonly Problem[];

  constructor(options: ConfigOptions) {
    this.#options = options;
    this.#writeSchema();
    this.#watch = watchPaths([options.file], () => this.reload());
    const { config, written, problems } = readFile(options.file, this.#home);
    this.#current = config ?? configSchema(this.#home).parse({});
    this.#written = written;
    this.#problems = problems;
    this.#note();
  }

  get current(): Config {
    return this.#current;
  }

  get written(): unknown {
    return this.#written;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  check(): void {
    this.#watch.check();
  }

  close(): void {
    this.#watch.close();
    this.#listeners.clear();
  }

  reload(): void {
    const reading = readFile(this.#options.file, this.#home);
    const { config = this.#current, problems } = reading;
    if (reading.config !== undefined) this.#written = reading.written;
    if (isDeepStrictEqual([config, problems], [this.#current, this.#problems])) return;
    this.#current = config;
    this.#problems = problems;
    this.#note();
    for (const listener of this.#listeners) listener();
  }

  #note(): void {
    this.#options.log.info("config: read", { problems: this.#problems.length });
    for (const { severity, line, sentence } of this.#problems) {
      this.#options.log.warn("config: problem", { severity, line, sentence });
    }
  }

  #writeSchema(): void {
    const file = join(dirname(this.#options.file), "config.schema.json");
    const text = `${JSON.stringify(jsonSchema, undefined, 2)}\n`;
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

const readFile = (file: string, home: string): ConfigReading => {
  const read = readConfigFile(file);
  return read.kind === "text"
    ? readConfigText(read.text, file, home)
    : { config: undefined, written: undefined, problems: [read.problem] };
};
