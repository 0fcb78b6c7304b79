import { createTask, type TaskOptions, validate } from "node-cron";
import type { Log } from "../core/log.ts";
import { reasonOf } from "./atomic-file.ts";

/** What is to be done, and when a person's schedule says so. */
export interface SweepOptions {
  /** Each full minute. */
  sweep(): void;
  /** At a time of the schedules. After a sleep through one or more of its times it comes once, late. */
  remind(): void;
  readonly log: Log;
}

/** Whether this is a schedule in cron's five fields, or one of its nicknames (`@daily`). */
export const isSchedule = (text: string): boolean =>
  (text.trim().split(/\s+/u).length === 5 || /^@[a-z]+$/iu.test(text)) && validate(text);

const minuteMs = 60_000;

/** A schedule, and when it comes next, as reckoned `since` then. */
interface Reminder {
  readonly schedule: string;
  readonly since: number;
  readonly due: number | undefined;
}

/** A clock that is set back by more than this has made the next time wrong, in milliseconds. */
const setBackMs = 60_000;

/**
 * The minute's sweep and the person's schedules. Timers stand still while the computer sleeps, so it is each minute's
 * sweep that looks whether a time of a schedule has come or has passed; a minute that was slept through comes with the next.
 */
export class Sweep {
  readonly #options: SweepOptions;
  #minute: NodeJS.Timeout | undefined;
  #reminders: readonly Reminder[] = [];

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#minute !== undefined) return;
    this.#reminders = this.#reminders.map(({ schedule }) => reminderOf(schedule));
    this.#arm();
  }

  /** Takes other schedules in place of those before. They must be `isSchedule`. A time that has passed of one that stays is not lost. */
  schedule(schedules: readonly string[]): void {
    const before = new Map(this.#reminders.map((reminder) => [reminder.schedule, reminder]));
    this.#reminders = schedules.map((schedule) => before.get(schedule) ?? reminderOf(schedule));
  }

  /** Nothing is left that could run, or keep the process alive. `start` begins anew. */
  stop(): void {
    clearTimeout(this.#minute);
    this.#minute = undefined;
  }

  #arm(): void {
    this.#minute = setTimeout(
      () => {
        this.#arm();
        this.#tick();
      },
      minuteMs - (Date.now() % minuteMs),
    ).unref();
  }

  #tick(): void {
    this.#run(() => this.#options.sweep());
    const now = Date.now();
    const isDue = ({ due }: Reminder): boolean => due !== undefined && due <= now;
    const reminders = this.#reminders;
    this.#reminders = reminders.map((reminder) =>
      isDue(reminder) || now < reminder.since - setBackMs
        ? reminderOf(reminder.schedule)
        : reminder,
    );
    if (reminders.some(isDue)) this.#run(() => this.#options.remind());
  }

  #run(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#options.log.error("sweep: failed", { reason: reasonOf(thrown) });
    }
  }
}

const silent = (): void => undefined;

const options: TaskOptions = {
  logger: { debug: silent, info: silent, warn: silent, error: silent },
};

const reminderOf = (schedule: string): Reminder => {
  // It is never started: it only reckons.
  const task = createTask(schedule, silent, options);
  const [next] = task.getNextRuns(1);
  void task.destroy();
  return { schedule, since: Date.now(), due: next?.getTime() };
};
