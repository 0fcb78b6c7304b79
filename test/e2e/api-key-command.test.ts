import { existsSync } from "node:fs";
import { open as openFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { sourceOf } from "./google-home.ts";
import { type House, openHouse } from "./house.ts";
import { allTexts, keyOf, keysOf, printed } from "./key-home.ts";

const patient = { timeout: 20_000, interval: 50 };

const shell = (script: string) => ["/bin/sh", "-c", script];

/** What the programs do that print a key here. */
const keys: Readonly<Record<string, object>> = {
  argv: { command: ["printf", "%s\n", "sk-$HOME-0123456789"] },
  line: { command: 'printf "sk-%s" "$TEAM" | tr a-z A-Z', env: { TEAM: "payments" } },
  where: { command: shell("pwd"), cwd: "~/work" },
  home: { command: "pwd" },
  asks: { command: shell("if read -r line; then echo heard; else echo nobody; fi") },
  nowhere: { command: "pwd", cwd: "~/no-such-folder" },
  missing: { command: ["no-such-program", "read"] },
  unfound: { command: "no-such-program read" },
  lines: { command: "printf 'sk-line-one\\nsk-line-two\\n'" },
  silent: { command: ["true"] },
  complains: {
    command: shell("echo 'The token sk-stderr-0123456789 has ended.' >&2; exit 1"),
  },
  killed: { command: shell("kill -9 $$") },
  hangs: {
    command: shell(
      `sleep 600 & echo "$!" > "$HOME/pids"; sh -c 'echo "$$" >> "$HOME/pids"; sleep 600; :' & echo "$$" >> "$HOME/pids"; wait`,
    ),
    timeout: "2s",
  },
  floods: { command: 'echo "$$" > "$HOME/flood"; exec head -c 1000000000 /dev/zero' },
  shouts: { command: "head -c 1000000000 /dev/zero >&2; exit 1" },
  forks: { command: shell(`sleep 600 & echo "$!" > "$HOME/forked"; echo sk-forked-0123456789`) },
  token: { command: shell('cat "$HOME/token"'), ttl: "1s" },
  counted: {
    command: shell(
      `echo run >> "$HOME/runs"; if [ -p "$HOME/gate" ]; then cat "$HOME/gate" > /dev/null; fi; cat "$HOME/next"`,
    ),
  },
  vault: {
    command: shell('echo run >> "$HOME/tried"; cat "$HOME/vault"'),
    ttl: "1s",
    signIn: shell('echo "Welcome."; echo sk-vault-0123456789 > "$HOME/vault"'),
  },
};

let house: House;

const at = (name: string): string => join(house.home, name);

/** A JWT that ends then, in epoch seconds. */
const jwtUntil = (exp: number): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp })}.c2lnbmF0dXJl`;
};

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

const factsOf = async (name: string) => (await keysOf(house)).find((key) => key.name === name);

const isGone = (pid: string): boolean => !existsSync(`/proc/${pid}`);

const linesOf = async (name: string): Promise<readonly string[]> =>
  (await readFile(at(name), "utf8")).trimEnd().split("\n");

/** The most memory that the daemon has had, in MB. */
const mostMemory = async (): Promise<number> => {
  const status = await readFile(`/proc/${String(await house.daemonPid())}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
};

beforeAll(async () => {
  house = await openHouse({ awsConfig: "" });
  await mkdir(at("work"));
  const entries = Object.entries(keys).map(([name, key]) => [name, { kind: "command", ...key }]);
  await house.config({ log: "debug", keys: Object.fromEntries(entries) as object });
});

afterAll(async () => {
  await house.close();
});

test("a list of words is run as it is; a text by the shell, with its variables", async () => {
  expect(await keyOf(house, "argv")).toEqual(printed("sk-$HOME-0123456789"));
  expect(await keyOf(house, "line")).toEqual(printed("SK-PAYMENTS"));
});

test("it is run in its folder, else at home, with nothing to read", async () => {
  expect(await keyOf(house, "where")).toEqual(printed(at("work")));
  expect(await keyOf(house, "home")).toEqual(printed(house.home));
  expect(await keyOf(house, "asks")).toEqual(printed("nobody"));
});

test.each([
  ["nowhere", 2, "There is no folder "],
  ["missing", 1, "The program no-such-program is not found."],
  ["unfound", 1, "The command of unfound names a program that is not found."],
  ["lines", 1, "The command of lines prints a key that has more than one line."],
  ["silent", 1, "true prints nothing."],
  ["complains", 1, "sh has failed (exit code 1). It says: The token … has ended."],
  ["killed", 1, "sh was killed."],
])("%s exits %i: %s", async (name, exit, sentence) => {
  const { code, stdout, stderr } = await keyOf(house, name);
  expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
  expect(stderr).toContain(sentence);
});

test("a secret that it complains of, or that makes no key, is in no output, log or status", async () => {
  expect(await keyOf(house, "line")).toEqual(printed("SK-PAYMENTS"));
  const outcomes = [
    await house.evercred("api-key", "complains", "--fresh", "--debug"),
    await house.evercred("api-key", "lines", "--fresh", "--debug"),
    await house.evercred("status", "--json"),
    await house.evercred("status"),
    await house.evercred("api-key", "list"),
    await house.evercred("api-key", "show", "complains"),
  ];
  const log = await readFile(join(house.state, "evercred.log"), "utf8");
  expect(log).toContain("complains");
  const texts = [...outcomes.flatMap(({ stdout, stderr }) => [stdout, stderr]), log];
  expect(texts.filter((text) => /sk-stderr|sk-line/.test(text))).toEqual([]);
  const all = await allTexts(house);
  // The configuration of this test has its words, and the shell makes the other key.
  expect(all.filter((text) => text.includes("sk-stderr"))).toHaveLength(1);
  expect(all.filter((text) => text.includes("SK-PAYMENTS"))).toEqual([]);
});

