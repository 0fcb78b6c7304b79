import type { House } from "../test/e2e/house.ts";
import { type Effort, type Findings, median, mib, ms, spread, times } from "./figures.ts";
import { type Load, loadSocket } from "./load.ts";
import {
  awsConfig,
  exportWords,
  firstCredential,
  organisations,
  placeFor,
  signIn,
  socketOf,
  startHeadless,
} from "./place.ts";
import { familyOf, sum } from "./processes.ts";

/** What a request costs where the configuration is large. All daemons run beside one another, and are asked in turn. */
export const measureScale = async ({ quick }: Effort): Promise<Findings> => {
  const sizes = [
    { profiles: 1, sessions: 1 },
    { profiles: 100, sessions: 1 },
    { profiles: 5_000, sessions: 1 },
    { profiles: 50, sessions: 50 },
  ];
  const places: { house: House; label: string; startMs: number; pss: number; loads: Load[] }[] = [];
  for (const { profiles, sessions } of sizes) {
    const house = await placeFor({
      awsConfig: awsConfig(profiles, sessions),
      organisations: organisations(sessions),
    });
    const first = await startHeadless(house);
    await signIn(house, ...(sessions > 1 ? ["--all"] : []));
    await first.stop();
    const beganAt = performance.now();
    const daemon = await startHeadless(house);
    const startMs = (await firstCredential(socketOf(house))) - beganAt;
    await loadSocket(socketOf(house), exportWords, 1, 1_000);
    const label = `${count(profiles, "profile")}, ${count(sessions, "session")}`;
    places.push({ house, label, startMs, pss: sum(familyOf(daemon.pid), "pss"), loads: [] });
  }
  const rounds = quick ? 3 : 7;
  for (let round = 0; round < rounds; round += 1) {
    for (const { house, loads } of places) {
      loads.push(await loadSocket(socketOf(house), exportWords, 1, quick ? 300 : 1_000));
    }
  }
  const medians = places.map(({ loads }) => loads.map(({ medianUs }) => medianUs / 1000));
  const [smallest = []] = medians;
  return {
    budgets: [],
    tables: [
      {
        title: "Profiles and sessions",
        head: [
          "configuration",
          "one request",
          "beside the first",
          "rounds differ by",
          "start to first credential",
          "memory (PSS)",
        ],
        rows: places.map(({ label, startMs, pss }, at) => {
          const own = medians[at] ?? [];
          const beside = times(median(own) / median(smallest));
          return [label, ms(median(own)), beside, spread(own), ms(startMs), mib(pss)];
        }),
        note: "The daemon under plain Node, one caller, at the socket. All run beside one another and are asked in turn. The start is one start, with the sign-ins in the keychain.",
      },
    ],
  };
};

const count = (number: number, word: string): string =>
  `${number.toLocaleString("en-US")} ${word}${number === 1 ? "" : "s"}`;
