import type { KeychainBackend } from "../../electron/platform/keychain-entries.ts";
import type { Memo } from "../../electron/core/store.ts";
import type { Clock } from "../../electron/core/time.ts";

/**
 * One run of the daemon, which can die at any of its steps: what it does to the world, each numbered twice, before it is
 * done and after it, while nobody has heard of it yet. After its death nothing that it has begun goes on, and no answer
 * reaches it.
 */
export class Run {
  /** What has been done so far, in its order. */
  readonly steps: string[] = [];
  /** How much is under way: what it waits for. */
  busy = 0;
  #isAlive = true;
  /** How many steps it still lives to see. */
  #left = Infinity;
  #moments: readonly string[] = [];
  readonly #alarms = new Set<() => void>();

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** It dies at this step from now on, counted from 1, of those `before` something is done, `after` it, or both. */
  dieAt(step: number, moments: readonly string[]): void {
    this.steps.length = 0;
    this.#left = step;
    this.#moments = moments;
  }

  /** The process is gone at once. */
  end(): void {
    this.#isAlive = false;
    for (const disarm of this.#alarms) disarm();
  }

  /** Something that it waits for, and that is no step by itself. */
  async wait<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isAlive) return silence;
    this.busy += 1;
    try {
      const result = await work();
      return this.#isAlive ? result : await silence;
    } catch (thrown) {
      if (!this.#isAlive) await silence;
      throw thrown;
    } finally {
      this.busy -= 1;
    }
  }

  /** A step that is answered later, as part of something that is waited for. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (!this.#isAlive || this.#dies("before", name)) return silence;
    const result = await work();
    return !this.#isAlive || this.#dies("after", name) ? silence : result;
  }

  /** A step that is done when it returns. */
  act(name: string, work: () => void): void {
    if (!this.#isAlive || this.#dies("before", name)) return;
    work();
    this.#dies("after", name);
  }

  /** The clock, whose alarms end with it. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      alarm: (at, wake) => {
        if (!this.#isAlive) return () => undefined;
        const disarm = clock.alarm(at, wake);
        this.#alarms.add(disarm);
        return () => {
          this.#alarms.delete(disarm);
          disarm();
        };
      },
    };
  }

  memo(memo: Memo): Memo {
    return {
      get: (name) => memo.get(name),
      set: (name, fact) => {
        if (this.#isAlive) memo.set(name, fact);
      },
      engrave: (name, fact) => {
        this.act(`engraving ${name}`, () => memo.engrave(name, fact));
      },
    };
  }

  entries(entries: KeychainBackend): KeychainBackend {
    return {
      read: (account) => this.step("keychain read", () => entries.read(account)),
      write: (account, text) => this.step("keychain write", () => entries.write(account, text)),
      remove: (account) => this.step("keychain removal", () => entries.remove(account)),
      accounts: () => this.step("keychain list", () => entries.accounts()),
    };
  }

  #dies(moment: "before" | "after", name: string): boolean {
    this.steps.push(`${moment} ${name}`);
    if (this.#moments.includes(moment)) this.#left -= 1;
    if (this.#left > 0) return false;
    this.end();
    return true;
  }
}

/**
 * An object whose methods of these names run through `around`; all else is as it was. Its own methods are those of the
 * object itself.
 */
export const surrounded = <T extends object>(
  object: T,
  names: readonly (keyof T & string)[],
  around: (name: string, work: () => Promise<unknown>) => Promise<unknown>,
  replaced: Partial<T> = {},
): T =>
  new Proxy(object, {
    get: (target, name) => {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const call = (...words: unknown[]): unknown => Reflect.apply(value, target, words);
      if (!(names as readonly unknown[]).includes(name)) return call;
      return (...words: unknown[]) => around(String(name), async () => call(...words));
    },
  });

const silence = new Promise<never>(() => undefined);
