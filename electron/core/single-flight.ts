/** At most one piece of work a key at a time; whoever comes while it runs shares its outcome. */
export class SingleFlight {
  readonly #flights = new Map<string, Promise<unknown>>();

  /** The running work's outcome, or that of `work` where none runs. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#flights.get(key);
    if (running !== undefined) return running as Promise<T>;
    const flight = work().finally(() => {
      this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    return flight;
  }

  /** Whether any runs. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Waits for the running work, then runs `work` as the key's only one. */
  async after<T>(key: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      const running = this.#flights.get(key);
      if (running === undefined) return this.run(key, work);
      await running.catch(() => undefined);
    }
  }
}
