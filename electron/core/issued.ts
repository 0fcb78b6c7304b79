import type { Credential } from "./credential.ts";
import { EvercredError, errorOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Patience } from "./patience.ts";
import {
  fresherWithinMs,
  insistMs,
  isStale,
  keepWarmMs,
  leaveAloneMs,
  prefetchAt,
  type Random,
  refusalMs,
  retryAt,
} from "./policy.ts";
import { SingleFlight } from "./single-flight.ts";
import { type Clock, type Instant, never, plus, within } from "./time.ts";

/** What is known of one key. */
interface Entry {
  credential: Credential | undefined;
  /** The provider's last no, forgotten at the next yes. */
  refusal: { readonly error: EvercredError; readonly at: Instant } | undefined;
  /** The provider's wish that nobody ask before. */
  patience: { readonly error: EvercredError; readonly until: Instant } | undefined;
  /** How often in a row it has said so. */
  timesAsked: number;
  doubted: boolean;
  askedAt: Instant;
  fetchedAt: Instant | undefined;
  failedAt: Instant | undefined;
  failures: number;
  dueAt: Instant | undefined;
}

/** One key as others may see it. */
export interface Use {
  readonly key: string;
  readonly askedAt: Instant;
  readonly expiresAt: Instant | undefined;
  readonly refused: EvercredError | undefined;
}

/** Fetches what a key names, newer than what is `known` if that can be had. */
type Fetch = (key: string, known: Credential | undefined) => Promise<Credential>;

/** The credentials that one session has handed out, in memory. Each is served to its own end. */
export class Issued {
  readonly #entries = new Map<string, Entry>();
  #flights = new SingleFlight();
  readonly #fetch: Fetch;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #patience: Patience;
  readonly #log: Log;
  #disarm: () => void = () => undefined;
  #paused = true;

