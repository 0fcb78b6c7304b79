import { existsSync } from "node:fs";
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { type House, openHouse, type Outcome } from "./house.ts";
import { programsIn } from "./programs.ts";

let house: House;
let claude: string;
let copy: string;

beforeEach(async () => {
  house = await openHouse();
  [claude = "", copy = ""] = await programsIn(house, "claude", "copy");
});

afterEach(async () => {
  await house.close();
});

/** `evercred` with these words, run by a program. */
const asks = (program: string, ...words: readonly string[]): Promise<Outcome> =>
  house.run(program, [house.shim, ...words]);

const recorded = async (
  ...words: readonly string[]
): Promise<readonly Record<string, unknown>[]> => {
  const { stdout } = await house.evercred("audit", "--json", ...words);
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
};

test("the record has who was given what, by the kernel's word, and what befell the sign-in", async () => {
  await house.evercred("login");
  for (const program of [claude, copy, claude]) {
    expect(await asks(program, "aws", "export")).toMatchObject({ code: 0, stderr: "" });
  }
  expect(await asks(claude, "aws", "export", "--profile", "none")).toMatchObject({ code: 2 });
  const given = await recorded("--target", "aws:p");
  const totals = new Map<unknown, number>();
  for (const { path, count = 1 } of given) {
    totals.set(path, (totals.get(path) ?? 0) + Number(count));
  }
  expect([...totals].sort()).toEqual([
    [claude, 2],
    [copy, 1],
  ]);
  expect(given[0]).toMatchObject({
    event: "served",
    program: "claude",
    target: "aws:p",
    verb: "aws export",
    exit: 0,
    parents: expect.any(Array) as unknown,
    expiresAt: expect.stringMatching(/Z$/u) as unknown,
  });
  expect(await recorded("--program", "copy")).toHaveLength(1);
  await house.evercred("logout");
  expect((await recorded("--source", "corp")).map(({ event }) => event)).toEqual(
    expect.arrayContaining(["signed-in", "served", "signed-out"]),
  );
  const table = await house.evercred("audit", "--last", "1");
  expect(table.stdout).toMatch(/^\S+Z {2}- {2}signed-out {2}corp\n$/u);
});

test("the record has each renewal, and until when it is good", async () => {
  house.cloud.lifetimes.accessTokenMs = 4_000;
  await house.evercred("login");
  const renewed = await eventually(async () => {
    const [line] = (await recorded("--source", "corp")).filter(({ event }) => event === "renewed");
    expect(line).toBeDefined();
    return line;
  });
  expect(Date.parse(String(renewed?.["expiresAt"]))).toBeGreaterThan(
    Date.parse(String(renewed?.["at"])),
  );
});

test("the record is for its user only, outlives the daemon, and goes when it is old", async () => {
  await house.evercred("login");
  const file = join(house.state, "audit.jsonl");
  const pid = await house.daemonPid();
  await house.evercred("daemon", "stop");
  await expect.poll(() => existsSync(`/proc/${String(pid)}`), { timeout: 10_000 }).toBe(false);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, "utf8");
  await writeFile(file, `{"at":"2020-01-01T00:00:00.000Z","event":"served"}\n${text}`);
  await appendFile(file, '{"at":"20');
  await house.config({ audit: { keep: "2d" } });
  await house.evercred("daemon", "start");
  const lines = await recorded();
  expect(lines.map(({ event }) => event)).toContain("signed-in");
  expect(await readFile(file, "utf8")).not.toContain("2020-01-01");
});

test("a person is followed along: evercred audit --follow tells within moments", async () => {
  await house.evercred("login");
  const following = house.start(house.shim, ["audit", "--follow", "-n", "0", "--json"]);
  await asks(copy, "aws", "export");
  const line = await following.line(/"served"/u);
  expect(JSON.parse(line)).toMatchObject({ program: "copy", target: "aws:p" });
  following.child.kill();
});

describe("without the desktop app", () => {
  test("consent refuses at once, and says why; turning it off lets everything through", async () => {
    await house.evercred("login");
    await house.evercred("config", "set", "consent", "ask");
    const refused = await asks(claude, "aws", "export");
    expect(refused).toMatchObject({ code: 5, stdout: "" });
    expect(refused.stderr).toContain(
      "Nobody can be asked here whether claude may have aws:p: consent needs the desktop app.",
    );
    expect((await recorded("--program", "claude")).at(-1)).toMatchObject({
      event: "refused",
      code: "consent-refused",
      exit: 5,
    });
    await asks(copy, "config", "set", "consent", "off");
    expect(await asks(claude, "aws", "export")).toMatchObject({ code: 0 });
    const changes = (await recorded()).filter(({ event }) => /^consent-o/u.test(String(event)));
    expect(changes).toMatchObject([
      { event: "consent-on" },
      { event: "consent-off", program: "copy", path: copy },
    ]);
  });

  test("consent takes the token file of other tools away, and nothing else gets it", async () => {
    await house.evercred("login");
    const cache = join(house.home, ".aws", "sso", "cache");
    const files = async (): Promise<string> =>
      (await house.run("/bin/ls", [cache])).stdout.replaceAll(/\s+/gu, " ").trim();
    expect(await files()).not.toBe("");
    await house.evercred("config", "set", "consent", "ask");
    await expect.poll(files).toBe("");
    await house.evercred("config", "set", "consent", "off");
    await expect.poll(files).not.toBe("");
  });
});
