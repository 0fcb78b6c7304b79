import type { House } from "../test/e2e/house.ts";
import {
  atLeast,
  atMost,
  type Effort,
  type Findings,
  median,
  ms,
  percent,
  short,
  spread,
} from "./figures.ts";
import { type Load, loadProgram, loadSocket } from "./load.ts";
import { exportWords, type Serving, socketOf } from "./place.ts";
import { familyOf, sum } from "./processes.ts";

/** One round of a load, and how long the daemon was at work in it. */
interface Round extends Load {
  readonly daemonMs: number;
}

interface Kind {
  readonly name: string;
  readonly callers: number;
  readonly total: number;
  readonly start: (callers: number, total: number) => Promise<Load>;
}

/** What one door serves to many callers at a time. */
export const measureDoor = async (
  house: House,
  daemon: Serving,
  { quick }: Effort,
): Promise<Findings> => {
  const socket = socketOf(house);
  const bySocket: Kind["start"] = (callers, total) =>
    loadSocket(socket, exportWords, callers, total);
  const byShim: Kind["start"] = (callers, total) =>
    loadProgram([house.shim, ...exportWords], house.env, callers, total);
  const share = quick ? 0.1 : 1;
  const kinds: readonly Kind[] = [
    { name: "1 caller", callers: 1, total: 10_000 * share, start: bySocket },
    { name: "50 callers", callers: 50, total: 30_000 * share, start: bySocket },
    { name: "500 callers", callers: 500, total: 30_000 * share, start: bySocket },
    { name: "50 shims, each a process", callers: 50, total: 10_000 * share, start: byShim },
  ];
  const rounds = quick ? 3 : 5;
  const found = new Map<Kind, Round[]>(kinds.map((kind) => [kind, []]));
  await bySocket(50, 20_000 * share);
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) {
      const before = ranMs(daemon);
      const load = await kind.start(kind.callers, kind.total);
      found.get(kind)?.push({ ...load, daemonMs: ranMs(daemon) - before });
    }
  }
  const summaries = kinds.map((kind) => ({ kind, ...summary(found.get(kind) ?? []) }));
  const many = summaries.find(({ kind }) => kind.callers === 50 && kind.start === bySocket);
  if (many === undefined) throw new Error("Nobody asked 50 at a time.");
  const because = `the daemon's threads were at work for ${percent(many.daemonShare)} of a core, the generator for ${percent(many.ownShare)}`;
  return {
    budgets: [
      atLeast("requests a second at one socket, from 50 callers at a time", {
        value: many.rate,
        least: 5_000,
        show: short,
        because,
      }),
      atMost("p99 of these", { value: many.p99Ms, most: 20, show: ms, because }),
    ],
    tables: [
      {
        title: "One socket, many callers",
        head: [
          "callers at a time",
          "a second",
          "median",
          "p99",
          "p99.9",
          "daemon at work",
          "generator at work",
          "rounds differ by",
        ],
        rows: summaries.map((each) => [
          each.kind.name,
          short(each.rate),
          ms(each.medianMs),
          ms(each.p99Ms),
          ms(each.p999Ms),
          percent(each.daemonShare),
          each.kind.start === byShim ? "–" : percent(each.ownShare),
          each.differ,
        ]),
        note: `A connection for each request, as the shim makes it, timed from before it is made to the exit code. The generator is a single thread in C: it is not what limits as long as it works for less of a core than there is. ${String(rounds)} rounds in turn, the median of each figure.`,
      },
    ],
  };
};

const ranMs = ({ pid }: Serving): number => sum(familyOf(pid), "ranMs");

const summary = (rounds: readonly Round[]) => {
  const middle = (figure: (round: Round) => number): number => median(rounds.map(figure));
  return {
    rate: middle(({ requests, tookMs }) => (requests * 1000) / tookMs),
    medianMs: middle(({ medianUs }) => medianUs / 1000),
    p99Ms: middle(({ p99Us }) => p99Us / 1000),
    p999Ms: middle(({ p999Us }) => p999Us / 1000),
    daemonShare: middle(({ daemonMs, tookMs }) => daemonMs / tookMs),
    ownShare: middle(({ busyMs, tookMs }) => busyMs / tookMs),
    differ: spread(rounds.map(({ tookMs }) => tookMs)),
  };
};
