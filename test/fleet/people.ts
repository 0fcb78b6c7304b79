import { type Instant, plus } from "../../electron/core/time.ts";
import { around, between, gap } from "./chance.ts";
import type { Figures } from "./figures.ts";
import type { Computer, Tool } from "./tool.ts";
import type { FleetTime } from "./time.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A time of one computer's day, in milliseconds from midnight: awake with somebody before it, or without. */
interface Spell {
  readonly from: number;
  readonly to: number;
}

/** One working day of one person. */
export interface WorkingDay {
  readonly arrives: number;
  readonly leaves: number;
  /** When the lid is closed: over lunch, and on the way to meetings. */
  readonly lids: readonly Spell[];
  /** Whether the computer was shut down over night, and starts anew. */
  readonly isRestarted: boolean;
}

/** How the people of a fleet are, and what runs on their computers. */
export interface Habits {
  /** How many of a hundred computers work on over night for an agent. */
  readonly agentsPercent: number;
  /** How many of a hundred people come within five minutes of nine, for a meeting; the others around nine. */
  readonly meetingPercent: number;
  /** How long between two demands for one role, on the average, in milliseconds. */
  readonly demandMs: number;
}

export const usualHabits: Habits = {
  agentsPercent: 5,
  meetingPercent: 30,
  demandMs: 12 * minute,
};

/** What one person does on a day. */
export const workingDayOf = (chance: () => number, habits: Habits): WorkingDay => {
  const isForMeeting = chance() * 100 < habits.meetingPercent;
  const arrives = Math.max(
    6 * hour,
    isForMeeting
      ? between(chance, 8 * hour + 55 * minute, 9 * hour + 5 * minute)
      : around(chance, 9 * hour, 20 * minute),
  );
  const leaves = between(chance, 17 * hour, 19 * hour);
  const lids: Spell[] = [];
  if (chance() < 0.7) {
    const from = around(chance, 12 * hour + 15 * minute, 12 * minute);
    lids.push({ from, to: from + between(chance, 25 * minute, 60 * minute) });
  }
  for (const [from, to] of [
    [10, 11.5],
    [13.5, 15],
    [15, 16.5],
  ] as const) {
    // Meetings begin at the full and half hour.
    if (chance() > 0.3) continue;
    const starts = (Math.floor(2 * between(chance, from, to)) / 2) * hour;
    const walks = around(chance, starts - 4 * minute, 2 * minute);
    lids.push({ from: walks, to: walks + between(chance, 8 * minute, 35 * minute) });
  }
  return { arrives, leaves, lids, isRestarted: chance() < 0.3 };
};

/** One person, and the computer that programs run on. */
export class Person {
  readonly #time: FleetTime;
  readonly #computer: Computer;
  readonly #tool: Tool;
  readonly #habits: Habits;
  readonly #figures: Figures;
  readonly #hasAgent: boolean;
  #isThere = false;
  #signingIn: Promise<void> | undefined;
  /** Which of the spells of being awake this is: what was planned in another one does not happen. */
  #spell = 0;

  constructor(time: FleetTime, computer: Computer, tool: Tool, habits: Habits, figures: Figures) {
    this.#time = time;
    this.#computer = computer;
    this.#tool = tool;
    this.#habits = habits;
    this.#figures = figures;
    this.#hasAgent = computer.chance() * 100 < habits.agentsPercent;
    computer.clock.sleep();
  }

  /** Plans all days from `monday` on. */
  plan(monday: Instant, days: number): void {
    this.#later(monday, async () => this.#tool.start());
    for (let number = 0; number < days; number += 1) {
      if (number % 7 > 4) continue;
      this.#planDay(plus(monday, number * day), workingDayOf(this.#computer.chance, this.#habits));
    }
  }

  #planDay(midnight: Instant, { arrives, leaves, lids, isRestarted }: WorkingDay): void {
    const at = (ms: number, work: () => Promise<void>): void => {
      this.#later(plus(midnight, Math.round(ms)), work);
    };
    at(arrives, async () => {
      this.#isThere = true;
      if (isRestarted && this.#computer.clock.isAsleep) {
        await this.#tool.stop();
        this.#computer.clock.wake();
        await this.#tool.start();
        this.#begin();
      } else this.#wake();
    });
    for (const { from, to } of lids) {
      if (from <= arrives || to >= leaves) continue;
      at(from, async () => this.#sleep());
      at(to, async () => this.#wake());
    }
    at(leaves, async () => {
      this.#isThere = false;
      if (!this.#hasAgent) this.#sleep();
    });
  }

  #later(at: Instant, work: () => Promise<void>): void {
    this.#time.at(at, () => {
      void work();
      return true;
    });
  }

  #sleep(): void {
    this.#spell += 1;
    this.#computer.clock.sleep();
  }

  #wake(): void {
    if (!this.#computer.clock.isAsleep) return;
    this.#computer.clock.wake();
    this.#tool.woke();
    this.#begin();
  }

  /** Programs begin to ask. */
  #begin(): void {
    this.#spell += 1;
    const { chance, roles } = this.#computer;
    for (const role of roles) this.#demand(role, gap(chance, 3 * minute));
  }

  #demand(role: string, afterMs: number): void {
    const spell = this.#spell;
    this.#time.at(plus(this.#time.now(), Math.round(afterMs)), () => {
      if (spell !== this.#spell) return false;
      const answer = this.#tool.ask(role);
      if (answer === "memory") {
        this.#figures.caller("memory", 0, 0);
        this.#demand(role, gap(this.#computer.chance, this.#habits.demandMs));
        return false;
      }
      void this.#wait(role, Promise.resolve(answer));
      return true;
    });
  }

  async #wait(role: string, answer: Promise<Awaited<ReturnType<Tool["ask"]>>>): Promise<void> {
    const spell = this.#spell;
    const begun = this.#time.now();
    const busy = this.#computer.busyMs;
    const got = await answer;
    const waitedMs = this.#time.now() - begun;
    const isSame = spell === this.#spell;
    // Over a sleep nobody waits.
    if (isSame) this.#figures.caller(got, waitedMs, waitedMs - (this.#computer.busyMs - busy));
    if (got === "sign-in") await this.#signIn();
    if (spell !== this.#spell) return;
    const next = got === "memory" || got === "waited" ? this.#habits.demandMs : minute;
    this.#demand(role, got === "sign-in" ? 1_000 : gap(this.#computer.chance, next));
  }

  /** Everybody who wants a sign-in meanwhile waits for the same. */
  #signIn(): Promise<void> {
    if (!this.#isThere) {
      this.#figures.unmet += 1;
      // An agent that has nobody stops, until somebody comes.
      this.#spell += 1;
      return Promise.resolve();
    }
    this.#signingIn ??= this.#visit().finally(() => {
      this.#signingIn = undefined;
    });
    return this.#signingIn;
  }

  async #visit(): Promise<void> {
    this.#figures.pages += 1;
    if (this.#tool.isProlongable) this.#figures.needlessPages += 1;
    await this.#time.pass(Math.round(between(this.#computer.chance, 15_000, 60_000)));
    await this.#tool.signIn();
  }
}
