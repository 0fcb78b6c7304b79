import { EvercredError } from "../core/errors.ts";

interface Ticket {
  readonly expire: (error: Error) => void;
}

/**
 * Runs keychain work one piece at a time, each with a limit that counts from when it was asked for.
 * A native call cannot be called off: while one hangs past its limit all others fail at once with
 * `keychain-locked`, and when it comes back, work goes on as before.
 */
export class KeychainQueue {
  readonly #limitMs: number;
  readonly #waiting = new Set<Ticket>();
  #last: Promise<unknown> = Promise.resolve();
  #hanging = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** `work` must look at the signal before each step: it is aborted at the limit. */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#hanging) return Promise.reject(silence());
    return new Promise((resolve, reject) => {
      const controller = new AbortController();
      const ticket: Ticket = {
        expire: (error) => {
          clearTimeout(timer);
          this.#waiting.delete(ticket);
          controller.abort(error);
          reject(error);
        },
      };
      const timer = setTimeout(() => this.#giveUp(ticket), this.#limitMs);
      this.#waiting.add(ticket);
      this.#last = this.#last.then(async () => {
        if (controller.signal.aborted) return;
        this.#waiting.delete(ticket);
        await work(controller.signal).then(resolve, reject);
        clearTimeout(timer);
        this.#hanging = false;
      });
    });
  }

  /** Resolves once what was asked for has come back, or has passed its limit. */
  async settled(): Promise<void> {
    await this.run(() => Promise.resolve()).catch(() => undefined);
  }

  /** Of two pieces of work the first in line always gives up first, so what runs now is what hangs. */
  #giveUp(ticket: Ticket): void {
    this.#hanging = true;
    ticket.expire(silence());
    for (const waiting of this.#waiting) waiting.expire(silence());
  }
}

const silence = (): EvercredError =>
  new EvercredError("keychain-locked", "The keychain does not answer.", {
    remedy: "Look for a window that asks for the keychain's password.",
  });
