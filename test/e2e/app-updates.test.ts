import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type {} from "../../renderer/bridge.ts";
import { run } from "../../scripts/command.mjs";
import { electronPath } from "../../scripts/electron-dist.mjs";
import { ReleaseServer, throwAwayKey, updateHost } from "../shell/updates/release-server.ts";
import { appEnv, button, project } from "./app.ts";
import { openGovernedHouse } from "./governed-house.ts";
import { type House, oneProfile, openHouse, otherProfile } from "./house.ts";

const key = throwAwayKey();
/** The app, built as one that takes updates signed with that key. */
const built = mkdtempSync(join(tmpdir(), "evercred-takes-updates-"));

beforeAll(async () => {
  cpSync(join(project, "package.json"), join(built, "package.json"));
  symlinkSync(join(project, "node_modules"), join(built, "node_modules"));
  const words = ["--update-key", key.half, "--out", join(built, "dist")];
  const build = [join(project, "scripts", "build.mjs"), ...words];
  expect(await run(process.execPath, build)).toMatchObject({ status: 0 });
  return () => rmSync(built, { recursive: true, force: true });
}, 180_000);

let house: House;
let releases: ReleaseServer;
let app: ElectronApplication | undefined;
let image: string;
let started: string;
let newImage: string;
const oldImage = "#!/bin/sh\n# the old one\n";

beforeEach(async () => {
  releases = new ReleaseServer();
  await moveInto(await openHouse(options()));
});

const options = () => ({
  awsConfig: oneProfile + otherProfile,
  sites: { [updateHost]: releases.site },
});

/** A house with an AppImage, and a newer one at the server. */
const moveInto = async (opened: House): Promise<void> => {
  house = opened;
  image = join(house.home, "Evercred.AppImage");
  started = join(house.home, "started");
  writeFileSync(image, oldImage);
  chmodSync(image, 0o755);
  newImage = `#!/bin/sh\necho "$@" > '${started}.new'\nmv '${started}.new' '${started}'\n`;
  await releases.publish("9.0.0", newImage, key.key);
};

afterEach(async () => {
  await app?.close();
  app = undefined;
  await house.close();
  releases.close();
});

/** Starts the app; as an AppImage's runtime does, unless it is another kind of package. `under`: words before its own. */
const launch = async (isImage = true, under: readonly string[] = []): Promise<Page> => {
  const electron = realpathSync(await electronPath());
  const runtime = isImage ? { APPIMAGE: image, APPDIR: dirname(electron) } : {};
  const starter = join(house.home, "electron");
  const words = [...under, electron].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  writeFileSync(starter, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  chmodSync(starter, 0o755);
  app = await _electron.launch({
    executablePath: starter,
    args: ["--no-sandbox", "--disable-gpu", built],
    env: { ...appEnv(house), ...runtime },
    colorScheme: null,
  });
  return app.firstWindow();
};

/** Looks for updates as a person does, until the window says this of it. */
const look = async (page: Page, says: string): Promise<void> => {
  await button(page, "Help").click();
  await button(page, "Look for updates").click();
  await page.getByText(says).waitFor();
  await button(page, "Home").click();
  // A desktop without a tray has something graver to say, until it has been understood.
  await button(page, /^(?:Understood|Install it now)$/)
    .or(page.getByText(says))
    .first()
    .waitFor();
  if ((await button(page, "Understood").count()) > 0) await button(page, "Understood").click();
};

const download = (): string => {
  const folder = join(house.state, "updates");
  const names = readdirSync(folder, { recursive: true }) as string[];
  return join(folder, names.find((name) => name.endsWith(".AppImage")) ?? "none");
};

test("a click puts the signed one in the place of the app, and goes over to it", async () => {
  const page = await launch();
  await look(page, "Evercred 9.0.0 is ready.");
  expect(readFileSync(image, "utf8")).toBe(oldImage);
  const closed = app?.waitForEvent("close");
  await button(page, "Install it now").click();
  await closed;
  app = undefined;
  await expect.poll(() => existsSync(started)).toBe(true);
  expect(readFileSync(image, "utf8")).toBe(newImage);
});

test("it is installed when a person quits, and not started", async () => {
  const page = await launch();
  await look(page, "Evercred 9.0.0 is ready.");
  const closed = app?.waitForEvent("close");
  await page.evaluate(() => void window.evercred.quit());
  await closed;
  app = undefined;
  expect(readFileSync(image, "utf8")).toBe(newImage);
  expect(existsSync(started)).toBe(false);
});

test("it is installed when the system ends the app", async () => {
  const page = await launch();
  await look(page, "Evercred 9.0.0 is ready.");
  const closed = app?.waitForEvent("close");
  app?.process().kill("SIGTERM");
  await closed;
  app = undefined;
  expect(readFileSync(image, "utf8")).toBe(newImage);
  expect(existsSync(started)).toBe(false);
});

test("who asks for credentials when it is installed gets them before the app goes", async () => {
  const page = await launch();
  expect(await house.evercred("aws", "login", "--profile", "p")).toMatchObject({ code: 0 });
  await look(page, "Evercred 9.0.0 is ready.");
  const held = house.cloud.faults.add({ path: "/federation/credentials", kind: "hang" });
  const asking = house.start(house.shim, ["aws", "export", "--profile", "other"]);
  await expect.poll(() => held.hits).toBe(1);
  const closed = app?.waitForEvent("close");
  await button(page, "Install it now").click();
  await page.getByText("Evercred 9.0.0 is installed.").waitFor();
  expect(existsSync(started)).toBe(false);
  held.remove();
  expect(await asking.outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("SessionToken") as string,
  });
  await closed;
  app = undefined;
  await expect.poll(() => existsSync(started)).toBe(true);
});

