/** By then a start is over, in milliseconds. */
const settledMs = 8_000;

/** Who has asked is likely to ask again so soon, in milliseconds. */
const restMs = 5_000;

/** A collection takes some hundredth of a second, in which nobody is served: it comes no more often than this, in milliseconds. */
const everyMs = 600_000;

export interface TidyPorts {
  /** In milliseconds, from any beginning. */
  now(): number;
  collect(): Promise<void>;
}

/**
 * Gives memory back once there is nothing to do. V8 collects garbage as memory is asked for, so what a start or a burst of
 * requests has left would stay for as long as nobody asks.
 */
export class Tidy {
  readonly #ports: TidyPorts;
  #isDue = true;
  #usedAt = Number.NEGATIVE_INFINITY;
  #doneAt = Number.NEGATIVE_INFINITY;
  #settled: NodeJS.Timeout | undefined;

  constructor(ports: TidyPorts = { now: () => performance.now(), collect: collectGarbage }) {
    this.#ports = ports;
  }

  /** A start has begun. */
  start(): void {
    this.#settled = setTimeout(() => {
      this.look();
    }, settledMs);
    this.#settled.unref();
  }

  /** A request has come. */
  used(): void {
    this.#isDue = true;
    this.#usedAt = this.#ports.now();
  }

  /** Collects where something was done since the last time, and all is quiet now. */
  look(): void {
    const now = this.#ports.now();
    if (!this.#isDue || now - this.#usedAt < restMs || now - this.#doneAt < everyMs) return;
    this.#isDue = false;
    this.#doneAt = now;
    void this.#ports.collect();
  }

  close(): void {
    clearTimeout(this.#settled);
  }
}

/** Has V8 give back all that it can. Resolves also where it cannot be told to. */
export const collectGarbage = async (): Promise<void> => {
  // A Node may be built without it, and no start needs it.
  const inspector = await import("node:inspector").catch(() => undefined);
  if (inspector === undefined) return;
  const session = new inspector.Session();
  session.connect();
  await new Promise((resolve) => {
    session.post("HeapProfiler.collectGarbage", resolve);
  });
  session.disconnect();
};
