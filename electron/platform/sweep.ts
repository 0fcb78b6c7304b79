import { createTask, type ScheduledTask, type TaskOptions, validate } from "node-cron";
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

const everyMinute = "* * * * *";

/** The minute's sweep and the person's schedules. A minute that was slept through comes with the next. */
export class Sweep {
  readonly #options: SweepOptions;
  #minute: ScheduledTask | undefined;
  #reminders: readonly ScheduledTask[] = [];
  #schedules: readonly string[] = [];

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#minute ??= this.#begin(everyMinute, () => this.#options.sweep());
    this.schedule(this.#schedules);
  }

  /** Takes other schedules in place of those before. They must be `isSchedule`. */
  schedule(schedules: readonly string[]): void {
    this.#schedules = schedules;
    this.#reminders.forEach(end);
    this.#reminders =
      this.#minute === undefined
        ? []
        : schedules.map((text) => this.#begin(text, () => this.#options.remind(), true));
  }

  /** Nothing is left that could run, or keep the process alive. `start` begins anew. */
  stop(): void {
    if (this.#minute !== undefined) end(this.#minute);
    this.#minute = undefined;
    this.#reminders.forEach(end);
    this.#reminders = [];
  }

  #begin(schedule: string, work: () => void, late = false): ScheduledTask {
    const run = (): void => this.#run(work);
    const task = createTask(schedule, run, options);
    if (late) task.on("execution:missed", oncePerTurn(run));
    void task.start();
    return task;
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
  unref: true,
  suppressMissedWarning: true,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
};

/** All missed times of a schedule are told of in one go: one reminder is enough for them. */
const oncePerTurn = (run: () => void): (() => void) => {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setImmediate(() => {
      waiting = false;
      run();
    });
  };
};

const end = (task: ScheduledTask): void => {
  void task.destroy();
};
