import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import type { House } from "../test/e2e/house.ts";
import {
  atMost,
  type Budget,
  type Effort,
  type Findings,
  median,
  mib,
  percent,
  short,
  spread,
  type Table,
  times,
} from "./figures.ts";
import { loadSocket } from "./load.ts";
import {
  appWords,
  begin,
  desktopEnv,
  emptyWords,
  exportWords,
  firstCredential,
  type Serving,
  socketOf,
} from "./place.ts";
import { familyOf, type Seen, sum } from "./processes.ts";

/** How long a program is left alone before its memory counts: the daemon gives back what its start has left after 8 s. */
const settleMs = (quick: boolean): number => (quick ? 9_500 : 12_000);

/** More than a minute, so that what is done once a minute is in it. */
const watchMs = 65_000;

const ofACore = "app idle: time of a core";
const mostOfACore = 0.002;

/** What the app costs while nobody asks and its window is closed, beside an empty tray app of the same Electron. */
export const measureIdle = async (house: House, effort: Effort): Promise<Findings> => {
  const startOwn = async (): Promise<Serving> => {
    const own = begin(await appWords(), desktopEnv(house));
    await firstCredential(socketOf(house));
    await loadSocket(socketOf(house), exportWords, 10, 200);
    return own;
  };
  const startEmpty = async (): Promise<Serving> => {
    const empty = begin(await emptyWords(), desktopEnv(house));
    if (empty.child.stdout !== null) await once(empty.child.stdout, "data");
    return empty;
  };
  const rounds = effort.quick ? 1 : 3;
  const own: (readonly Seen[])[] = [];
  const empty: (readonly Seen[])[] = [];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await atRest(startOwn, effort));
    empty.push(await atRest(startEmpty, effort));
  }
  const pssOf = (all: readonly (readonly Seen[])[]): readonly number[] =>
    all.map((family) => sum(family, "pss"));
  // Of each round: what the system has taken back from idle programs meanwhile, it has taken from both.
  const [ofOwn, ofEmpty] = [pssOf(own), pssOf(empty)];
  const ratios = ofOwn.map((bytes, at) => bytes / (ofEmpty[at] ?? Number.NaN));
  const ratio = median(ratios);
  const watched = effort.quick ? undefined : await watch(await startOwn(), await startEmpty());
  return {
    budgets: [
      atMost("app idle, window closed: memory (PSS), beside an empty tray app", {
        value: ratio,
        most: 1.15,
        show: times,
        because: heaviest(own.at(-1) ?? [], empty.at(-1) ?? []),
      }),
      watched?.budget ?? {
        what: ofACore,
        measured: "not in a quick run",
        budget: `≤ ${percent(mostOfACore)}`,
        holds: undefined,
      },
      renderers(own.at(-1) ?? []),
    ],
    tables: [
      {
        title: "Idle: memory by process",
        head: ["process", "Evercred: PSS", "its own alone", "empty tray app: PSS", "its own alone"],
        rows: byRole(own.at(-1) ?? [], empty.at(-1) ?? []),
        note: `Each alone on the machine, ${String(settleMs(effort.quick) / 1000)} s after it has served 200 requests, or shown its icon. ${String(rounds)} rounds in turn; the sums differ by ${spread(ofOwn)} and ${spread(ofEmpty)}, the one beside the other by ${spread(ratios)}. Shown is the last round.`,
      },
      ...(watched === undefined ? [] : [watched.table]),
    ],
  };
};

const atRest = async (
  start: () => Promise<Serving>,
  { quick }: Effort,
): Promise<readonly Seen[]> => {
  const program = await start();
  await sleep(settleMs(quick));
  const family = familyOf(program.pid);
  await program.stop();
  return family;
};

/** How often two programs are woken, and how long they work, beside one another. */
const watch = async (own: Serving, empty: Serving): Promise<{ budget: Budget; table: Table }> => {
  const both = [own, empty];
  await sleep(settleMs(false));
  const before = both.map(({ pid }) => familyOf(pid));
  const beganAt = performance.now();
  await sleep(watchMs);
  const after = both.map(({ pid }) => familyOf(pid));
  const watchedMs = performance.now() - beganAt;
  for (const each of both) await each.stop();
  const rate = (at: number, figure: "ranMs" | "wakeUps"): number =>
    (sum(after[at] ?? [], figure) - sum(before[at] ?? [], figure)) / watchedMs;
  return {
    budget: atMost(ofACore, {
      value: rate(0, "ranMs"),
      most: mostOfACore,
      show: percent,
      because: "its threads were woken for more than the look at files each minute",
    }),
    table: {
      title: "Idle: wake-ups and time",
      head: ["program", "wake-ups a second", "time of a core"],
      rows: ["Evercred", "empty tray app"].map((name, at) => [
        name,
        short(rate(at, "wakeUps") * 1000),
        percent(rate(at, "ranMs")),
      ]),
      note: `Both beside one another for ${short(watchedMs / 1000)} s, as long after their start, all their processes and threads, by the kernel's count.`,
    },
  };
};

const renderers = (own: readonly Seen[]): Budget => {
  const count = own.filter(({ role }) => role === "renderer").length;
  return {
    what: "app idle: renderer processes",
    measured: String(count),
    budget: "0",
    holds: count === 0,
    ...(count === 0 ? {} : { why: `fails by ${String(count)}: a window was not given up` }),
  };
};

/** The roles of two families, and what each takes in them. */
const byRole = (own: readonly Seen[], empty: readonly Seen[]): readonly (readonly string[])[] => {
  const roles = [...new Set([...own, ...empty].map(({ role }) => role))];
  const cell = (family: readonly Seen[], role: string, figure: "pss" | "own"): string => {
    const those = family.filter((each) => each.role === role);
    return those.length === 0 ? "–" : mib(sum(those, figure));
  };
  const rows = roles.map((role) => [
    role,
    cell(own, role, "pss"),
    cell(own, role, "own"),
    cell(empty, role, "pss"),
    cell(empty, role, "own"),
  ]);
  const total = [own, empty].flatMap((family) => [
    mib(sum(family, "pss")),
    mib(sum(family, "own")),
  ]);
  return [...rows, ["together", ...total]];
};

const heaviest = (own: readonly Seen[], empty: readonly Seen[]): string => {
  const ofMain = (family: readonly Seen[]): number =>
    sum(
      family.filter(({ role }) => role === "main"),
      "pss",
    );
  return `the main process takes ${mib(ofMain(own))}, of the empty app ${mib(ofMain(empty))}`;
};
