import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { claim } from "../../electron/assembly/ownership.ts";
import { answerForPlace, asksForPlace } from "../../electron/assembly/place.ts";
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
const owned = async (answer: (asked: number, release: () => void) => number): Promise<Places> => {
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
        const isWish = asksForPlace({ args: words, bridge: undefined });
        const code = isWish ? answer((asked += 1), release) : 2;
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

const claimed = async (places: Places, comesFirst: boolean): Promise<Ownership> => {
  const ownership = await claim(places, shim, comesFirst);
  if (ownership.held) onTestFinished(() => ownership.release());
  return ownership;
};

test("who comes first gets the place of one that goes", async () => {
  const places = await owned((_asked, release) => {
    release();
    return 0;
  });
  expect(await claimed(places, true)).toMatchObject({ held: true });
});

test("it does not of one that stays, and all others do not even ask", async () => {
  const wishes: number[] = [];
  const places = await owned((asked) => {
    wishes.push(asked);
    return 1;
  });
  expect(await claimed(places, false)).toMatchObject({ held: false });
  expect(wishes).toEqual([]);
  expect(await claimed(places, true)).toMatchObject({ held: false, by: { pid: process.pid } });
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
  expect(await claimed(places, true)).toMatchObject({ held: true });
});

test("through a bridge nobody asks for it, and nothing else means it", () => {
  expect(asksForPlace({ args: ["--give-way"], bridge: undefined })).toBe(true);
  expect(asksForPlace({ args: ["--give-way"], bridge: { name: "box", allow: [] } })).toBe(false);
  expect(asksForPlace({ args: ["--give-way", "now"], bridge: undefined })).toBe(false);
  expect(asksForPlace({ args: ["status"], bridge: undefined })).toBe(false);
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
    expect.stringMatching(/^evercred: The app runs, and stays\..*evercred daemon stop$/),
  ]);
});
