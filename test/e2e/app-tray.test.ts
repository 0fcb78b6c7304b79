import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ElectronApplication } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { launchIn, seen, soon } from "./app.ts";
import { type Desktop, openDesktop, type TrayLine, type TrayPicture } from "./desktop.ts";
import { type House, type HouseOptions, openHouse } from "./house.ts";

let house: House;
let desktop: Desktop;
let app: ElectronApplication | undefined;

afterEach(async () => {
  await app?.close();
  await house.close();
  await desktop.close();
  app = undefined;
});

/** A house with a desktop in it. */
const move = async (options: HouseOptions = {}): Promise<void> => {
  house = await openHouse(options);
  desktop = await openDesktop(house.env);
};

const launch = async (...args: readonly string[]): Promise<ElectronApplication> => {
  app = await launchIn(house, ...args);
  return app;
};

/** Resolves when the app can be asked. The shim is no way to find out: it would start a daemon of its own. */
const listening = (): Promise<void> =>
  soon(() => expect(existsSync(join(house.runtime, "evercred", "daemon.sock"))).toBe(true));

const labelsOf = (lines: readonly TrayLine[]): readonly string[] => lines.map(({ label }) => label);

/** What the tray shows, once it says this. */
const showing = (tooltip: string | RegExp): Promise<TrayPicture> =>
  soon(async () => {
    const picture = await desktop.read();
    expect(picture.tooltip).toMatch(tooltip);
    // The menu follows the tooltip.
    expect(labelsOf(picture.lines)[0]).toBe(picture.tooltip);
    return picture;
  });

const windowCount = (running: ElectronApplication): Promise<number> =>
  running.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

test("the tray says what is needed, does it, and quits", async () => {
  await move();
  const running = await launch("--background");
  const before = await showing("corp: sign-in needed");
  expect(labelsOf(before.lines)).toEqual([
    "corp: sign-in needed",
    "Sign in to corp",
    "separator",
    "corp · not signed in yet",
    "separator",
    "Do not ask",
    "separator",
    "Open Evercred",
    "Settings…",
    "Quit",
  ]);
  expect(before.status).toBe("Active");

  await desktop.choose("Sign in to corp");
  const after = await showing(/^All signed in/);
  expect(labelsOf(after.lines)).not.toContain("Sign in to corp");
  expect(after.icon.pixels).not.toBe(before.icon.pixels);

  await desktop.choose("Copy command for p");
  await soon(async () =>
    expect(await running.evaluate(({ clipboard }) => clipboard.readText())).toBe(
      "evercred aws export --profile p",
    ),
  );
  await desktop.choose("Open console of p");
  await soon(async () => expect((await house.pages()).at(-1)).toMatch(/^file:\/\/\/.*\.html$/));
  await desktop.choose("For an hour");
  await showing(/^All signed in.* · not asking until \d\d?:\d\d( [AP]M)?$/);
  await desktop.choose("Ask again now");
  await showing(/^All signed in((?!not asking).)*$/);

  const opened = running.waitForEvent("window");
  await desktop.activate();
  await seen(await opened, /^You are signed in/);

  const exit = once(running.process(), "exit");
  await desktop.choose("Quit");
  expect(await exit).toEqual([0, null]);
  app = undefined;
  expect(existsSync(join(house.runtime, "evercred", "stopped"))).toBe(true);
  expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 4 });
});

test("an open sign-in has an icon of its own", async () => {
  await move({ person: "nothing" });
  const running = await launch("--at-login");
  const before = await showing("corp: sign-in needed");
  await desktop.choose("Sign in to corp");
  const during = await showing("corp: waiting for you to sign in");
  expect(during.icon.pixels).not.toBe(before.icon.pixels);
  await desktop.choose("Cancel the sign-in");
  expect((await showing("corp: sign-in needed")).icon).toEqual(before.icon);
  // The first run is over: at login the tray is enough.
  expect(await windowCount(running)).toBe(0);
});

test("a tray that comes late, or comes back, is given the icon and a menu that works", async () => {
  await move();
  await desktop.leaveTray();
  const running = await launch();
  await seen(await running.firstWindow(), /corp/);
  await desktop.returnTray();
  const first = await showing("corp: sign-in needed");
  await desktop.leaveTray();
  await desktop.returnTray();
  expect(await showing("corp: sign-in needed")).toEqual(first);
  await desktop.choose("Settings…");
  await seen(await running.firstWindow(), "Settings");
});

test("`evercred window` opens the window on the page that is named", async () => {
  await move();
  const running = await launch("--background");
  await listening();
  expect(await windowCount(running)).toBe(0);
  const opened = running.waitForEvent("window");
  expect(await house.evercred("window", "settings")).toMatchObject({ code: 0, stderr: "" });
  const page = await opened;
  await seen(page, "Settings");
  expect(await house.evercred("window", "help")).toMatchObject({ code: 0 });
  await seen(page, "Help");
  expect(await windowCount(running)).toBe(1);
});

test("at login the window opens as long as the first run is not finished", async () => {
  await move({ firstRun: true });
  await (await launch("--at-login")).firstWindow();
});
