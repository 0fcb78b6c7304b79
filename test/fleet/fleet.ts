import { type Instant, instantOf, plus } from "../../electron/core/time.ts";
import { chanceOf } from "./chance.ts";
import { Evercred } from "./evercred.ts";
import { Figures } from "./figures.ts";
import { AtExpiry, AtIntervals } from "./others.ts";
import { type Habits, Person, usualHabits } from "./people.ts";
import { ThrottledProvider } from "./provider.ts";
import { ComputerClock, FleetTime } from "./time.ts";
import { Computer, type Tool } from "./tool.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A Monday. */
export const monday: Instant = instantOf(Date.UTC(2027, 0, 4));

/** What can run on all computers of a fleet. */
export const tools = {
  evercred: (computer: Computer): Tool => new Evercred(computer),
  "at-expiry": (computer: Computer): Tool => new AtExpiry(computer),
  "at-intervals": (computer: Computer): Tool => new AtIntervals(computer),
} as const;

export type ToolName = keyof typeof tools;

/** One fleet. */
export interface FleetOptions {
  readonly tool: ToolName;
  readonly computers: number;
  /** From Monday on. */
  readonly days: number;
  readonly seed: number;
  /** How long a sign-in lasts, in hours. */
  readonly sessionHours: number;
  /** The day whose 10:00 begins an outage of 20 minutes; 0 is Monday. Undefined: none. */
  readonly outageDay: number | undefined;
  readonly habits?: Partial<Habits>;
}

/** Lets a fleet live, and counts. */
export const simulate = async (options: FleetOptions): Promise<Figures> => {
  const { computers, days, seed } = options;
  const time = new FleetTime(monday);
  const figures = new Figures(monday, days);
  const outage = options.outageDay === undefined ? undefined : outageOn(options.outageDay);
  const share = computers / 10_000;
  const provider = new ThrottledProvider(
    {
      // Four times what Evercred asks for on the average: enough for every day, not for a storm.
      capacity: 40 * share,
      burst: 400 * share,
      retryAfterS: 30,
      sessionMs: options.sessionHours * hour,
      outage,
    },
    time,
    chanceOf(seed),
    figures,
  );
  const habits = { ...usualHabits, ...options.habits };
  for (let number = 1; number <= computers; number += 1) {
    const chance = chanceOf(seed + number * 7_919);
    const clock = new ComputerClock(time);
    const computer = new Computer(time, clock, provider, rolesOf(chance), chance);
    new Person(time, computer, tools[options.tool](computer), habits, figures).plan(monday, days);
  }
  await time.runUntil(plus(monday, days * day));
  return figures;
};

const outageOn = (dayNumber: number): { readonly from: Instant; readonly to: Instant } => {
  const from = plus(monday, dayNumber * day + 10 * hour);
  return { from, to: plus(from, 20 * minute) };
};

/** Of ten people six use one role, three use two, one uses three. */
const rolesOf = (chance: () => number): readonly string[] => {
  const drawn = chance();
  return ["dev", "ops", "data"].slice(0, drawn < 0.6 ? 1 : drawn < 0.9 ? 2 : 3);
};
