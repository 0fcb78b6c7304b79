import { setTimeout as sleep } from "node:timers/promises";
import { type Effort, type Findings, mib, short } from "./figures.ts";
import { loadSocket } from "./load.ts";
import {
  awsConfig,
  exportWords,
  organisations,
  placeFor,
  signIn,
  socketOf,
  startHeadless,
  type Serving,
} from "./place.ts";
import { familyOf, sum } from "./processes.ts";

/** Whether the daemon grows by what it does: requests, and renewals of short-lived tokens. */
export const measureGrowth = async (effort: Effort): Promise<Findings> => {
  const tables = [await byRequests(effort), await byRenewals(effort)];
  return {
    budgets: [],
    tables: [
      {
        title: "Growth",
        head: ["what was done", "took", "memory at the start", "half-way", "at the end"],
        rows: tables,
        note: "Memory of the daemon under plain Node that is its own alone, two seconds after the last request, or in the midst of the renewals. It has been warmed up by a tenth of all before the start. What grows with renewals is no object of the daemon's, whose heap stays as it is: libsecret keeps some 10 KB of each look into the keychain, also where keytar alone is asked over and over.",
      },
    ],
  };
};

const byRequests = async ({ quick }: Effort): Promise<readonly string[]> => {
  const total = quick ? 4_000 : 200_000;
  const house = await placeFor();
  const daemon = await startHeadless(house);
  await signIn(house);
  const ask = (count: number) => loadSocket(socketOf(house), exportWords, 50, count);
  await ask(total / 10);
  const start = await settled(daemon);
  const beganAt = performance.now();
  await ask(total / 2);
  const half = await settled(daemon);
  await ask(total / 2);
  const end = await settled(daemon);
  await daemon.stop();
  return row(`${total.toLocaleString("en-US")} requests`, beganAt, [start, half, end]);
};

const byRenewals = async ({ quick }: Effort): Promise<readonly string[]> => {
  const total = quick ? 60 : 10_000;
  const sessions = quick ? 20 : 100;
  const house = await placeFor({
    awsConfig: awsConfig(sessions, sessions),
    organisations: organisations(sessions),
    // Renewed about as often as a session ever is: once a second.
    lifetimes: { accessTokenMs: 2_000 },
  });
  const daemon = await startHeadless(house);
  await signIn(house, "--all");
  const renewed = () => house.cloud.log.count({ grantType: "refresh_token" });
  const until = async (count: number): Promise<void> => {
    while (renewed() < count) await sleep(20);
  };
  const warm = renewed() + total / 10;
  await until(warm);
  const start = ownMemory(daemon);
  const beganAt = performance.now();
  await until(warm + total / 2);
  const half = ownMemory(daemon);
  await until(warm + total);
  const end = ownMemory(daemon);
  await daemon.stop();
  return row(`${total.toLocaleString("en-US")} renewals`, beganAt, [start, half, end]);
};

const ownMemory = ({ pid }: Serving): number => sum(familyOf(pid), "own");

/** What it has once it rests: a heap is tidied up while there is nothing to do. */
const settled = async (daemon: Serving): Promise<number> => {
  await sleep(2_000);
  return ownMemory(daemon);
};

const row = (what: string, beganAt: number, memory: readonly number[]): readonly string[] => [
  what,
  `${short((performance.now() - beganAt) / 1000)} s`,
  ...memory.map(mib),
];
