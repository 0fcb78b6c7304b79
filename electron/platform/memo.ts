import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Log } from "../core/log.ts";
import type { Memo } from "../core/store.ts";
import { reasonOf, replaceFile } from "./atomic-file.ts";

export interface MemoOptions {
  readonly file: string;
  readonly log: Log;
}

const factsSchema = z.record(z.string(), z.string());

/** How soon after a change it is written, in milliseconds: changes come several at a time. */
const soonMs = 200;

/** The small facts in a JSON file (0600). A file that cannot be read is an empty one, and is logged. */
export class MemoFile implements Memo {
  readonly #options: MemoOptions;
  readonly #facts: Map<string, string>;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MemoOptions) {
    this.#options = options;
    this.#facts = readFacts(options);
  }

  get(name: string): string | undefined {
    return this.#facts.get(name);
  }

  set(name: string, fact: string | undefined): void {
    if (this.#facts.get(name) === fact) return;
    if (fact === undefined) this.#facts.delete(name);
    else this.#facts.set(name, fact);
    this.#timer ??= setTimeout(() => this.close(), soonMs).unref();
  }

  engrave(name: string, fact: string | undefined): void {
    this.set(name, fact);
    this.close();
  }

  /** Writes what is not written yet. */
  close(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { file, log } = this.#options;
    try {
      replaceFile(file, `${JSON.stringify(Object.fromEntries(this.#facts), undefined, 2)}\n`);
    } catch (thrown) {
      log.warn("memo: not written", { reason: reasonOf(thrown) });
    }
  }
}

const readFacts = ({ file, log }: MemoOptions): Map<string, string> => {
  try {
    return new Map(Object.entries(factsSchema.parse(JSON.parse(readFileSync(file, "utf8")))));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (reason !== "ENOENT") log.warn("memo: not read", { reason });
    return new Map();
  }
};