test("that hangs is stopped at its time limit, with all that it has started", async () => {
  const { code, stdout, stderr, tookMs } = await house.evercred("api-key", "hangs");
  expect({ code, stdout }).toEqual({ code: 6, stdout: "" });
  expect(stderr).toContain("sh has not ended within 2 s.");
  expect(tookMs).toBeLessThan(15_000);
  const pids = await linesOf("pids");
  expect(pids).toHaveLength(3);
  await vi.waitFor(() => {
    expect(pids.filter((pid) => !isGone(pid))).toEqual([]);
  }, patient);
});

test("that floods us is stopped at once, and takes none of our memory", async () => {
  const before = await mostMemory();
  const { code, stdout, stderr, tookMs } = await house.evercred("api-key", "floods");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("The command of floods prints too much to be a key.");
  expect(tookMs).toBeLessThan(15_000);
  const [pid = ""] = await linesOf("flood");
  await vi.waitFor(() => {
    expect(isGone(pid)).toBe(true);
  }, patient);
  const shouts = await house.evercred("api-key", "shouts");
  expect({ code: shouts.code, stdout: shouts.stdout }).toEqual({ code: 1, stdout: "" });
  expect(shouts.stderr.length).toBeLessThan(1_000);
  expect(shouts.tookMs).toBeLessThan(20_000);
  expect((await mostMemory()) - before).toBeLessThan(50);
});

test("that leaves a child with its output behind is not waited for", async () => {
  const { code, stdout, tookMs } = await house.evercred("api-key", "forks");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "sk-forked-0123456789\n" });
  expect(tookMs).toBeLessThan(15_000);
  const [pid = ""] = await linesOf("forked");
  expect(isGone(pid)).toBe(false);
  process.kill(Number(pid), "SIGKILL");
});

test("the end that a JWT names counts, and not the ttl; one that has ended is no key", async () => {
  const exp = inSeconds(3_600);
  await writeFile(at("token"), jwtUntil(exp));
  expect(await keyOf(house, "token")).toEqual(printed(jwtUntil(exp)));
  expect(await factsOf("token")).toMatchObject({
    credentialExpiresAt: new Date(exp * 1000).toISOString(),
  });
  await writeFile(at("next"), jwtUntil(inSeconds(-1)));
  const { code, stderr } = await keyOf(house, "counted");
  expect(code).toBe(1);
  expect(stderr).toContain("sh prints a token that has ended already.");
  await rm(at("runs"));
});

test("300 who ask at once for a key that has ended have it run once", async () => {
  const exp = inSeconds(5);
  await writeFile(at("next"), jwtUntil(exp));
  // What has failed just now is tried again in a moment.
  await vi.waitFor(async () => {
    expect(await keyOf(house, "counted")).toEqual(printed(jwtUntil(exp)));
  }, patient);
  await writeFile(at("next"), "sk-next-0123456789");
  expect(await house.run("/usr/bin/mkfifo", [at("gate")])).toMatchObject({ code: 0 });
  const before = (await linesOf("runs")).length;
  await vi.waitFor(() => {
    expect(Date.now()).toBeGreaterThan(exp * 1000);
  }, patient);
  const asked = house.crowd(300, "api-key", "counted");
  await vi.waitFor(async () => {
    expect(await linesOf("runs")).toHaveLength(before + 1);
  }, patient);
  const gate = await openFile(at("gate"), "w");
  await gate.close();
  const expected = printed("sk-next-0123456789");
  expect((await asked).filter(({ stdout }) => stdout !== expected.stdout)).toEqual([]);
  expect(await linesOf("runs")).toHaveLength(before + 1);
});

test("whose program wants a sign-in exits 3 and is asked for; the sign-in is run, and it works", async () => {
  const { code, stdout, stderr } = await keyOf(house, "vault");
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toContain("evercred login vault");
  expect(await sourceOf(house, "vault")).toMatchObject({
    state: "signed-out",
    signInWantedAt: expect.any(String),
    signInCommand: "evercred login vault",
  });
  expect(existsSync(at("vault"))).toBe(false);
  const login = await house.evercred("login", "vault");
  expect({ code: login.code, lines: login.stdout.split("\n").slice(0, 2) }).toEqual({
    code: 0,
    lines: ["Welcome.", "Signed in to vault."],
  });
  expect(await keyOf(house, "vault")).toEqual(printed("sk-vault-0123456789"));
});

test("that works again by itself needs nobody: it is tried once in five seconds at most", async () => {
  await rm(at("vault"));
  const ask = () => keyOf(house, "vault");
  await vi.waitFor(async () => {
    expect(await ask()).toMatchObject({ code: 3, stdout: "" });
  }, patient);
  await writeFile(at("vault"), "sk-vault-9876543210");
  const tried = (await linesOf("tried")).length;
  const begin = performance.now();
  let asked = 0;
  await vi.waitFor(async () => {
    asked += 1;
    expect(await ask()).toEqual(printed("sk-vault-9876543210"));
  }, patient);
  const tookMs = performance.now() - begin;
  expect(tookMs).toBeLessThan(10_000);
  expect((await linesOf("tried")).length - tried).toBe(1);
  expect(asked).toBeGreaterThan(5);
  expect(await sourceOf(house, "vault")).toMatchObject({ state: "active" });
});
