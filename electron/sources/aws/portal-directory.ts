import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Account, Directory } from "../../core/source.ts";
import { type Clock, plus, sleepUntil } from "../../core/time.ts";
import type { Page, Portal } from "./portal.ts";

/** How many times one page is asked for where the portal asks us to wait. */
const attempts = 5;

/** The first pause, in milliseconds, where it does not say how long; each later one is twice as long. */
const pauseMs = 1_000;

/** Longer than that nobody waits for a list: then the portal's word is passed on. */
const longestPauseMs = 30_000;

/** No organisation has so many: a list that goes on is none. */
const maxPages = 1_000;

/** Lists what the access portal has for a person: page after page, at the portal's pace. */
export class PortalDirectory implements Directory {
  readonly #portal: Portal;
  readonly #tokenOf: (grant: Grant) => string;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(
    portal: Portal,
    tokenOf: (grant: Grant) => string,
    { clock, random }: { readonly clock: Clock; readonly random: () => number },
  ) {
    this.#portal = portal;
    this.#tokenOf = tokenOf;
    this.#clock = clock;
    this.#random = random;
  }

  async accounts(grant: Grant, signal: AbortSignal): Promise<readonly Account[]> {
    const token = this.#tokenOf(grant);
    return this.#all((next) => this.#portal.accounts(token, next, signal), signal);
  }

  async roles(grant: Grant, account: string, signal: AbortSignal): Promise<readonly string[]> {
    const token = this.#tokenOf(grant);
    return this.#all((next) => this.#portal.roles(token, account, next, signal), signal);
  }

  async #all<T>(
    ask: (next: string | undefined) => Promise<Page<T>>,
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    const items: T[] = [];
    const seen = new Set<string | undefined>();
    let next: string | undefined;
    do {
      if (seen.has(next) || seen.size >= maxPages) {
        throw new EvercredError("reply-invalid", "The list that the portal gives has no end.");
      }
      seen.add(next);
      const page = await this.#patiently(() => ask(next), signal);
      items.push(...page.items);
      next = page.next;
    } while (next !== undefined);
    return items;
  }

  async #patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (thrown) {
        if (!(thrown instanceof EvercredError) || thrown.code !== "throttled") throw thrown;
        const waitMs = thrown.retryAfterMs ?? this.#jittered(pauseMs * 2 ** (attempt - 1));
        if (attempt === attempts || waitMs > longestPauseMs) throw thrown;
        await sleepUntil(this.#clock, plus(this.#clock.now(), waitMs), signal);
      }
    }
  }

  /** Between a half and the whole: many who were sent away at once do not come back at once. */
  #jittered(ms: number): number {
    return Math.round(ms * (0.5 + this.#random() / 2));
  }
}
