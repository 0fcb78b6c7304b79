import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { type House, type HouseOptions, keychainItems, openHouse } from "./house.ts";

const headless = join(import.meta.dirname, "..", "..", "dist", "headless.cjs");
let house: House;
const open = async (options?: HouseOptions): Promise<House> => (house = await openHouse(options));

afterEach(async () => {
  await house.close();
});

const exported = (stdout: string): Record<string, string> => {
  const document = JSON.parse(stdout) as { Credentials: Record<string, string> };
  return document.Credentials;
};

const tokenExchanges = (): number => house.cloud.log.count({ path: "/token" });
const roleRequests = (): number => house.cloud.log.count({ path: "/federation/credentials" });

test("with one SSO profile and nothing else, a login is all it takes", async () => {
  await open();
  const login = await house.evercred("login");
  expect(login).toMatchObject({ code: 0 });
  expect(login.stdout.split("\n")[0]).toMatch(
    /^https:\/\/oidc\.us-east-1\.amazonaws\.com\/authorize\?/,
  );
  // Nobody can know yet when that ends.
  expect(login.stdout).toMatch(/^Signed in to corp\.$/m);
  expect(await house.pages()).toHaveLength(1);

  const { code, stdout, stderr } = await house.evercred("aws", "export", "--profile", "p");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(
    /^\{"Credentials":\{"AccessKeyId":"[^"]+","SecretAccessKey":"[^"]+","SessionToken":"[^"]+","Expiration":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"\}\}\n$/,
  );
  const [issued] = house.cloud.organisation().keys();
  expect(exported(stdout)["AccessKeyId"]).toBe(issued?.accessKeyId);

  const process = await house.evercred("aws", "process");
  expect(JSON.parse(process.stdout)).toMatchObject({ Version: 1, AccountId: "111122223333" });
  expect((await house.evercred("status", "--short")).stdout).toBe("All signed in\n");
});

