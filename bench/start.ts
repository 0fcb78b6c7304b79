import { once } from "node:events";
import type { House } from "../test/e2e/house.ts";
import { atMost, type Effort, type Findings, median, ms, spread, times } from "./figures.ts";
import {
  appWords,
  begin,
  desktopEnv,
  emptyWords,
  firstCredential,
  headlessWords,
  socketOf,
} from "./place.ts";

/** From the start of a program to the first credential that it hands out, beside that of an empty tray app to its icon. */
export const measureStart = async (house: House, { quick }: Effort): Promise<Findings> => {
  const [app, empty, headless] = [await appWords(), await emptyWords(), headlessWords()];
  const kinds = [
    { name: "empty tray app, to its icon", start: () => emptyStart(house, empty) },
    { name: "Evercred, to the first credential", start: () => ownStart(house, app) },
    {
      name: "the daemon under plain Node, to the first credential",
      start: () => ownStart(house, headless),
    },
  ];
  // The first start of a program on a machine reads it from the disk.
  for (const { start } of kinds) await start();
  const rounds = quick ? 3 : 9;
  const found = kinds.map(() => [] as number[]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, { start }] of kinds.entries()) found[at]?.push(await start());
  }
  const medians = found.map((parts) => median(parts));
  const [ofEmpty = Number.NaN, ofApp = Number.NaN] = medians;
  return {
    budgets: [
      atMost("start to first credential, beside the start of an empty tray app", {
        value: ofApp / ofEmpty,
        most: 1.5,
        show: times,
        because: `of ${ms(ofApp)}, Electron itself takes ${ms(ofEmpty)}; the rest is the daemon's own start and one request to the provider`,
      }),
    ],
    tables: [
      {
        title: "Start",
        head: ["program", "median", "beside the empty app", "rounds differ by"],
        rows: kinds.map(({ name }, at) => [
          name,
          ms(medians[at] ?? Number.NaN),
          times((medians[at] ?? Number.NaN) / ofEmpty),
          spread(found[at] ?? []),
        ]),
        note: `The sign-in is in the keychain, the role's keys come from the provider, which runs on this machine. ${String(rounds)} rounds in turn.`,
      },
    ],
  };
};

const emptyStart = async (house: House, words: readonly string[]): Promise<number> => {
  const beganAt = performance.now();
  const program = begin(words, desktopEnv(house));
  await Promise.race([once(program.child.stdout ?? program.child, "data"), ended(program)]);
  const tookMs = performance.now() - beganAt;
  await program.stop();
  return tookMs;
};

const ownStart = async (house: House, words: readonly string[]): Promise<number> => {
  const beganAt = performance.now();
  const program = begin(words, desktopEnv(house));
  const at = await Promise.race([firstCredential(socketOf(house)), ended(program)]);
  await program.stop();
  return at - beganAt;
};

const ended = async (program: ReturnType<typeof begin>): Promise<never> => {
  await program.ended;
  throw new Error("A program ended while its start was timed.");
};
