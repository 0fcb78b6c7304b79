import { beforeEach, expect, test } from "vitest";
import { patiently } from "../../electron/commands/patience.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { terminal } from "./world.ts";

let clock: FakeClock;
let said: string[];

beforeEach(() => {
  clock = new FakeClock();
  said = [];
});

const reply = { say: (line: string) => void said.push(line) };

const here = { terminal, bridge: undefined };

/** Something that takes its time, and its end. */
const slow = (): { readonly work: Promise<string>; readonly finish: () => void } => {
  let finish = (): void => undefined;
  const work = new Promise<string>((resolve) => {
    finish = () => {
      resolve("done");
    };
  });
  return { work, finish };
};

test("what takes a moment is waited for in silence", async () => {
  expect(await patiently("corp", Promise.resolve("done"), here, reply, clock)).toBe("done");
  await clock.advance(60_000);
  expect(said).toEqual([]);
});

test("what takes longer is said, and again with the time that it has taken, until it ends", async () => {
  const { work, finish } = slow();
  const waited = patiently("corp", work, here, reply, clock);
  await clock.advance(1_499);
  expect(said).toEqual([]);
  await clock.advance(1);
  expect(said).toEqual(["Waiting for corp…"]);
  await clock.advance(10_000);
  await clock.advance(10_000);
  expect(said.slice(1)).toEqual(["Waiting for corp… (12 s)", "Waiting for corp… (22 s)"]);
  finish();
  expect(await waited).toBe("done");
  await clock.advance(60_000);
  expect(said).toHaveLength(3);
});

test("it ends with the work also where that fails", async () => {
  const failed = patiently("corp", Promise.reject(new Error("no")), here, reply, clock);
  await expect(failed).rejects.toThrow("no");
  await clock.advance(60_000);
  expect(said).toEqual([]);
});

test.each([
  ["a program", { terminal: { ...terminal, stderr: false }, bridge: undefined }],
  ["whoever is behind a bridge", { terminal, bridge: { name: "box", allow: [] } }],
])("%s is told nothing", async (_who, request) => {
  const { work, finish } = slow();
  const waited = patiently("corp", work, request, reply, clock);
  await clock.advance(60_000);
  await settle();
  finish();
  await waited;
  expect(said).toEqual([]);
});