test("a live session answers aws login in one line and opens nothing", async () => {
  await open();
  await house.evercred("login");
  const outcome = await house.evercred("aws", "login", "--profile", "p");
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  expect(outcome.stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(await house.pages()).toHaveLength(1);
});

test("ten aws logins on a dead session open one page, print its address first, and all succeed", async () => {
  await open();
  const outcomes = await house.crowd(10, "aws", "login", "--profile", "p");
  const [page] = await house.pages();
  for (const { code, stdout } of outcomes) {
    expect(code).toBe(0);
    expect([page, undefined]).toContain(
      /^https:/.exec(stdout) === null ? undefined : stdout.split("\n")[0],
    );
    expect(stdout).toContain("Signed in to corp");
  }
  expect(await house.pages()).toHaveLength(1);
});

test("the device flow prints the address, then the code, and needs no browser here", async () => {
  await open({ person: "nothing" });
  house.cloud.lifetimes.deviceIntervalMs = 1_000;
  const login = house.start(house.shim, ["aws", "login", "--device-code"]);
  const url = await login.line(/^https:/);
  const code = await login.line(/^Code: /);
  expect(new URL(url).searchParams.get("user_code") ?? url).toContain(code.slice("Code: ".length));
  await house.cloud.approve(url);
  expect(await login.outcome).toMatchObject({ code: 0 });
});

test("over SSH the device flow is used by itself, and no page is opened", async () => {
  await open({ person: "nothing" });
  const ssh = { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" };
  const login = house.start(house.shim, ["login"], ssh);
  await login.line(/^Code: /);
  await house.cloud.approve(await login.line(/^https:/));
  expect(await login.outcome).toMatchObject({ code: 0 });
  expect(await house.pages()).toEqual([]);
});

test("a dead session: export exits 3 with nothing on stdout, a sentence, the login line, and no page", async () => {
  await open();
  const { code, stdout, stderr } = await house.evercred("aws", "export", "--profile", "p");
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toContain("You are not signed in to corp. Run: evercred login corp");
  expect(await house.pages()).toEqual([]);
});

test("a page that nobody finished is the last one until a person acts", async () => {
  await open({ person: "nothing", lifetimes: { deviceCodeMs: 2_000, deviceIntervalMs: 1_000 } });
  expect(await house.evercred("aws", "login", "--device-code")).toMatchObject({ code: 6 });
  const opened = (await house.pages()).length;
  const held = house.start(house.shim, ["aws", "login"]);
  await held.line(/^https:/);
  expect(await house.pages()).toHaveLength(opened);
  held.child.kill("SIGINT");
  expect(await held.outcome).toMatchObject({ code: 130 });
  const asked = house.start(house.shim, ["login", "corp"]);
  const url = await asked.line(/^https:/);
  await house.cloud.approve(url);
  expect(await asked.outcome).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(opened + 1);
});

test("a refusal in the browser ends the login with exit 5, in the provider's words", async () => {
  await open({ person: "denies" });
  const { code, stderr } = await house.evercred("login");
  expect(code).toBe(5);
  expect(stderr).not.toBe("");
});

test("a role that is refused is said at once, with account and role, and asks nobody to sign in", async () => {
  await open();
  await house.evercred("login");
  house.cloud.organisation().denyRole("111122223333", "Developer");
  const login = await house.evercred("aws", "login", "--profile", "p");
  expect(login).toMatchObject({ code: 5, stdout: "" });
  expect(login.stderr).toContain("Developer");
  expect(login.stderr).toContain("111122223333");
  const exportOutcome = await house.evercred("aws", "export", "--profile", "p");
  expect(exportOutcome).toMatchObject({ code: 5, stdout: "" });
  expect(await house.pages()).toHaveLength(1);
});

test("after kill -9 the daemon comes back signed in, for 500 callers with one role request", async () => {
  await open();
  // Without the mirrored token file only the keychain can know of the sign-in.
  await mkdir(join(house.home, ".config", "evercred"), { recursive: true });
  const config = join(house.home, ".config", "evercred", "config.json");
  await writeFile(config, '{ "aws": { "mirrorSsoCache": false } }');
  await house.evercred("login");
  process.kill(await house.daemonPid(), "SIGKILL");
  house.cloud.log.clear();
  const outcomes = await house.crowd(500, "aws", "export", "--profile", "p");
  expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
  expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1);
  expect(roleRequests()).toBe(1);
  expect(tokenExchanges()).toBe(0);
  expect(await house.pages()).toHaveLength(1);
});

test("500 callers just after everything has expired cost one token exchange and one role request", async () => {
  await open({ lifetimes: { accessTokenMs: 3_000, roleMs: 3_000 } });
  await house.evercred("login");
  process.kill(await house.daemonPid(), "SIGKILL");
  const expired = house.cloud.now() + 3_000;
  house.cloud.lifetimes.accessTokenMs = 3_600_000;
  house.cloud.lifetimes.roleMs = 3_600_000;
  await vi.waitUntil(() => house.cloud.now() > expired, { timeout: 10_000 });
  house.cloud.log.clear();
  const outcomes = await house.crowd(500, "aws", "export", "--profile", "p");
  expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
  expect(tokenExchanges()).toBe(1);
  expect(roleRequests()).toBe(1);
  expect(await house.pages()).toHaveLength(1);
});

test("a session with a life of seconds renews by itself, and its keys are fetched ahead", async () => {
  await open({ lifetimes: { accessTokenMs: 6_000, roleMs: 6_000 } });
  await house.evercred("login");
  const first = exported((await house.evercred("aws", "export")).stdout);
  const keys = house.cloud.log.count({ path: "/federation/credentials" });
  await house.cloud.log.waitFor({ grantType: "refresh_token" });
  await house.cloud.log.waitFor({ path: "/federation/credentials" }, keys + 1);
  // The provider has answered; the daemon has it a moment later.
  let next = first;
  while (next["AccessKeyId"] === first["AccessKeyId"]) {
    const { code, stdout } = await house.evercred("aws", "export");
    expect(code).toBe(0);
    next = exported(stdout);
  }
  expect(await house.pages()).toHaveLength(1);
});

test("a caller during a slow renewal of the keys gets the old ones, which are still good", async () => {
  await open({ lifetimes: { roleMs: 12_000 } });
  await house.evercred("login");
  const before = (await house.evercred("aws", "export")).stdout;
  const slow = house.cloud.faults.add({ path: "/federation/credentials", kind: "hang" });
  await house.cloud.log.waitForArrival({ path: "/federation/credentials" }, roleRequests() + 1);
  const during = await house.evercred("aws", "export");
  expect(during).toMatchObject({ code: 0, stdout: before });
  slow.remove();
});

test("cron, su and env -i reach the same daemon; a second one on the same state refuses", async () => {
  await open();
  const pid = await house.daemonPid();
  const bare = await house.run("/usr/bin/env", [
    "-i",
    `HOME=${house.home}`,
    house.shim,
    "status",
    "--json",
  ]);
  expect(JSON.parse(bare.stdout)).toMatchObject({ daemon: { pid } });
  const second = await house.evercred("daemon", "run");
  expect(second.code).toBe(1);
  const other = await house.run(process.execPath, [headless], {
    XDG_RUNTIME_DIR: join(house.home, "elsewhere"),
  });
  expect(other.code).toBe(1);
  expect(other.stderr).toContain(join(house.runtime, "evercred", "daemon.sock"));
});

test("stopped means stopped, until it is started again", async () => {
  await open();
  await house.evercred("status");
  expect(await house.evercred("daemon", "stop")).toMatchObject({ code: 0 });
  const { code, stderr } = await house.evercred("status");
  expect(code).toBe(4);
  expect(stderr).toContain("evercred daemon start");
  // A program that was about to start it comes too late.
  const late = await house.run(process.execPath, [headless, "--background"]);
  expect(late).toMatchObject({ code: 1, stdout: "" });
  expect(late.stderr).toContain("Evercred was stopped.");
  expect(await house.evercred("daemon", "start")).toMatchObject({ code: 0 });
  expect(await house.evercred("daemon", "restart")).toMatchObject({ code: 0 });
  expect(await house.evercred("status")).toMatchObject({ code: 0 });
});

test("a stop holds for a daemon that nobody can ask yet", async () => {
  await open();
  house.keyring.freeze();
  const starting = house.evercred("daemon", "start");
  // It reads the keychain before it opens its door.
  const log = join(house.state, "evercred.log");
  await eventually(async () => expect(await readFile(log, "utf8")).toContain("network: settings"));
  const stop = await house.evercred("daemon", "stop");
  expect(stop).toMatchObject({ code: 0, stdout: "Evercred is not running.\n" });
  house.keyring.thaw();
  const { code, stderr } = await starting;
  expect(code).toBe(4);
  expect(stderr).toContain("Evercred was stopped. Start it with: evercred daemon start");
  expect(await house.evercred("daemon", "start")).toMatchObject({ code: 0 });
});

test("logout ends it here, at the provider, in the keychain and for other tools", async () => {
  await open();
  await house.evercred("login");
  await house.evercred("aws", "export");
  expect(await keychainItems(house)).toContain("/org/freedesktop/secrets/collection/login/");
  expect(await house.evercred("logout")).toMatchObject({ code: 0 });
  expect(await keychainItems(house)).toBe("(@ao [], @ao [])\n");
  expect(house.cloud.log.count({ path: "/logout" })).toBe(1);
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 3, stdout: "" });
  process.kill(await house.daemonPid(), "SIGKILL");
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 3, stdout: "" });
});

