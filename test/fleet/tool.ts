import type { Instant } from "../../electron/core/time.ts";
import type { Asking, ThrottledProvider } from "./provider.ts";
import type { ComputerClock, FleetTime } from "./time.ts";

/** What a caller may be told. `waited`: it has what it asked for, but was not answered at once. */
export type Answer = "memory" | "waited" | "sign-in" | "failed";

/** What keeps credentials fresh on one computer. */
export interface Tool {
  /** Starts it, with what it had kept when it was stopped. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A program wants the credential of this role. At once, where it need not wait. */
  ask(role: string): Answer | Promise<Answer>;
  /** A person does all that a sign-in needs. Resolves to whether that has succeeded. */
  signIn(): Promise<boolean>;
  /** The computer has woken. */
  woke(): void;
  /** Whether the last sign-in is one that the provider would still prolong. */
  readonly isProlongable: boolean;
}

/** One computer of a fleet. */
export class Computer implements Asking {
  readonly clock: ComputerClock;
  readonly provider: ThrottledProvider;
  readonly chance: () => number;
  readonly roles: readonly string[];
  readonly #time: FleetTime;
  #waiting = 0;
  #onWay = 0;
  #busyMs = 0;
  #busySince: Instant | undefined;

  constructor(
    time: FleetTime,
    clock: ComputerClock,
    provider: ThrottledProvider,
    roles: readonly string[],
    chance: () => number,
  ) {
    this.#time = time;
    this.clock = clock;
    this.provider = provider;
    this.roles = roles;
    this.chance = chance;
  }

  get isAwaited(): boolean {
    return this.#waiting > 0;
  }

  /** For how long so far a request of this computer has been on its way, in milliseconds. */
  get busyMs(): number {
    return this.#busyMs + (this.#busySince === undefined ? 0 : this.#time.now() - this.#busySince);
  }

  /** Somebody waits until `work` is done. */
  async await<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    try {
      return await work();
    } finally {
      this.#waiting -= 1;
    }
  }

  onWay(): () => void {
    if (this.#onWay === 0) this.#busySince = this.#time.now();
    this.#onWay += 1;
    return () => {
      this.#onWay -= 1;
      if (this.#onWay > 0) return;
      this.#busyMs = this.busyMs;
      this.#busySince = undefined;
    };
  }
}
