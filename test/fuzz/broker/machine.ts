import { Broker } from "../../../electron/core/broker.ts";
import type { Credential } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { Session } from "../../../electron/core/session.ts";
import { type Source, type Target, targetOf } from "../../../electron/core/source.ts";
import type { Instant } from "../../../electron/core/time.ts";
import { Life } from "../../core/life.ts";
import { FakeClock, settle } from "../../fakes/clock.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { ScriptedProvider, ticketOf } from "../../fakes/provider.ts";
import { FakeSharedPlace } from "../../fakes/shared-place.ts";
import { ScriptedSource } from "../../fakes/source.ts";
import { MemoryStore } from "../../fakes/store.ts";

const second = 1_000;
const minute = 60 * second;

export const places = ["corp", "lab"] as const;
export type Place = (typeof places)[number];

/** What can be asked for: each target is of an account of its own. */
export const targets = {
  dev: { place: "corp", key: "111122223333/Developer" },
  ops: { place: "corp", key: "444455556666/Operator" },
  lab: { place: "lab", key: "777788889999/Student" },
} as const satisfies Readonly<Record<string, { readonly place: Place; readonly key: string }>>;
export type Name = keyof typeof targets;
export const names = Object.keys(targets) as readonly Name[];

const verbs = ["sign-in", "renew", "issue", "probe", "revoke"] as const;

/** What came of a request: a credential, or an error. */
export type Answer = Credential | EvercredError;

interface Waiting {
  readonly name: Name;
  readonly sinceMs: number;
  isOver: boolean;
}

/** A machine with a keychain, two providers and one daemon after the other; `broken` says what must never have been. */
export class Machine {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore();
  readonly shared = new FakeSharedPlace();
  readonly providers: Readonly<Record<Place, ScriptedProvider>>;
  readonly broken: string[] = [];
  sources!: Readonly<Record<Place, ScriptedSource>>;
  broker!: Broker;
  /** How long time has passed while the machine was awake. */
  awakeMs = 0;
  /** The timers of pages and calls of daemons that are gone. */
  #orphans = 0;
  /** Until when, in time awake, calls of a moment ago may hold timers. */
  #restlessUntilMs = 0;
  readonly #memo = new MemoryMemo();
  readonly #random: () => number;
  #life = new Life();
  #configured: readonly Place[] = places;
  #waiting: Waiting[] = [];
  /** By provider and sign-in: how many presentations again of a refresh token are nobody's fault. */
  readonly #excused = new Map<string, number>();
  #exchanges = new Map<string, number>();
  readonly #judged: Record<Place, number> = { corp: 0, lab: 0 };
  readonly #losses: Record<Place, number> = { corp: 0, lab: 0 };

  constructor(chance: number, accessMs: number, credentialMs: number) {
    this.#random = () => chance;
    const provider = (): ScriptedProvider => {
      const made = new ScriptedProvider(this.clock);
      made.accessMs = accessMs;
      made.credentialMs = credentialMs;
      made.sessionMs = 10_000 * 60 * minute;
      return made;
    };
    this.providers = { corp: provider(), lab: provider() };
  }