test("nothing to sign in to: exit 2 and the command that adds a source", async () => {
  await open({ awsConfig: "" });
  const { code, stdout, stderr } = await house.evercred("login");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("evercred aws profiles add --start-url URL");
});

test("a profile that is added while the daemon runs appears by itself", async () => {
  await open({ awsConfig: "" });
  const watch = house.start(house.shim, ["status", "--short", "--watch"]);
  await watch.line(/Nothing to sign in to yet/);
  const { oneProfile } = await import("./house.ts");
  await writeFile(join(house.home, ".aws", "config"), oneProfile);
  await watch.line(/corp: sign-in needed/);
  watch.child.kill("SIGINT");
  await watch.outcome;
});

test("a provider that cannot be reached costs exit 7, not the session", async () => {
  await open();
  await house.evercred("login");
  process.kill(await house.daemonPid(), "SIGKILL");
  const down = house.cloud.faults.add({ host: /./, kind: "unreachable" });
  expect(await house.evercred("aws", "export", "--fresh")).toMatchObject({ code: 7, stdout: "" });
  down.remove();
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(1);
});

test("a keyring that is locked at the start is not a sign-out", async () => {
  await open();
  await house.evercred("login");
  process.kill(await house.daemonPid(), "SIGKILL");
  await house.keyring.lock();
  const locked = await house.evercred("aws", "export");
  expect(locked).toMatchObject({ code: 1, stdout: "" });
  expect(locked.stderr).toContain("keychain is locked");
  expect((await house.evercred("aws", "login")).code).toBe(1);
  await house.keyring.unlock();
  await rm(join(house.runtime, "nothing"), { force: true });
  const watch = house.start(house.shim, ["status", "--short", "--watch"]);
  await watch.line(/All signed in/);
  watch.child.kill("SIGINT");
  await watch.outcome;
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(1);
});
