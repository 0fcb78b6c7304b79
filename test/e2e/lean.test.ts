import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type House, openHouse, type Running } from "./house.ts";

const headless = join(import.meta.dirname, "../../dist/headless.cjs");
const client = join(import.meta.dirname, "../../dist/bin/evercred");
const listens = /^Evercred listens at /;

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), "evercred-lean-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

const house = async (): Promise<House> => {
  const opened = await openHouse();
  onTestFinished(() => opened.close());
  return opened;
};

/** Has the daemon end, and waits until it has written what it wanted to. */
const ended = async (opened: House, daemon: Running): Promise<void> => {
  const gone = once(daemon.child, "exit");
  expect((await opened.evercred("daemon", "stop")).code).toBe(0);
  await gone;
};

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** The packages of which something ran in the daemon, as V8 has counted it. */
const packagesIn = async (coverage: string): Promise<readonly string[]> => {
  const names = new Set<string>();
  for (const file of await readdir(coverage)) {
    const { result } = JSON.parse(await readFile(join(coverage, file), "utf8")) as Coverage;
    for (const { functions } of result.filter(({ url }) => url.endsWith("/headless.cjs"))) {
      for (const { functionName, ranges } of functions) {
        const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(functionName) ?? [];
        if (name !== undefined && (ranges[0]?.count ?? 0) > 0) names.add(name);
      }
    }
  }
  return [...names].sort();
};

/** Those that only a request to a provider needs. */
const forProviders =
  /^(?:@aws-sdk\/client-|@aws-sdk\/credential-provider|google-auth-library|gaxios|openid-client|oauth4webapi|jose|electron-updater)/;

test("what asks a provider is loaded when a provider is first asked, and no other provider's with it", async () => {
  const opened = await house();
  const runWith = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const coverage = await folder();
    const daemon = opened.start(process.execPath, [headless], { NODE_V8_COVERAGE: coverage });
    await daemon.line(listens);
    await work();
    await ended(opened, daemon);
    return (await packagesIn(coverage)).filter((name) => forProviders.test(name));
  };
  const before = await runWith(async () => {
    expect((await opened.evercred("status")).code).toBe(0);
    expect((await opened.evercred("aws", "export")).code).toBe(3);
  });
  expect(before).toEqual([]);
  const after = await runWith(async () => {
    expect((await opened.evercred("login")).code).toBe(0);
    expect((await opened.evercred("aws", "export")).code).toBe(0);
  });
  expect(after).toContain("@aws-sdk/client-sso");
  expect(after.filter((name) => !name.startsWith("@aws-sdk/"))).toEqual([]);
});

test("what is answered from memory touches no file but the kernel's own, and looks at the program that asks", async () => {
  const opened = await house();
  const log = join(await folder(), "calls");
  const words = [
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-s",
    "256",
    "-e",
    "trace=%file,accept4,write",
    "-o",
  ];
  const daemon = opened.start("strace", [...words, log, process.execPath, headless]);
  await daemon.line(listens);
  expect((await opened.evercred("login")).code).toBe(0);
  // The first one is fetched, and the program that asks is looked at.
  for (let i = 0; i < 3; i += 1) expect((await opened.evercred("aws", "export")).code).toBe(0);
  await ended(opened, daemon);

  const calls = (await readFile(log, "utf8")).split("\n");
  const answers = calls.flatMap((call, at) => (call.includes('{\\"Credentials\\"') ? [at] : []));
  const [fetched = 0, , last = 0] = answers;
  expect(answers).toHaveLength(3);
  const ofOne = calls.slice(
    calls.findLastIndex(
      (call, at) => at < last && call.includes("accept4(") && !call.includes("EAGAIN"),
    ),
    last,
  );
  const files = ofOne.flatMap(
    (call) => /\b[a-z]\w*\((?:AT_FDCWD, )?"([^"]+)"/.exec(call)?.[1] ?? [],
  );
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !file.startsWith("/proc/") && file !== client)).toEqual([]);
  // It is files that are seen so: what is fetched is looked for, and is on record.
  expect(calls.slice(0, fetched).some((call) => call.includes("/.aws/config"))).toBe(true);
});
