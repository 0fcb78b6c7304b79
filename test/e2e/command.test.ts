import { existsSync } from "node:fs";
import { open as openFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { configure, sourceOf, writeTo } from "./google-home.ts";
import { type House, oneProfile, openHouse } from "./house.ts";

let house: House;

const patient = { timeout: 10_000, interval: 50 };

/** What the programs do that sign in here: the name of each is that of its source. */
const programs: Readonly<Record<string, string>> = {
  plain: "echo 'Nothing to open.'",
  refuses: "echo 'Who are you?'; echo 'Your account is locked.' >&2; exit 3",
  twice:
    "echo 'Open https://login.example.com/device?code=ABC'; echo https://login.example.com/device?code=ABC; echo 'Again: https://login.example.com/device?code=ABC'",
  hangs: `sleep 600 & echo "$!" > "$HOME/pids"; sh -c 'echo "$$" >> "$HOME/pids"; sleep 600; :' & echo begun; wait`,
  waits: `echo 'Waiting for you.'; cat "$HOME/gate"; echo 'There you are.'`,
  counts: `echo run >> "$HOME/runs"; echo 'Waiting for you.'; cat "$HOME/gate" > /dev/null`,
  asks: "if read -r line; then echo \"heard $line\"; else echo 'Nobody to ask.'; fi; [ -t 0 ] || echo 'no terminal'",
};

const checked = {
  kind: "command",
  title: "Vault",
  signIn: ["/bin/sh", "-c", `echo run >> "$HOME/signed-in"`],
  check: ["/bin/sh", "-c", `test -e "$HOME/signed-in"`],
};

describe("a program that signs in", () => {
  beforeAll(async () => {
    house = await openHouse({ awsConfig: "", person: "nothing" });
    const sources = Object.entries(programs).map(([id, script]) => [
      id,
      {
        kind: "command",
        signIn: ["/bin/sh", "-c", script],
        ...(id === "hangs" && { timeout: "2s" }),
      },
    ]);
    await configure(house, {
      sources: {
        ...(Object.fromEntries(sources) as object),
        vault: checked,
        missing: { kind: "command", signIn: ["no-such-program", "login"] },
      },
    });
    expect(await house.run("/usr/bin/mkfifo", [join(house.home, "gate")])).toMatchObject({
      code: 0,
    });
  });

  afterAll(async () => {
    await house.close();
  });

  test("needs no page: what it prints is printed, and its good end is a sign-in", async () => {
    const { code, stdout } = await house.evercred("login", "plain");
    expect({ code, lines: stdout.trimEnd().split("\n") }).toEqual({
      code: 0,
      lines: ["Nothing to open.", "Signed in to plain."],
    });
    expect(await house.pages()).toEqual([]);
    expect(await sourceOf(house, "plain")).toMatchObject({ state: "active" });
  });

  test("that ends with a code of its own is a refusal, and its last words are told", async () => {
    const { code, stdout, stderr } = await house.evercred("login", "refuses");
    expect(code).toBe(5);
    expect(stdout).toContain("Who are you?\n");
    expect(stdout).toContain("Your account is locked.\n");
    expect(stderr).toContain("sh has ended without a sign-in (exit code 3).");
    expect(stderr).toContain("Your account is locked.");
    expect(await sourceOf(house, "refuses")).toMatchObject({ state: "signed-out" });
  });

  test("its page is opened once, however often it names it", async () => {
    const before = (await house.pages()).length;
    const { code, stdout } = await house.evercred("login", "twice");
    expect(code).toBe(0);
    expect(stdout).toContain("Again: https://login.example.com/device?code=ABC\n");
    expect((await house.pages()).slice(before)).toEqual([
      "https://login.example.com/device?code=ABC",
    ]);
  });

  test("that hangs is stopped at its time limit, with all that it has started", async () => {
    const login = house.start(house.shim, ["login", "hangs"]);
    await login.line(/^begun$/);
    const pids = (await readFile(join(house.home, "pids"), "utf8")).trimEnd().split("\n");
    expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual(pids.map(() => true));
    const { code, stderr } = await login.outcome;
    expect(code).toBe(6);
    expect(stderr).toContain("sh has not ended within 2 s.");
    await vi.waitFor(() => {
      expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    }, patient);
  });

  test("its lines are there while it runs", async () => {
    const login = house.start(house.shim, ["login", "waits"]);
    await login.line(/^Waiting for you\.$/);
    expect(await sourceOf(house, "waits")).toMatchObject({ state: "signing-in" });
    const gate = await openFile(join(house.home, "gate"), "w");
    await gate.close();
    const { code, stdout } = await login.outcome;
    expect(code).toBe(0);
    expect(stdout).toContain("There you are.\n");
  });

  test("runs once for everybody who wants it at the same time", async () => {
    const logins = [1, 2, 3].map(() => house.start(house.shim, ["login", "counts"]));
    for (const login of logins) await login.line(/^Waiting for you\.$/);
    const gate = await openFile(join(house.home, "gate"), "w");
    await gate.close();
    for (const login of logins) expect(await login.outcome).toMatchObject({ code: 0 });
    expect(await readFile(join(house.home, "runs"), "utf8")).toBe("run\n");
  });

  test("has nothing to read, and no terminal", async () => {
    const { code, stdout } = await house.evercred("login", "asks");
    expect(code).toBe(0);
    expect(stdout).toContain("Nobody to ask.\nno terminal\n");
  });

  test("that is nowhere is named", async () => {
    const { code, stdout, stderr } = await house.evercred("login", "missing");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("The program no-such-program is not found.");
  });

  test("with a check: nothing is run while that is content", async () => {
    expect(await sourceOf(house, "vault")).toMatchObject({ state: "signed-out" });
    expect(await house.evercred("login", "vault")).toMatchObject({ code: 0 });
    expect(await sourceOf(house, "vault")).toMatchObject({ state: "active" });
    expect(await house.evercred("login", "vault")).toMatchObject({ code: 0 });
    process.kill(await house.daemonPid(), "SIGKILL");
    await vi.waitFor(async () => {
      expect(await sourceOf(house, "vault")).toMatchObject({ state: "active" });
    }, patient);
    expect(await house.evercred("login", "vault")).toMatchObject({ code: 0 });
    expect(await readFile(join(house.home, "signed-in"), "utf8")).toBe("run\n");
    // Without a check nobody can tell.
    expect(await sourceOf(house, "plain")).toMatchObject({ state: "signed-out" });
  });
});

describe("aws sso login in place of our own sign-in", () => {
  afterEach(async () => {
    await house.close();
  });

  test("it signs in for awsAuthRefresh: one page, its lines, and keys from then on", async () => {
    house = await openHouse({ awsConfig: "" });
    const config = `[default]\nca_bundle = ${house.cloud.caFile}\n${oneProfile}`;
    await writeTo(join(house.home, ".aws", "config"), config);
    const signIn = ["/usr/bin/aws", "sso", "login", "--sso-session", "corp"];
    await configure(house, { sources: { corp: { kind: "aws-sso", signIn } } });
    const { code, stdout } = await house.evercred("aws", "login", "--profile", "p");
    expect(code).toBe(0);
    expect(stdout).toContain("Successfully logged into Start URL");
    expect(await house.pages()).toHaveLength(1);
    const exported = await house.evercred("aws", "export", "--profile", "p");
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    expect(await house.evercred("aws", "login", "--profile", "p")).toMatchObject({ code: 0 });
    expect(await house.pages()).toHaveLength(1);
  });

  test("who denies it is told so", async () => {
    house = await openHouse({ awsConfig: "", person: "denies" });
    const config = `[default]\nca_bundle = ${house.cloud.caFile}\n${oneProfile}`;
    await writeTo(join(house.home, ".aws", "config"), config);
    const signIn = ["/usr/bin/aws", "sso", "login", "--sso-session", "corp"];
    await configure(house, { sources: { corp: { kind: "aws-sso", signIn } } });
    const { code, stderr } = await house.evercred("aws", "login", "--profile", "p");
    expect(code).toBe(5);
    expect(stderr).toContain("aws has ended without a sign-in");
  });
});
