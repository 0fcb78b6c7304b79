import { SingleFlight } from "./single-flight.ts";
import { type Clock, type Instant, plus } from "./time.ts";

/** Answers that are good for a while, each under a key. Whoever asks while one is fetched shares it. */
export class Recent<T> {
  readonly #clock: Clock;
  readonly #forMs: number;
  #flights = new SingleFlight();
  #answers = new Map<string, { readonly answer: T; readonly until: Instant }>();

  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** The answer that is there, or what `fetch` gives: also where it is there, if it has to be `fresh`. */
  async get(key: string, fresh: boolean, fetch: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key);
    if (!fresh && known !== undefined && this.#clock.now() < known.until) return known.answer;
    const answers = this.#answers;
    return this.#flights.run(key, async () => {
      const answer = await fetch();
      answers.set(key, { answer, until: plus(this.#clock.now(), this.#forMs) });
      return answer;
    });
  }

  /** Forgets every answer, also those that are on their way. */
  clear(): void {
    this.#answers = new Map();
    this.#flights = new SingleFlight();
  }
}
