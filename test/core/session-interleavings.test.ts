import { expect, test } from "vitest";
import type { Credential } from "../../electron/core/credential.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { Session } from "../../electron/core/session.ts";
import { settle } from "../fakes/clock.ts";
import { type Presentation, ticketOf } from "../fakes/provider.ts";
import { hour, key, minute, place, second, World } from "./world.ts";

/** How many are told where the keychain has the grant, and where others do. */
const many = 5_000;
const fewer = 2_000;

/** What may happen, the ordinary more often. */
const steps = [
  "renew",
  "renew",
  "renew",
  "lose-reply",
  "lose-reply",
  "no-connection",
  "throttled",
  "die-unsent",
  "die-unanswered",
  "die-unsaved",
  "die-saved",
  "die",
  "restart",
  "restart-in-between",
  "other-tool",
  "other-tool-then-die",
  "other-tool-before-renewal",
  "lock",
  "unlock",
] as const;

type Step = (typeof steps)[number];

/** A small generator with a seed (mulberry32): a failure is repeated by its number. */
const chanceOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** One presentation of a refresh token, and whether its outcome is known to be lost. */
interface Seen extends Presentation {
  lost: boolean;
}

/** Where the grant is kept: in the keychain, or in a file of others. */
interface Keeper {
  readonly crashAt: (moment: "before-write" | "after-write" | undefined) => void;
  readonly lock: (locked: boolean) => void;
  readonly saved: () => Secret | undefined;
}

/** A machine, its daemon's lives, and what they have presented. */
class Tale {
  readonly world: World;
  session!: Session;
  /** How often a sign-in was asked for, and how many outcomes were lost. */
  asked = 0;
  lost = 0;
  readonly #keeper: Keeper;
  readonly #seen: Seen[] = [];
  /** Those of the present life whose outcome may still be lost. */
  #open: Seen[] = [];
  #credential: Credential | undefined;

  constructor(random: () => number, grace: boolean, kept: boolean) {
    this.world = new World({ random, kept });
    const { provider, shared, store } = this.world;
    this.#keeper = kept
      ? {
          crashAt: (moment) => (shared.crash = moment),
          lock: (locked) => (shared.writable = !locked),
          saved: () => shared.content?.saved,
        }
      : {
          crashAt: (moment) => (store.crash = moment),
          lock: (locked) => (store.readOnly = locked),
          saved: () => new Secret(store.peek(place) ?? '{"access":""}'),
        };
    provider.grace = grace;
    provider.sessionMs = 10_000 * hour;
    provider.credentialMs = 3 * hour;
  }

  async begin(): Promise<void> {
    this.session = await this.world.signedIn();
  }

  async do(step: Step): Promise<void> {
    const { clock, provider, shared } = this.world;
    switch (step) {
      case "renew":
        return this.#renewal();
      case "lose-reply":
        provider.loseReply("renew");
        return this.#renewal();
      case "no-connection":
        provider.fail("renew", "unreachable");
        return this.#renewal();
      case "throttled":
        provider.fail("renew", new EvercredError("throttled", undefined, { retryAfterMs: minute }));
        return this.#renewal();
      case "die-unsent":
        provider.fail("renew", "unreachable");
        return this.#dieDuring("renew");
      case "die-unanswered":
        return this.#dieDuring("renew");
      case "die-unsaved":
        this.#keeper.crashAt("before-write");
        return this.#dieDuring("write");
      case "die-saved":
        this.#keeper.crashAt("after-write");
        return this.#dieDuring("write");
      case "die":
        return this.#die();
      case "restart":
        return this.#restart();
      case "restart-in-between": {
        const release = provider.hold("renew", true);
        await this.#renewal();
        const restarting = this.world.restart(this.session);
        await clock.advance(5 * second);
        release();
        this.session = await restarting;
        return this.#over();
      }
      case "other-tool":
        shared.leave(provider.signIn(this.world.source.boundTo));
        return this.session.look();
      case "other-tool-then-die":
        this.#keeper.crashAt(this.world.ports.random() < 0.5 ? "before-write" : "after-write");
        shared.leave(provider.signIn(this.world.source.boundTo));
        void this.session.look();
        await settle();
        this.#keeper.crashAt(undefined);
        return this.#die();
      case "other-tool-before-renewal":
        shared.leave(provider.signIn(this.world.source.boundTo));
        return this.#renewal();
      case "lock":
        return this.#keeper.lock(true);
      case "unlock":
        this.#keeper.lock(false);
        return this.session.sweep();
    }
  }

