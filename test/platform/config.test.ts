import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type ConfigFile, openConfig } from "../../electron/platform/config.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FixedPolicy } from "./fixed-policy.ts";
import { temporaryFolder } from "./folder.ts";

interface Opened extends ConfigFile {
  readonly log: MemoryLog;
  readonly told: { count: number };
}

function opened(file: string, policy = new FixedPolicy()): Opened {
  const log = new MemoryLog();
  const config = openConfig({ file, policy, log });
  const told = { count: 0 };
  config.subscribe(() => (told.count += 1));
  onTestFinished(() => config.close());
  return {
    log,
    told,
    get current() {
      return config.current;
    },
    get tree() {
      return config.tree;
    },
    get problems() {
      return config.problems;
    },
    subscribe: (listener) => config.subscribe(listener),
    check: () => config.check(),
    reload: () => config.reload(),
    close: () => config.close(),
    setterOf: (path) => config.setterOf(path),
    isForced: (path) => config.isForced(path),
  };
}

const level = (value: string): string => `{"log": "${value}"}`;

test("each change is applied: in place, by rename, by removal, and after a new start", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "config.json");
  const config = opened(file);
  expect(config.current.log).toBe("info");
  writeFileSync(file, level("debug"));
  await expect.poll(() => config.current.log, { timeout: 10_000 }).toBe("debug");
  writeFileSync(join(folder, "new"), level("warn"));
  renameSync(join(folder, "new"), file);
  await expect.poll(() => config.current.log, { timeout: 10_000 }).toBe("warn");
  rmSync(file);
  await expect.poll(() => config.current.log, { timeout: 10_000 }).toBe("info");
  writeFileSync(file, level("error"));
  await expect.poll(() => config.current.log, { timeout: 10_000 }).toBe("error");
  expect(config.told.count).toBe(4);
  expect(opened(file).current.log).toBe("error");
});

test("a folder that is made later is followed", async () => {
  const file = join(temporaryFolder(), "config", "evercred", "config.json");
  const config = opened(file);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, level("debug"));
  await expect.poll(() => config.current.log, { timeout: 10_000 }).toBe("debug");
});

test.each([
  ["of a value", '{"log": "loud"}'],
  ["of endless lists", `{"x": ${"[".repeat(20_000)}`],
])(
  "a file that is broken because %s leaves the last good one in force, and says what is wrong until it is mended",
  async (_, broken) => {
    const file = join(temporaryFolder(), "config.json");
    writeFileSync(file, level("debug"));
    const config = opened(file);
    writeFileSync(file, broken);
    await expect.poll(() => config.problems, { timeout: 10_000 }).toHaveLength(1);
    expect(config.current.log).toBe("debug");
    expect(config.problems[0]).toMatchObject({ severity: "error", file, line: 1 });
    writeFileSync(file, level("warn"));
    await expect.poll(() => config.problems, { timeout: 10_000 }).toHaveLength(0);
    expect(config.current.log).toBe("warn");
  },
);

test("a file that is broken at the very start means the defaults, and a problem", () => {
  const file = join(temporaryFolder(), "config.json");
  writeFileSync(file, '{"log": "debug", "aws": ');
  const config = opened(file);
  expect(config.current.log).toBe("info");
  expect(config.problems).toMatchObject([{ severity: "error", line: 1 }]);
  expect(config.log.lines).toContainEqual({
    level: "warn",
    event: "config: problem",
    fields: expect.objectContaining({ line: 1 }),
  });
});

test.each<[string, (file: string) => void]>([
  ["a folder", (file) => mkdirSync(file)],
  ["not UTF-8", (file) => writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]))],
  ["huge", (file) => writeFileSync(file, " ".repeat(1_000_001))],
])("a file that is %s is a problem, not a failure", (_, make) => {
  const file = join(temporaryFolder(), "config.json");
  make(file);
  const config = opened(file);
  expect(config.problems).toMatchObject([{ severity: "error", file }]);
  expect(config.current.log).toBe("info");
});

test("a byte order mark is no harm", () => {
  const file = join(temporaryFolder(), "config.json");
  writeFileSync(file, `\ufeff${level("debug")}`);
  const config = opened(file);
  expect(config.problems).toEqual([]);
  expect(config.current.log).toBe("debug");
});

test("what changes nothing is not told", async () => {
  const file = join(temporaryFolder(), "config.json");
  writeFileSync(file, level("debug"));
  const config = opened(file);
  appendFileSync(file, "\n// a comment\n");
  config.check();
  writeFileSync(file, level("debug"));
  config.check();
  expect(config.told.count).toBe(0);
  writeFileSync(file, level("warn"));
  config.check();
  expect(config.told.count).toBe(1);
});

test("what is written is in force once it is read again, and told once", async () => {
  const file = join(temporaryFolder(), "config.json");
  const config = opened(file);
  writeFileSync(file, level("debug"));
  config.reload();
  expect(config.current.log).toBe("debug");
  config.check();
  config.reload();
  expect(config.told.count).toBe(1);
});

/** A configuration whose daemon has run for some seconds. */
function openedLongAgo(file: string): Opened {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const config = opened(file);
    vi.runAllTimers();
    return config;
  } finally {
    vi.useRealTimers();
  }
}

test("its JSON Schema is written beside it, whole, once", () => {
  const folder = join(temporaryFolder(), "evercred");
  const schemaFile = join(folder, "config.schema.json");
  openedLongAgo(join(folder, "config.json"));
  const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
  expect(Object.keys(schema.properties)).toEqual([
    "$schema",
    "version",
    "sources",
    "keys",
    "headers",
    "aws",
    "google",
    "network",
    "signIn",
    "doors",
    "app",
    "consent",
    "audit",
    "updates",
    "log",
  ]);
  expect(schema.properties.signIn.properties.before.pattern).toBeDefined();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const before = statSync(schemaFile);
  openedLongAgo(join(folder, "config.json"));
  expect(statSync(schemaFile).ino).toBe(before.ino);
  expect(readdirSync(folder)).toEqual(["config.schema.json"]);
  writeFileSync(schemaFile, "old");
  openedLongAgo(join(folder, "config.json"));
  expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(schema);
});

test("a schema that cannot be written is logged, and all else works", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "config.schema.json"));
  writeFileSync(join(folder, "config.json"), level("debug"));
  const config = openedLongAgo(join(folder, "config.json"));
  expect(config.current.log).toBe("debug");
  expect(config.log.lines.at(-1)?.event).toBe("config: schema not written");
});

test("its JSON Schema is not written where it is closed before a start is over", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const folder = temporaryFolder();
  const config = opened(join(folder, "config.json"));
  config.close();
  vi.runAllTimers();
  expect(readdirSync(folder)).toEqual([]);
});

test("after close nothing is told", () => {
  const file = join(temporaryFolder(), "config.json");
  const config = opened(file);
  config.close();
  writeFileSync(file, level("debug"));
  config.check();
  expect(existsSync(file)).toBe(true);
  expect(config.told.count).toBe(0);
});
