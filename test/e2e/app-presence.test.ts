import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ElectronApplication } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type {} from "../../renderer/bridge.ts";
import { eventually } from "../eventually.ts";
import { exampleOrganisation } from "../fakes/cloud/organisation.ts";
import { type Kind, type Logind, openLogind } from "../platform/logind.ts";
import { type MessageBus, startBus } from "../platform/message-bus.ts";
import { launchIn } from "./app.ts";
import { type Desktop, openDesktop } from "./desktop.ts";
import { type House, openHouse } from "./house.ts";

const startUrls = {
  "client-b": "https://d-2222222222.awsapps.com/start",
  corp: "https://d-1111111111.awsapps.com/start",
};
const account = "111122223333";

/** Two organisations, with a profile of the same name in each. */
const awsConfig = Object.entries(startUrls)
  .map(([name, url]) =>
    [
      `[sso-session ${name}]\nsso_start_url = ${url}\nsso_region = us-east-1`,
      "sso_registration_scopes = sso:account:access",
      `[profile ${name}]\nsso_session = ${name}\nsso_account_id = ${account}`,
      "sso_role_name = Developer\nregion = us-east-1\n",
    ].join("\n"),
  )
  .join("\n");

let bus: MessageBus;
let logind: Logind;
let house: House;
let desktop: Desktop;
let app: ElectronApplication;

beforeEach(async () => {
  bus = await startBus();
  house = await openHouse({
    awsConfig,
    organisations: Object.values(startUrls).map((startUrl) => ({
      ...exampleOrganisation,
      startUrl,
    })),
    env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address },
  });
  desktop = await openDesktop(house.env);
});

afterEach(async () => {
  await app.close();
  await house.close();
  await desktop.close();
  await logind.close();
  await bus.stop();
});

/** The app on a computer whose login is in this state. */
const launch = async (kind: Kind, ...args: readonly string[]): Promise<void> => {
  logind = await openLogind(bus.address, kind);
  app = await launchIn(house, ...args);
  // Nobody has touched this display, for however long other tests have run.
  await app.evaluate(({ powerMonitor }) => {
    powerMonitor.getSystemIdleState = () => "active";
  });
  const socket = join(house.runtime, "evercred", "daemon.sock");
  await eventually(() => expect(existsSync(socket)).toBe(true));
};

const login = (profile: string) => house.start(house.shim, ["aws", "login", "--profile", profile]);

test("forty programs ask on a locked computer: no page; at the unlock one notification and one page, and all go on", async () => {
  await launch("locked", "--background");
  const forty = Array.from({ length: 40 }, () => login("corp"));
  await Promise.all(forty.map(({ line }) => line(/^https:/)));
  expect(await house.pages()).toEqual([]);
  expect(desktop.shown).toEqual([]);
  await logind.set({ LockedHint: false });
  const outcomes = await Promise.all(forty.map(({ outcome }) => outcome));
  expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set([0]));
  expect(outcomes[0]?.stderr).toContain("the page opens when somebody unlocks this computer");
  expect(await house.pages()).toHaveLength(1);
  expect(desktop.shown.map(({ title }) => title)).toEqual(["Sign in to corp"]);
});

test("who does not want to be asked is not; then they are asked once for all", async () => {
  await launch("screen");
  const page = await app.firstWindow();
  const askAgainAt = (ms: number | undefined): Promise<unknown> =>
    page.evaluate(
      (wait) => window.evercred.askAgainAt(wait === undefined ? undefined : Date.now() + wait),
      ms,
    );
  await askAgainAt(3_600_000);
  for (const profile of ["corp", "client-b"]) {
    expect(await house.evercred("aws", "export", "--profile", profile)).toMatchObject({ code: 3 });
  }
  const waiting = await house.evercred("aws", "login", "--profile", "corp", "--timeout=3s");
  expect(waiting).toMatchObject({ code: 6 });
  expect(waiting.stderr).toContain("wants to be asked later");
  expect(await house.pages()).toEqual([]);
  expect(desktop.shown).toEqual([]);
  await askAgainAt(undefined);
  await eventually(() => expect(desktop.shown).toHaveLength(1));
  expect(desktop.shown[0]?.title).toBe("client-b and corp need you");
  // The page that has waited opens by itself; the other one is the person's click away.
  await eventually(async () => expect((await desktop.read()).tooltip).toMatch(/^client-b/));
  expect(await house.pages()).toHaveLength(1);
  // Who puts off what they were asked for is asked for it again.
  await askAgainAt(3_600_000);
  await eventually(async () => expect((await desktop.read()).tooltip).toMatch(/not asking until/));
  await askAgainAt(undefined);
  await eventually(() => expect(desktop.shown).toHaveLength(2));
  expect(desktop.shown[1]?.title).toBe("Sign in to client-b");
  await desktop.clickNotification(2);
  await eventually(async () => expect((await desktop.read()).tooltip).toMatch(/^All signed in/));
  expect(await house.pages()).toHaveLength(2);
  expect(desktop.shown).toHaveLength(2);
});

test("where pages open by themselves, one that only a person may open does not keep the next from its turn", async () => {
  await house.config({ signIn: { ask: "open" } });
  await launch("screen");
  const page = await app.firstWindow();
  const byHand = house.start(house.shim, ["login", "client-b", "--no-browser"]);
  await byHand.line(/^https:/);
  await page.evaluate(() => window.evercred.cancelSignIn("client-b"));
  expect(await byHand.outcome).toMatchObject({ code: 1 });
  await page.evaluate(() => window.evercred.askAgainAt(Date.now() + 3_600_000));
  for (const profile of ["client-b", "corp"]) {
    expect(await house.evercred("aws", "export", "--profile", profile)).toMatchObject({ code: 3 });
  }
  await page.evaluate(() => window.evercred.askAgainAt(undefined));
  await eventually(async () => expect(await house.pages()).toHaveLength(1));
  await eventually(() => expect(desktop.shown).toHaveLength(1));
  expect(desktop.shown[0]?.title).toBe("Sign in to client-b");
});
