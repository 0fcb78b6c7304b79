import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { workforceLoginConfig } from "../fakes/cloud/google/files.ts";
import type { PoolOptions } from "../fakes/cloud/google/pools.ts";
import {
  type House,
  type HouseOptions,
  keychainItems,
  noKeychainItems,
  openHouse,
} from "./house.ts";

let house: House;

/** A house of somebody whose organisation has a workforce pool, and a client for it. */
const open = async (pool: PoolOptions = {}, options: HouseOptions = {}): Promise<void> => {
  house = await openHouse({ awsConfig: "", ...options });
  const { google } = house.cloud;
  const { id, secret } = google.addClient();
  const loginConfigFile = join(house.home, "workforce-login.json");
  const more = { client_id: id, client_secret: secret };
  await writeFile(loginConfigFile, workforceLoginConfig(google.addPool(pool), more));
  await house.config({ sources: { workforce: { kind: "google-workforce", loginConfigFile } } });
};

afterEach(async () => {
  await house.close();
});

const google = (): House["cloud"]["google"] => house.cloud.google;
const token = (): ReturnType<House["evercred"]> => house.evercred("gcp", "token");
const signedIn = async (): Promise<void> => {
  expect(await house.evercred("login", "workforce")).toMatchObject({ code: 0 });
};
const dev = expect.stringMatching(/workforcePools\/workforce-pool\/subject\/dev@example\.com$/);

test("a person of a workforce pool signs in by their organisation's page, and out again", async () => {
  await open({}, { person: "nothing" });
  const login = house.start(house.shim, ["login", "workforce"]);
  const url = await login.line(/^https:\/\/auth\.cloud\.google\/authorize\?/);
  expect(await house.cloud.approve(url)).toMatchObject({
    status: 200,
    text: expect.stringContaining("You are signed in."),
  });
  expect(await login.outcome).toMatchObject({ code: 0 });
  const { code, stdout } = await token();
  expect([code, google().whose(stdout.trim())]).toEqual([0, dev]);
  expect(google().count("workforce-code")).toBe(1);

  expect(await keychainItems(house)).not.toBe(noKeychainItems);
  expect(await house.evercred("logout", "workforce")).toMatchObject({ code: 0 });
  expect(await keychainItems(house)).toBe(noKeychainItems);
  expect(google().whose(stdout.trim())).toBe(undefined);
  expect(await token()).toMatchObject({ code: 3, stdout: "" });
});

test("a refused sign-in ends with exit 5", async () => {
  await open({}, { person: "denies" });
  const { code, stderr } = await house.evercred("login", "workforce");
  expect([code, stderr]).toEqual([5, expect.stringContaining("workforce was refused")]);
});

test("each renewal's refresh token outlives kill -9: none is presented twice", async () => {
  await open({ rotation: "always" }, { google: { lifetimes: { accessTokenMs: 6_000 } } });
  await signedIn();
  let before = (await token()).stdout;
  for (const nth of [1, 2]) {
    // The successor is saved before anybody gets its token.
    await vi.waitFor(
      async () => {
        const { code, stdout } = await token();
        expect([code, stdout === before]).toEqual([0, false]);
        before = stdout;
      },
      { timeout: 20_000 },
    );
    process.kill(await house.daemonPid(), "SIGKILL");
    expect(google().count("workforce-refresh")).toBe(nth);
    expect(google().whose(before.trim())).toEqual(dev);
    expect(await token()).toMatchObject({ code: 0, stdout: before });
  }
  google().lifetimes.accessTokenMs = 3_600_000;
  await vi.waitFor(() => expect(google().count("workforce-refresh")).toBe(3), { timeout: 20_000 });
  const spent = google().presentations();
  expect(spent.map(({ outcome }) => outcome)).toEqual(["renewed", "renewed", "renewed"]);
  expect(new Set(spent.map(({ refreshToken }) => refreshToken)).size).toBe(3);
  expect(await token()).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(1);
});

test("where the pool has ended the session a sign-in is needed, and brings it back", async () => {
  await open({}, { google: { lifetimes: { accessTokenMs: 4_000 } } });
  await signedIn();
  google().endWorkforceSessions();
  await vi.waitFor(
    async () => {
      const { code, stdout, stderr } = await token();
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toContain("Run: evercred login workforce");
    },
    { timeout: 20_000 },
  );
  expect(await house.pages()).toHaveLength(1);
  expect(await house.evercred("gcp", "login")).toMatchObject({ code: 0 });
  expect(google().whose((await token()).stdout.trim())).toEqual(dev);
  expect(await house.pages()).toHaveLength(2);
});

test("a login configuration without a client is a sentence, and no sign-in", async () => {
  await open();
  const file = join(house.home, "workforce-login.json");
  await writeFile(file, workforceLoginConfig(google().addPool()));
  const { code, stderr } = await house.evercred("login", "workforce");
  expect(code).toBe(2);
  expect(stderr).not.toBe("");
  const status = await house.evercred("status");
  expect(status.stdout).toContain("names no OAuth client, and Google's token service wants one.");
  expect(await house.pages()).toEqual([]);
});
