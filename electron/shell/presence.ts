import type { Presence } from "../core/person.ts";

/** After so long without any input nobody is there, in seconds. */
const idleAfterS = 5 * 60;

/** How often the idle time is looked at while somebody is waited for, in milliseconds. */
const lookMs = 2_000;

/** What is needed of Electron's powerMonitor. */
export interface Desk {
  getSystemIdleState(idleThresholdS: number): "active" | "idle" | "locked" | "unknown";
  on(event: "resume" | "unlock-screen", listener: () => void): unknown;
}

/** Whether somebody is at this computer: it is not locked, and had input within five minutes. */
export class DeskPresence implements Presence {
  readonly #desk: Desk;
  readonly #listeners = new Set<() => void>();
  #looking: NodeJS.Timeout | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    // After a sleep the machine may have woken by itself: it is looked at, not believed.
    desk.on("resume", () => {
      if (this.isThere()) this.#welcome();
    });
    desk.on("unlock-screen", () => {
      this.#welcome();
    });
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

  onReturn(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #look(): boolean {
    const state = this.#desk.getSystemIdleState(idleAfterS);
    return state === "active" || state === "unknown";
  }

  #welcome(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    for (const listener of this.#listeners) listener();
  }
}
