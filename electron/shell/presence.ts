import type { Presence } from "../core/person.ts";

/** After so long without any input nobody is there, in seconds. */
const idleAfterS = 5 * 60;

/** How often the idle time is looked at while somebody is waited for, in milliseconds. */
const lookMs = 2_000;

/** So long after waking nobody knows whether the network is back, and so long at most it is waited for, in milliseconds. */
const blindMs = 5_000;
const wakingMs = 30_000;

/** Who was away stays so for as long while the system's login service is not heard of, in milliseconds: it may be restarted. */
const lostMs = 60_000;

/** What is needed of Electron's powerMonitor. */
export interface Desk {
  getSystemIdleState(idleThresholdS: number): "active" | "idle" | "locked" | "unknown";
  on(event: "resume" | "unlock-screen", listener: () => void): unknown;
}

/** Something that is found out elsewhere, as it is just now; undefined: nobody knows. */
export interface Told<Value> {
  readonly value: Value | undefined;
  subscribe(listener: () => void): () => void;
}

type LoginState = "active" | "idle" | "locked";

/** What else tells of people. */
export interface Around {
  /** The person's login, by the system's word. */
  readonly login: Told<LoginState>;
  /** Whether Electron sees all input. Under Wayland it sees what windows of X get, and a person at any other one would count as away. */
  readonly seesInput: boolean;
  /** What means: do not disturb. */
  readonly peace: readonly Told<boolean>[];
  readonly isOnline: () => boolean;
}

/**
 * Whether somebody is at this computer: it is not locked, and had input within five minutes; nor has it just woken, with
 * its network still to come. Where one of two says that nobody is there, nobody is.
 */
export class DeskPresence implements Presence {
  readonly #desk: Desk;
  readonly #around: Around;
  readonly #listeners = new Set<() => void>();
  #looking: NodeJS.Timeout | undefined;
  #waking: "blind" | "offline" | undefined;
  #stages: readonly NodeJS.Timeout[] = [];
  #login: LoginState | undefined;
  #lost: NodeJS.Timeout | undefined;

  constructor(desk: Desk, around: Around) {
    this.#desk = desk;
    this.#around = around;
    this.#login = around.login.value;
    desk.on("resume", () => {
      this.#wake();
      // It may have woken by itself: it is looked at, not believed.
      this.#await();
    });
    desk.on("unlock-screen", () => {
      if (this.#waking === undefined) this.#welcome();
      else this.#await();
    });
    around.login.subscribe(() => {
      this.#hear(around.login.value);
    });
    for (const told of around.peace) {
      told.subscribe(() => {
        if (!this.isBusy()) this.#await();
      });
    }
  }

  /** Whoever asks and hears "no" waits for a return: from then on the idle time is looked at, until there is one. */
  isThere(): boolean {
    const there = this.#look();
    if (!there && this.#looking === undefined) {
      this.#looking = setInterval(() => {
        if (this.#look()) this.#welcome();
      }, lookMs);
      this.#looking.unref();
    }
    return there;
  }

  isBusy(): boolean {
    return this.#around.peace.some(({ value }) => value === true);
  }

  onReturn(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody may be there by now: they are welcome at once, or as soon as they are. */
  #await(): void {
    if (this.isThere()) this.#welcome();
  }

  #look(): boolean {
    if (this.#waking === "offline" && this.#around.isOnline()) this.#waking = undefined;
    if (this.#waking !== undefined || isAway(this.#login)) return false;
    const state = this.#desk.getSystemIdleState(idleAfterS);
    return this.#around.seesInput ? !isAway(state) : state !== "locked";
  }

  #hear(login: LoginState | undefined): void {
    clearTimeout(this.#lost);
    if (login === undefined && isAway(this.#login)) {
      this.#lost = setTimeout(() => {
        this.#login = undefined;
        this.#await();
      }, lostMs).unref();
      return;
    }
    this.#login = login;
    if (!isAway(login)) this.#await();
  }

  #wake(): void {
    for (const stage of this.#stages) clearTimeout(stage);
    this.#waking = "blind";
    this.#stages = [
      setTimeout(() => (this.#waking = "offline"), blindMs).unref(),
      setTimeout(() => (this.#waking = undefined), wakingMs).unref(),
    ];
  }

  #welcome(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    for (const listener of this.#listeners) listener();
  }
}

/** Unknown counts as there. */
const isAway = (state: "active" | "idle" | "locked" | "unknown" | undefined): boolean =>
  state === "idle" || state === "locked";