  constructor(fetch: Fetch, clock: Clock, random: Random, patience: Patience, log: Log) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#random = random;
    this.#patience = patience;
    this.#log = log;
  }

  /** What is in memory and needs no second thought; undefined where `get` has to be asked. */
  peek(key: string): Credential | undefined {
    const entry = this.#entries.get(key);
    if (entry?.credential === undefined || entry.doubted) return undefined;
    const now = this.#clock.now();
    if (isStale(entry.credential, now)) return undefined;
    entry.askedAt = now;
    return entry.credential;
  }

  /**
   * A credential that is good now. `fresh` insists on a new one, at most once a minute.
   * Fails as the fetch fails, but not while what we hold is still good and nobody insists.
   */
  async get(key: string, fresh: boolean): Promise<Credential> {
    const known = fresh ? undefined : this.peek(key);
    if (known !== undefined) return known;
    const entry = this.#entry(key);
    const now = this.#clock.now();
    entry.askedAt = now;
    const held = entry.credential;
    if (held === undefined || now >= held.expiresAt) return this.#refreshPatiently(key, entry);
    if (fresh) {
      const tooSoon = entry.fetchedAt !== undefined && now - entry.fetchedAt < insistMs;
      return tooSoon ? held : this.#refreshPatiently(key, entry);
    }
    if (this.#waits(entry)) return held;
    const fresher = await within(
      this.#clock,
      fresherWithinMs,
      this.#refresh(key, entry).catch(() => held),
      held,
    );
    if (this.#clock.now() < fresher.expiresAt) return fresher;
    return this.#refresh(key, entry);
  }

  /** What there is for this key and still good, though something fresher may be on its way. */
  held(key: string): Credential | undefined {
    const held = this.#entries.get(key)?.credential;
    return held !== undefined && this.#clock.now() < held.expiresAt ? held : undefined;
  }

  /** Somebody says that this credential does not work: one that is older than a minute is replaced at its next use. */
  doubt(key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.fetchedAt === undefined) return;
    if (this.#clock.now() - entry.fetchedAt >= insistMs) entry.doubted = true;
  }

  /** The provider's no, if it is its latest word and a recent one. */
  refusalOf(key: string): EvercredError | undefined {
    const refusal = this.#entries.get(key)?.refusal;
    if (refusal === undefined || this.#clock.now() - refusal.at >= refusalMs) return undefined;
    return refusal.error;
  }

  /** Whether there is a credential for this key that is still good. */
  has(key: string): boolean {
    return this.held(key) !== undefined;
  }

  /** Fetches ahead, from now on, what is in use. `isMended`: what its session lacked is there, so nobody waits for it. */
  resume(isMended = false): void {
    const wasPaused = this.#paused;
    this.#paused = false;
    for (const entry of this.#entries.values()) {
      if (isMended) entry.patience = undefined;
      if (entry.credential === undefined) continue;
      // What is planned stays planned: put off at each renewal it would never come.
      if (!wasPaused && entry.failures === 0) continue;
      entry.failures = 0;
      entry.dueAt = this.#dueAt(entry.credential);
    }
    this.#arm();
  }

  /** Fetches nothing ahead until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#disarm();
  }

  /** Forgets every credential, also those that are on their way. */
  clear(): void {
    this.#entries.clear();
    this.#flights = new SingleFlight();
    this.#disarm();
  }

  uses(): readonly Use[] {
    return [...this.#entries].map(([key, entry]) => ({
      key,
      askedAt: entry.askedAt,
      expiresAt: entry.credential?.expiresAt,
      refused: this.refusalOf(key),
    }));
  }

  /** Does what is due, and drops what has ended and is not in use. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [key, entry] of this.#entries) {
      // What is on its way is put into the entry that it was fetched for.
      if (this.#flights.has(key)) continue;
      const ended = entry.credential === undefined || now >= entry.credential.expiresAt;
      if (ended && now - entry.askedAt >= keepWarmMs) this.#entries.delete(key);
    }
    this.#prefetch();
  }

  #entry(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = {
      credential: undefined,
      refusal: undefined,
      patience: undefined,
      timesAsked: 0,
      doubted: false,
      askedAt: this.#clock.now(),
      fetchedAt: undefined,
      failedAt: undefined,
      failures: 0,
      dueAt: undefined,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Whether the last attempt has failed, and the next one has its time, however many ask until then. */
  #waits({ failures, failedAt, dueAt, doubted, patience }: Entry): boolean {
    const now = this.#clock.now();
    if (failures === 0 || failedAt === undefined) return false;
    if (dueAt === undefined || now >= dueAt) return false;
    // What does not work is no reason to be as patient as the background.
    const isPressing = doubted && now - failedAt >= insistMs;
    return !isPressing || (patience !== undefined && now < patience.until);
  }

  /** As `#refresh`, but while the provider asks for patience its word is given again, however many ask. */
  async #refreshPatiently(key: string, entry: Entry): Promise<Credential> {
    const { patience } = entry;
    const leftMs = patience === undefined ? 0 : patience.until - this.#clock.now();
    if (patience === undefined || leftMs <= 0) return this.#refresh(key, entry);
    const { code, message, remedy, cause } = patience.error;
    // Whoever waits for this one in turn waits for no longer than that.
    throw new EvercredError(code, message, { remedy, cause, retryAfterMs: leftMs });
  }

  #refresh(key: string, entry: Entry): Promise<Credential> {
    return this.#flights.run(key, async () => {
      try {
        const credential = await this.#fetch(key, entry.credential);
        const now = this.#clock.now();
        entry.credential = credential;
        entry.refusal = undefined;
        entry.patience = undefined;
        entry.timesAsked = 0;
        this.#patience.eased();
        entry.doubted = false;
        entry.fetchedAt = now;
        entry.failures = 0;
        entry.dueAt = this.#dueAt(credential);
        this.#arm();
        return credential;
      } catch (thrown) {
        const error = errorOf(thrown);
        const now = this.#clock.now();
        entry.failures += 1;
        entry.failedAt = now;
        if (error.code === "access-denied") entry.refusal = { error, at: now };
        const end = entry.credential?.expiresAt ?? now;
        const next = retryAt(now, entry.failures, end, error, this.#random);
        entry.dueAt = next < end ? next : undefined;
        this.#patience.failed(error, next);
        entry.timesAsked = error.code === "throttled" ? entry.timesAsked + 1 : 0;
        entry.patience = { error, until: plus(now, leaveAloneMs(entry.timesAsked, error)) };
        this.#arm();
        throw error;
      }
    });
  }

  /** When to fetch its successor: what has no end has none. */
  #dueAt(credential: Credential): Instant | undefined {
    if (credential.expiresAt === never) return undefined;
    return prefetchAt(credential, this.#clock.now(), this.#random);
  }

  #arm(): void {
    this.#disarm();
    if (this.#paused) return;
    let due: Instant | undefined;
    for (const { dueAt } of this.#entries.values()) {
      if (dueAt !== undefined && (due === undefined || dueAt < due)) due = dueAt;
    }
    if (due !== undefined) {
      this.#disarm = this.#clock.alarm(due, () => {
        this.#prefetch();
      });
    }
  }

  #prefetch(): void {
    if (this.#paused) return;
    const now = this.#clock.now();
    for (const [key, entry] of this.#entries) {
      const { credential, dueAt } = entry;
      if (credential === undefined || dueAt === undefined || now < dueAt) continue;
      entry.dueAt = undefined;
      if (now >= plus(entry.askedAt, keepWarmMs)) continue;
      entry.dueAt = this.#patience.putOff(now, credential.expiresAt);
      if (entry.dueAt !== undefined) continue;
      this.#refresh(key, entry).catch((thrown: unknown) => {
        this.#log.warn("issued: not fetched ahead", { key, code: errorOf(thrown).code });
      });
    }
    this.#arm();
  }
}
