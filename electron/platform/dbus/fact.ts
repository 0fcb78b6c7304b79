import type { Bus } from "./bus.ts";

/** What can be asked of a service, and when its answer may be another one. */
export interface Question<Value> {
  readonly service: string;
  /** The interfaces whose signals mean a change. What a signal carries is not believed: anybody may send one. */
  readonly interfaces: readonly string[];
  /** Asks. Rejects where there is no answer. */
  ask(): Promise<Value>;
}

/** So soon after an answer the next is asked for, in milliseconds: whoever sends signals in a storm keeps nobody busy. */
const gapMs = 50;

/** What a service on a bus says, kept up to date; undefined where nothing answers. */
export class Fact<Value extends string | boolean> {
  readonly #question: Question<Value>;
  readonly #listeners = new Set<() => void>();
  readonly #stop: () => void;
  #value: Value | undefined;
  #isAsking = false;
  #isStale = false;
  #answered: () => void = () => undefined;
  /** Resolves once there is an answer, or it is clear that there is none just now. */
  readonly known: Promise<void>;

  constructor(bus: Bus, question: Question<Value>) {
    this.#question = question;
    this.known = new Promise((resolve) => {
      this.#answered = resolve;
    });
    this.#stop = bus.follow({
      service: question.service,
      interfaces: question.interfaces,
      changed: () => {
        this.#isStale = true;
        if (!this.#isAsking) void this.#ask();
      },
      lost: () => {
        this.#become(undefined);
      },
    });
  }

  get value(): Value | undefined {
    return this.#value;
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#isStale = false;
    this.#become(await this.#question.ask().catch(() => undefined));
    setTimeout(() => {
      this.#isAsking = false;
      if (this.#isStale) void this.#ask();
    }, gapMs).unref();
  }

  #become(value: Value | undefined): void {
    const before = this.#value;
    this.#value = value;
    this.#answered();
    if (value === before) return;
    for (const listener of this.#listeners) listener();
  }
}