  /** What holds after each step. */
  async check(): Promise<void> {
    await settle();
    this.#collect();
    const { state, isSignedOut } = this.session;
    const now = this.world.clock.now();
    if (isSignedOut) {
      this.asked += 1;
      // An access token that was found, and has outlived its grant, is served to its own end: that is then the reason, or
      // none is known where the daemon died with it.
      const reason = expect.stringMatching(/^(?:lost|ended|never)$/) as unknown;
      expect(state).toMatchObject({ kind: "signed-out", reason });
      expect(this.world.provider.grace, "a sign-in although a spent grant is taken").toBe(false);
      expect(this.asked, "more sign-ins than lost outcomes").toBeLessThanOrEqual(this.lost);
    }
    if (this.#credential !== undefined && now < this.#credential.expiresAt) {
      await expect(this.session.issue(key)).resolves.toBeDefined();
    }
    if (isSignedOut) {
      // Whoever signs in unlocks the keychain: a sign-in that was never saved is another story.
      this.#keeper.lock(false);
      await this.world.signIn(this.session);
    }
    if (this.session.isLive) this.#credential = await this.session.issue(key);
  }

  /** Lets the next renewal come, whether the session is well or failing. */
  async #renewal(): Promise<void> {
    const { clock } = this.world;
    const { state } = this.session;
    const due =
      state.kind === "active"
        ? state.renewAt
        : state.kind === "failing"
          ? state.retryAt
          : clock.now();
    await clock.advance(Math.max(0, due - clock.now()));
  }

  /** The daemon dies while the provider answers, or while the answer is saved. */
  async #dieDuring(what: "renew" | "write"): Promise<void> {
    const { provider } = this.world;
    const release = what === "renew" ? provider.hold("renew", true) : () => undefined;
    await this.#renewal();
    this.#keeper.crashAt(undefined);
    // There was nothing to save: the sign-in that is needed is asked for by this life, and not by the next.
    if (this.session.isSignedOut) return;
    this.world.crash();
    release();
    await settle();
    this.session = await this.world.open();
    this.#over();
  }

  async #die(): Promise<void> {
    this.world.crash();
    this.session = await this.world.open();
    this.#over();
  }

  async #restart(): Promise<void> {
    this.session = await this.world.restart(this.session);
    this.#over();
  }

  /** New presentations: each one of the same token before it must have had its outcome lost. */
  #collect(): void {
    const { presentations } = this.world.provider;
    for (const { session, refresh, answered } of presentations.slice(this.#seen.length)) {
      const again = this.#seen.filter((it) => it.session === session && it.refresh === refresh);
      expect(again.map(({ lost }) => lost)).toEqual(again.map(() => true));
      const seen = { session, refresh, answered, lost: false };
      this.#seen.push(seen);
      this.#open.push(seen);
      if (!answered) this.#lose(seen);
    }
  }

  /** A life is over: what the keychain does not have is lost. */
  #over(): void {
    this.#credential = undefined;
    this.#collect();
    const kept = this.#keeper.saved();
    const saved = kept === undefined ? undefined : ticketOf(kept);
    for (const seen of this.#open) {
      const known = saved?.session === seen.session && (saved.refresh ?? 0) > (seen.refresh ?? 0);
      if (!known && !seen.lost) this.#lose(seen);
    }
    this.#open = [];
  }

  #lose(seen: Seen): void {
    seen.lost = true;
    this.lost += 1;
  }
}

/** One tale of up to ten steps; everything in it follows from its number. */
const tell = async (number: number, grace: boolean, kept: boolean): Promise<Tale> => {
  const chance = chanceOf(number);
  const tale = new Tale(chance, grace, kept);
  await tale.begin();
  const told: Step[] = [];
  try {
    for (let left = 1 + Math.floor(chance() * 10); left > 0; left--) {
      const step = steps[Math.floor(chance() * steps.length)]!;
      told.push(step);
      await tale.do(step);
      await tale.check();
    }
  } catch (thrown) {
    throw new Error(`Interleaving ${String(number)}: ${told.join(", ")}`, { cause: thrown });
  }
  return tale;
};

test.each([
  ["in the keychain", "strict, and each lost outcome costs one sign-in at most", false, false],
  ["in the keychain", "patient with a spent grant, and nothing costs a sign-in", true, false],
  ["by others", "strict, and each lost outcome costs one sign-in at most", false, true],
  ["by others", "patient with a spent grant, and nothing costs a sign-in", true, true],
])(
  "a refresh token that is kept %s is presented again only after a lost outcome: the provider is %s",
  async (_keeper, _provider, grace, kept) => {
    const interleavings = kept ? fewer : many;
    let lost = 0;
    let asked = 0;
    for (let number = 0; number < interleavings; number++) {
      const tale = await tell(number, grace, kept);
      lost += tale.lost;
      asked += tale.asked;
    }
    // It was put to the test.
    expect(lost).toBeGreaterThan(interleavings / 2);
    if (!grace) expect(asked).toBeGreaterThan(interleavings / 4);
  },
  300_000,
);