test("an organisation's policy switches them off, whatever its people set: no request leaves", async () => {
  await house.close();
  const policy = { organization: "Example Corp", force: { updates: { mode: "off" } } };
  const governed = await openGovernedHouse(policy, options());
  await moveInto(governed);
  await house.config({ updates: { mode: "install" } });
  const page = await launch(true, governed.under);
  await button(page, "Help").click();
  await page.getByText("Off: your organisation has decided so.").waitFor();
  const reply = await page.evaluate(() => window.evercred.setSetting("updates.mode", "install"));
  expect(reply).toMatchObject({
    kind: "failed",
    trouble: { code: "policy-refused", sentence: "Example Corp has set updates.mode." },
  });
  await page.evaluate(() => window.evercred.checkForUpdate());
  expect(releases.asked).toEqual([]);
  expect(house.cloud.log.all({ host: updateHost })).toEqual([]);
});

test("one that was exchanged after it was downloaded is not installed, and the app goes on", async () => {
  const page = await launch();
  await look(page, "Evercred 9.0.0 is ready.");
  writeFileSync(download(), `${newImage.slice(0, -2)}x\n`);
  await button(page, "Install it now").click();
  await page.getByText("The downloaded update was changed on this computer").waitFor();
  expect(readFileSync(image, "utf8")).toBe(oldImage);
  expect((await house.evercred("status", "--json")).code).toBe(0);
});

test("one that is signed by somebody else is not even downloaded", async () => {
  await releases.publish("9.0.0", newImage, throwAwayKey().key);
  const page = await launch();
  await look(page, "is not signed by the makers of Evercred");
  expect(releases.asked.filter((name) => name.endsWith(".AppImage"))).toEqual([]);
  expect(readFileSync(image, "utf8")).toBe(oldImage);
});

test.each([
  ["updates are off", true, { updates: { mode: "off" } }, "Off in the settings."],
  ["a package manager has installed it", false, {}, "They come from where Evercred was installed"],
])("where %s no request leaves, whatever is asked for", async (_, isImage, config, says) => {
  await house.config(config);
  const page = await launch(isImage);
  await button(page, "Help").click();
  await page.getByText(says).waitFor();
  expect(await button(page, "Look for updates").count()).toBe(0);
  await page.evaluate(() => window.evercred.checkForUpdate());
  await page.evaluate(() => window.evercred.installUpdate());
  expect(releases.asked).toEqual([]);
  expect(house.cloud.log.all({ host: updateHost })).toEqual([]);
});
