import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { knownElectron } from "../../scripts/electron-dist.mjs";
import { temporaryFolder } from "./folder.ts";
import { bundleProgram, runProgram } from "./program.ts";

const missing = `
  for (const name of ["crypto", "CustomEvent", "File"]) delete globalThis[name];
  delete AbortSignal.any;
  delete require("node:diagnostics_channel").tracingChannel;
`;

const checks = `
  const check = async () => {
    const results = {};
    results.crypto = typeof crypto.subtle.digest;
    results.event = new CustomEvent("a", { detail: 1 }).detail;
    const file = new File(["abc"], "a.txt", { type: "text/plain" });
    results.file = [file.name, file.size, file.type, file.lastModified > 0, await file.text()];
    const [a, b] = [new AbortController(), new AbortController()];
    const any = AbortSignal.any([a.signal, b.signal]);
    results.before = any.aborted;
    b.abort("why");
    a.abort("late");
    results.after = [any.aborted, any.reason];
    results.already = AbortSignal.any([a.signal]).reason;
    results.none = AbortSignal.any([]).aborted;
    results.symbols = [typeof Symbol.dispose, typeof Symbol.asyncDispose];
    const { promise, resolve } = Promise.withResolvers();
    resolve(1);
    results.resolved = await promise;
    const failed = Promise.withResolvers();
    failed.reject("no");
    results.rejected = await failed.promise.catch((reason) => reason);
    async function* numbers() { yield 1; yield 2; }
    results.lists = [
      await Array.fromAsync(numbers()),
      await Array.fromAsync([Promise.resolve(3), 4], async (x, i) => x * 10 + i),
      await Array.fromAsync({ length: 1, 0: 5 }),
    ];
    const diagnostics = require("node:diagnostics_channel");
    const traced = diagnostics.tracingChannel("a");
    results.traced = [traced.hasSubscribers];
    diagnostics.channel("tracing:a:error").subscribe((message) => results.traced.push(message));
    results.traced.push(traced.hasSubscribers);
    traced.error.publish("told");
    results.names = Object.keys(globalThis).filter((name) => name === "File");
    console.log(JSON.stringify(results));
  };
  check();
`;

const expected = {
  crypto: "function",
  event: 1,
  file: ["a.txt", 3, "text/plain", true, "abc"],
  before: false,
  after: [true, "why"],
  already: "late",
  none: false,
  symbols: ["symbol", "symbol"],
  resolved: 1,
  rejected: "no",
  lists: [[1, 2], [30, 41], [5]],
  traced: [false, true, "told"],
  names: [],
};

async function resultsOf(text: string, node?: string): Promise<unknown> {
  const file = await bundleProgram(text, temporaryFolder());
  return runProgram(file, { ELECTRON_RUN_AS_NODE: "1" }, node).next();
}

const filled = `${missing} require("./electron/platform/fill-ins.ts"); ${checks}`;

test("what a Node lacks is filled in, and works as the standard says", async () => {
  expect(await resultsOf(filled)).toEqual(expected);
});

const electron = knownElectron();

test.skipIf(electron === undefined || !existsSync(electron))(
  "also in the Node of Electron, whichever it is",
  async () => {
    expect(await resultsOf(filled, electron)).toEqual(expected);
  },
);

test("what a Node has is left as it is", async () => {
  const text = `
    const before = [crypto, CustomEvent, File, AbortSignal.any, Symbol.asyncDispose];
    require("./electron/platform/fill-ins.ts");
    const after = [crypto, CustomEvent, File, AbortSignal.any, Symbol.asyncDispose];
    console.log(JSON.stringify(before.map((value, i) => value === after[i])));
  `;
  expect(await resultsOf(text)).toEqual([true, true, true, true, true]);
});