  /** A daemon starts. */
  async boot(): Promise<void> {
    this.#life = new Life();
    this.#exchanges = new Map();
    const source = (place: Place): ScriptedSource =>
      new ScriptedSource({
        clock: this.clock,
        provider: this.providers[place],
        id: place,
        boundTo: `https://${place}.example/start`,
        profiles: Object.fromEntries(
          names
            .filter((name) => targets[name].place === place)
            .map((name) => [name, targets[name].key]),
        ),
        ...(place === "corp" && { shared: this.shared }),
      });
    this.sources = { corp: source("corp"), lab: source("lab") };
    const { store, memo, clock, random, log } = this.#life.ports({
      store: this.store,
      memo: this.#memo,
      clock: this.clock,
      random: this.#random,
      log: new MemoryLog(),
      changed: () => undefined,
      befell: () => undefined,
    });
    this.broker = new Broker({ store, memo, clock, random, log });
    await this.configure(this.#configured);
  }

  /** These are the sources from now on. */
  async configure(configured: readonly Place[]): Promise<void> {
    this.#excuse(this.#configured.filter((place) => !configured.includes(place)));
    this.#configured = configured;
    const sources = configured.map((place) =>
      this.#watched(this.#life.source(this.sources[place])),
    );
    await this.#done(this.broker.configure(sources));
  }

  session(place: Place): Session {
    const session = this.broker.session(place);
    if (session === undefined) throw new Error(`There is no session of ${place}.`);
    return session;
  }

  /** The daemon is stopped and started again. */
  async restart(): Promise<void> {
    this.#excuse(places);
    await this.#done(this.broker.close());
    await this.#allGone();
    this.#memo.close();
    this.#gone();
    await this.boot();
  }

  /** The daemon is killed and started again. */
  async crash(): Promise<void> {
    this.#excuse(places);
    this.#memo.crash();
    this.#gone();
    await this.boot();
  }

  /** Asks, and tells of the answer as soon as it is there. */
  async ask(name: Name, fresh: boolean, tell: (answer: Answer) => void): Promise<void> {
    const waiting: Waiting = { name, sinceMs: this.awakeMs, isOver: false };
    this.#waiting.push(waiting);
    const end = (answer: Answer): void => {
      waiting.isOver = true;
      tell(answer);
    };
    const target: Target = targetOf("aws", name);
    this.broker.issue(target, fresh).then(
      (credential) => {
        this.#inspect(name, credential);
        end(credential);
      },
      (thrown: unknown) => {
        if (!(thrown instanceof EvercredError)) this.broken.push(`thrown: ${String(thrown)}`);
        else if (thrown.code === "internal") this.broken.push("an internal error");
        end(thrown as EvercredError);
      },
    );
    await settle();
  }

  /** Time passes, with a sweep each minute. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= minute) {
      const step = Math.min(left, minute);
      await this.clock.advance(step);
      this.awakeMs += step;
      void this.broker.sweep();
      await settle();
      this.check();
    }
  }

  /** The answer to the next exchange will be lost. */
  loseReply(place: Place): void {
    this.providers[place].loseReply("renew");
    this.#losses[place] += 1;
  }

  /** Whether one may still be lost. */
  willLose(place: Place): boolean {
    const lost = this.providers[place].presentations.filter(({ answered }) => !answered).length;
    return lost < this.#losses[place];
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    const isBusy = Object.values(this.providers).some((one) => verbs.some((v) => one.busy(v) > 0));
    return !isBusy && this.store.writing === 0 && this.#waiting.every(({ isOver }) => isOver);
  }

  /** What must be true at any time. */
  check(): void {
    this.#waiting = this.#waiting.filter(({ isOver }) => !isOver);
    for (const { name, sinceMs } of this.#waiting) {
      if (this.awakeMs - sinceMs > 5 * minute) this.broken.push(`who asks for ${name} waits on`);
    }
    this.#checkPresentations();
    if (!this.isIdle || this.store.mood === "hanging") {
      this.#restlessUntilMs = this.awakeMs + minute;
    }
    // One of each session's state, one of what it fetches ahead, one of its page.
    const most = 3 * places.length + this.#orphans;
    if (this.awakeMs > this.#restlessUntilMs && this.clock.pending.length > most) {
      this.broken.push(`${String(this.clock.pending.length)} timers`);
    }
    if (this.broken.length > 0) throw new Error(this.broken.join("; "));
  }

  /** The daemon ends, and leaves nothing behind. */
  async close(): Promise<void> {
    await this.#done(this.broker.close());
    await this.#allGone();
    await this.clock.advance(minute);
    if (this.clock.pending.length > 0) this.broken.push("a timer is left");
    this.check();
  }

  /** Who still waits for a daemon that ends is sent away within moments: a sign-out that is under way has its own patience. */
  async #allGone(): Promise<void> {
    const isWaiting = (): boolean => this.#waiting.some(({ isOver }) => !isOver);
    await settle();
    for (let n = 0; isWaiting() && n < 30; n++) await this.clock.advance(second);
    if (isWaiting()) this.broken.push("a caller waits for no daemon");
  }

  /** A source whose exchanges are counted. What a dead daemon has begun is not: nobody waits for it. */
  #watched(source: Source): Source {
    const exchanges = this.#exchanges;
    const renew: Source["renew"] = async (...given) => {
      // Of each sign-in by itself: one that nobody has a use for is ended beside that which is in use.
      const id = `${source.id} ${String(ticketOf(given[0].saved).session)}`;
      const others = exchanges.get(id) ?? 0;
      if (others > 0) this.broken.push("two exchanges at once");
      exchanges.set(id, others + 1);
      try {
        return await source.renew(...given);
      } finally {
        exchanges.set(id, (exchanges.get(id) ?? 1) - 1);
      }
    };
    return { ...source, renew };
  }

  #inspect(name: Name, credential: Credential): void {
    const now: Instant = this.clock.now();
    if (credential.expiresAt <= now) this.broken.push("an expired credential");
    const account = credential.kind === "aws" ? credential.accountId : undefined;
    if (account !== targets[name].key.slice(0, 12)) this.broken.push("another target's credential");
  }

  /** What these have not saved, or not heard, when they end may cost a grant: it is presented again. */
  #excuse(gone: readonly Place[]): void {
    for (const place of gone) {
      const session = this.broker.session(place);
      const isSafe = session?.durable !== false && this.providers[place].busy("renew") === 0;
      if (isSafe && session?.isAtWork !== true) continue;
      this.#excused.set(place, (this.#excused.get(place) ?? 0) + 1);
    }
  }

  #gone(): void {
    this.#life.end();
    this.#orphans = this.clock.pending.length;
    this.#waiting = [];
  }

  #checkPresentations(): void {
    for (const place of places) {
      const { presentations } = this.providers[place];
      for (let at = this.#judged[place]; at < presentations.length; at++) {
        const { session, refresh } = presentations[at]!;
        const again = presentations
          .slice(0, at)
          .some((one) => one.session === session && one.refresh === refresh && one.answered);
        if (!again || refresh === undefined) continue;
        const excused = this.#excused.get(place) ?? 0;
        if (excused === 0) this.broken.push("a refresh token presented again");
        this.#excused.set(place, excused - 1);
      }
      this.#judged[place] = presentations.length;
    }
  }

  /** Lets time pass until this is done; each of these is bounded. */
  async #done(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const mark = (): void => {
      isDone = true;
    };
    work.then(mark, mark);
    for (let n = 0; !isDone && n < 120; n++) {
      await this.clock.advance(n === 0 ? 0 : second);
      if (n > 0) this.awakeMs += second;
    }
    if (!isDone) throw new Error("something never came to an end");
    await work;
  }
}
