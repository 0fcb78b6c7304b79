import { type Clock, type Instant, instantOf, later, never } from "../../electron/core/time.ts";

/** Something that will happen. `run` says whether promises may follow that have to settle before time goes on. */
interface Coming {
  readonly at: Instant;
  readonly order: number;
  run: (() => boolean) | undefined;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The time of a whole fleet: it goes from one thing that happens to the next. */
export class FleetTime {
  #now: Instant;
  #count = 0;
  readonly #heap: Coming[] = [];

  constructor(startsAt: Instant) {
    this.#now = startsAt;
  }

  now(): Instant {
    return this.#now;
  }

  /** Has `run` run at `at`, or now where that has passed. Returns the way to call it off. */
  at(at: Instant, run: () => boolean): () => void {
    if (at === never) return () => undefined;
    const coming: Coming = { at: later(at, this.#now), order: (this.#count += 1), run };
    this.#push(coming);
    return () => {
      coming.run = undefined;
    };
  }

  /** Resolves `ms` from now. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(instantOf(this.#now + ms), () => {
        resolve();
        return true;
      });
    });
  }

  /** Lets everything happen that comes before `end`, in its order, each with all that follows from it. */
  async runUntil(end: Instant): Promise<void> {
    await settle();
    for (let next = this.#heap[0]; next !== undefined && next.at < end; next = this.#heap[0]) {
      this.#pop();
      if (next.run === undefined) continue;
      this.#now = next.at;
      if (next.run()) await settle();
    }
    this.#now = end;
  }

  #push(coming: Coming): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(coming);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(coming, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = coming;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Coming, b: Coming): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/** The clock of one computer, whose alarms do not go off while it sleeps: what came due then does when it wakes. */
export class ComputerClock implements Clock {
  readonly #time: FleetTime;
  readonly #missed = new Set<() => void>();
  #isAsleep = false;

  constructor(time: FleetTime) {
    this.#time = time;
  }

  now(): Instant {
    return this.#time.now();
  }

  alarm(at: Instant, wake: () => void): () => void {
    const callOff = this.#time.at(at, () => {
      if (this.#isAsleep) this.#missed.add(wake);
      else wake();
      return !this.#isAsleep;
    });
    return () => {
      callOff();
      this.#missed.delete(wake);
    };
  }

  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  sleep(): void {
    this.#isAsleep = true;
  }

  wake(): void {
    this.#isAsleep = false;
    const missed = [...this.#missed];
    this.#missed.clear();
    for (const wake of missed) wake();
  }
}
