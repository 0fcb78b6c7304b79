import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
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

/** How long after the start of the app something was so, in milliseconds. */
interface Steps {
  /** Electron was there and the app's code was loaded: the configuration was read. */
  readonly configured: number;
  /** The sign-ins were read from the keychain, and the door was open. */
  readonly open: number;
}

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
  const steps: Steps[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, { start }] of kinds.entries()) {
      const beganAt = Date.now();
      found[at]?.push(await start());
      if (at === 1) steps.push(await stepsOf(house, beganAt));
    }
  }
  const medians = found.map((parts) => median(parts));
  const [ofEmpty = Number.NaN, ofApp = Number.NaN] = medians;
  const configured = median(steps.map((each) => each.configured));
  const open = median(steps.map((each) => each.open));
  return {
    budgets: [
      atMost("start to first credential, beside the start of an empty tray app", {
        value: ofApp / ofEmpty,
        most: 1.5,
        show: times,
        because: `of ${ms(ofApp)}, Electron itself takes ${ms(ofEmpty)}. ${ms(configured - ofEmpty)} more go by until the app's code is loaded and the configuration is read, ${ms(open - configured)} until the keychain is read and the door is open, and ${ms(ofApp - open)} until the SDK is loaded, the provider has answered and the credential is handed out. All of it is work of one thread, which Chromium's start holds too`,
      }),
    ],
    tables: [
      {
        title: "Start",
        head: ["program", "median", "beside the empty app", "rounds differ by"],
        rows: kinds
          .map(({ name }, at) => [
            name,
            ms(medians[at] ?? Number.NaN),
            times((medians[at] ?? Number.NaN) / ofEmpty),
            spread(found[at] ?? []),
          ])
          .concat([
            [
              "of Evercred's: until its configuration is read",
              ms(configured),
              times(configured / ofEmpty),
              "–",
            ],
            ["of Evercred's: until its door is open", ms(open), times(open / ofEmpty), "–"],
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

/** By the daemon's own log. Rejects where it says nothing of a start. */
const stepsOf = async (house: House, beganAt: number): Promise<Steps> => {
  const lines = (await readFile(join(house.state, "evercred.log"), "utf8")).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as { at: string; event: string });
  const after = (wanted: string): number => {
    const found = events.find(({ at, event }) => event === wanted && Date.parse(at) >= beganAt);
    if (found === undefined) throw new Error(`The log says nothing of: ${wanted}`);
    return Date.parse(found.at) - beganAt;
  };
  return { configured: after("config: read"), open: after("daemon: started") };
};

const ended = async (program: ReturnType<typeof begin>): Promise<never> => {
  await program.ended;
  throw new Error("A program ended while its start was timed.");
};
