import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { claim } from "../../electron/assembly/ownership.ts";
import {
  answerForPlace,
  asksForPlace,
  type Claimant,
  givesWay,
} from "../../electron/assembly/place.ts";
import { type Ownership, takeOwnership } from "../../electron/platform/owner.ts";
import type { Places } from "../../electron/protocol/endpoint.ts";
import { frame, FrameDecoder } from "../../electron/protocol/wire.ts";
import { buildShim } from "../../scripts/build-shim.mjs";
import { temporaryFolder } from "../platform/folder.ts";
import { placesUnder } from "../server/rig.ts";

let shim: string;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "evercred-place-"));
  shim = join(folder, "evercred");
  await buildShim({ usage: "usage", version: "0.0.0", outFile: shim });
  return () => {
    rmSync(folder, { recursive: true });
  };
});

/** A daemon that owns the state and answers each wish for its place with what `answer` says; `asked` counts them. */
const owned = async (
  answer: (asked: number, release: () => void, claimant: Claimant) => number,
): Promise<Places> => {
  const places = placesUnder(temporaryFolder());
  mkdirSync(places.runtimeDir, { recursive: true, mode: 0o700 });
  const { stateDir, socket } = places;
  const ownership = await takeOwnership({ stateDir, socket, shim });
  if (!ownership.held) throw new Error("Somebody else owns a folder that is new.");
  let isHeld = true;
  let asked = 0;
  const release = (): void => {
    if (isHeld) ownership.release();
    isHeld = false;
    server.close();
  };
  const server = createServer((caller) => {
    const decoder = new FrameDecoder();
    const words: string[] = [];
    caller.on("error", () => undefined);
    caller.on("data", (chunk) => {
      for (const { type, payload } of decoder.push(chunk)) {
        if (type === "A") words.push(payload.toString());
        if (type !== "G") continue;
        const claimant = asksForPlace({ args: words, bridge: undefined });
        const code = claimant === undefined ? 2 : answer((asked += 1), release, claimant);
        caller.end(frame("X", String(code)));
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, () => {
      resolve();
    });
  });
  onTestFinished(release);
  return places;
};

const claimed = async (places: Places, claimant?: Claimant): Promise<Ownership> => {
  const ownership = await claim(places, shim, claimant);
  if (ownership.held) onTestFinished(() => ownership.release());
  return ownership;
};

test.each(["app", "unit"] as const)("an %s gets the place of one that goes", async (claimant) => {
  const heard: Claimant[] = [];
  const places = await owned((_asked, release, by) => {
    heard.push(by);
    release();
    return 0;
  });
  expect(await claimed(places, claimant)).toMatchObject({ held: true });
  expect(heard).toEqual([claimant]);
});

test("it does not of one that stays, and all others do not even ask", async () => {
  const wishes: number[] = [];
  const places = await owned((asked) => {
    wishes.push(asked);
    return 1;
  });
  expect(await claimed(places)).toMatchObject({ held: false });
  expect(wishes).toEqual([]);
  expect(await claimed(places, "app")).toMatchObject({ held: false, by: { pid: process.pid } });
  expect(wishes).toEqual([1]);
});

test("one that a caller has started in between is asked too", async () => {
  const places = await owned((asked, release) => {
    // The lock's file says who has it: from now on it is somebody else.
    if (asked === 1) {
      const owner = { pid: process.pid + 1, socket: places.socket };
      writeFileSync(join(places.stateDir, "owner.lock"), JSON.stringify(owner));
    } else release();
    return 0;
  });
  expect(await claimed(places, "app")).toMatchObject({ held: true });
});

test("through a bridge nobody asks for it, and nothing else means it", () => {
  const asked = (...args: readonly string[]): Claimant | undefined =>
    asksForPlace({ args, bridge: undefined });
  expect(asked("--give-way")).toBe("app");
  expect(asked("--give-way", "unit")).toBe("unit");
  expect(asked("--give-way", "now")).toBeUndefined();
  expect(asked("--give-way", "unit", "now")).toBeUndefined();
  expect(asked("status")).toBeUndefined();
  const bridge = { name: "box", allow: [] };
  expect(asksForPlace({ args: ["--give-way"], bridge })).toBeUndefined();
});

test("an app goes for nobody, and what was started on purpose without one for an app alone", () => {
  const app = { hasFace: true, background: true };
  const byClient = { hasFace: false, background: true };
  const onPurpose = { hasFace: false, background: false };
  const goesFor = (holder: typeof app): readonly Claimant[] =>
    (["app", "unit"] as const).filter((claimant) => givesWay(holder, claimant));
  expect([app, byClient, onPurpose].map(goesFor)).toEqual([[], ["app", "unit"], ["app"]]);
});

test("who stays says why, and how to end it all the same", () => {
  const said: string[] = [];
  const reply = { say: (line: string) => void said.push(line) };
  expect(answerForPlace({ giveWay: () => undefined }, reply)).toBe(0);
  expect(said).toEqual([]);
  expect(answerForPlace({ giveWay: () => "memory" }, reply)).toBe(1);
  expect(answerForPlace(undefined, reply)).toBe(1);
  expect(said).toEqual([
    expect.stringMatching(/in memory only.*evercred daemon stop$/),
    expect.stringMatching(/^evercred: It runs, and stays\..*evercred daemon stop$/),
  ]);
});
