import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { pictureWith } from "../screens/pictures.ts";
import { openStage } from "../screens/stage.ts";
import { offer, minute, signedOut, source } from "../shell/views.ts";
import { button, choose, launchIn, seen, sheet } from "./app.ts";
import { type House, openHouse } from "./house.ts";

let house: House;
let app: ElectronApplication | undefined;

afterEach(async () => {
  await app?.close();
  await house.close();
});

const launch = async (): Promise<Page> => {
  app = await launchIn(house);
  return app.firstWindow();
};

const bounds = (): Promise<{ x: number; y: number; width: number; height: number }> =>
  app!.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds());

test("all of Home is reached and done by keys: the sign-in, the menu, its details, the pages", async () => {
  house = await openHouse();
  const page = await launch();
  await seen(page, "corp needs you");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Sign in to corp");
  await page.keyboard.press("Enter");
  await seen(page, "You are signed in");
  await sheet(page).waitFor({ state: "detached" });

  const more = button(page, "Actions for corp");
  await more.focus();
  await page.keyboard.press("Enter");
  const focused = (): Promise<string | null | undefined> =>
    page.evaluate(() => document.activeElement?.textContent);
  await eventually(async () => expect(await focused()).toBe("Sign in again"));
  await page.keyboard.press("ArrowUp");
  expect(await focused()).toBe("Details");
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "hidden" });
  expect(await more.evaluate((element) => element === document.activeElement)).toBe(true);

  await page.keyboard.press("Enter");
  await eventually(async () => expect(await focused()).toBe("Sign in again"));
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await sheet(page).getByText("evercred login corp").waitFor();
  await sheet(page).getByRole("button", { name: "Copy command for p" }).press("Enter");
  await page.getByRole("status").filter({ hasText: "on the clipboard" }).waitFor();
  expect(await app!.evaluate(({ clipboard }) => clipboard.readText())).toBe(
    "evercred aws export --profile p",
  );
  await page.keyboard.press("Escape");
  await sheet(page).waitFor({ state: "detached" });

  const asked = await app!.evaluateHandle(({ dialog }) => {
    const commands: (string | undefined)[] = [];
    const say = (_window: unknown, { detail }: { readonly detail?: string }) => {
      commands.push(detail);
      return Promise.resolve({ response: 0, checkboxChecked: false });
    };
    Object.assign(dialog, { showMessageBox: say });
    return commands;
  });
  await choose(page, "corp", "Browser…");
  const command = sheet(page).getByLabel("Command that opens its sign-in pages");
  await command.waitFor();
  expect(await command.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.insertText("firefox");
  const save = sheet(page).getByRole("button", { name: "Save" });
  await save.press("Enter");
  await sheet(page).getByRole("alert").filter({ hasText: "{url}" }).waitFor();
  await command.fill("firefox\n-P\nwork\n{url}");
  await save.press("Enter");
  await sheet(page).waitFor({ state: "detached" });
  expect(await house.evercred("config", "get", "sources.corp.browser")).toMatchObject({
    code: 0,
    stdout: '["firefox","-P","work","{url}"]\n',
  });
  expect(await asked.jsonValue()).toContain("firefox -P work {url}");
  // What was found by itself is the same place as before.
  await seen(page, "You are signed in");

  for (const name of ["Activity", "Settings", "Help"]) {
    await button(page, name).press("Enter");
    await seen(page, name);
    expect(await button(page, name).getAttribute("aria-current")).toBe("page");
  }
});

test("what is needed while the window is open is at hand with Enter, unless its reader is at something else", async () => {
  house = await openHouse({ awsConfig: "" });
  app = await launchIn(house);
  const stage = await openStage(app);
  const { page } = stage;
  const signedIn = pictureWith([source("corp")]);
  const needed = pictureWith([source("corp", { standing: signedOut("ended") })]);
  await stage.show({ name: "", picture: signedIn });
  await stage.push(needed);
  const signIn = button(page, "Sign in to corp");
  await signIn.waitFor();
  expect(await signIn.evaluate((element) => element === document.activeElement)).toBe(true);

  await stage.push(signedIn);
  await signIn.waitFor({ state: "detached" });
  const more = button(page, "Actions for corp");
  await more.focus();
  await stage.push(needed);
  await signIn.waitFor();
  expect(await more.evaluate((element) => element === document.activeElement)).toBe(true);

  await stage.push(signedIn);
  await signIn.waitFor({ state: "detached" });
  await more.blur();
  await stage.push(needed);
  await signIn.waitFor();
  expect(await signIn.evaluate((element) => element === document.activeElement)).toBe(true);
});

test("a window comes back where it was, in the size and the zoom that it had", async () => {
  house = await openHouse();
  let page = await launch();
  await seen(page, /corp/);
  await app!.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 120, y: 80, width: 620, height: 700 }),
  );
  // Keys that Playwright presses go past the window itself.
  const zoomIn = (): Promise<void> =>
    app!.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.sendInputEvent({
        type: "keyDown",
        keyCode: "=",
        modifiers: ["control"],
      });
    });
  await zoomIn();
  await eventually(async () =>
    expect(await page.evaluate(() => devicePixelRatio)).toBeCloseTo(1.1),
  );
  const file = join(house.state, "window.json");
  await eventually(async () => {
    const kept: unknown = JSON.parse(await readFile(file, "utf8"));
    expect(kept).toMatchObject({ zoom: "1.1", place: expect.stringContaining('"x":120') });
  });
  const before = await bounds();
  await app!.close();
  page = await launch();
  await seen(page, /corp/);
  expect(await bounds()).toEqual(before);
  expect(before).toMatchObject({ x: 120, y: 80, width: 620, height: 700 });
  expect(await page.evaluate(() => devicePixelRatio)).toBeCloseTo(1.1);
});

test("with 200 sources Home opens nearly as fast as an empty one, and shows them all", async () => {
  house = await openHouse({ awsConfig: "" });
  app = await launchIn(house);
  const stage = await openStage(app);
  const sources = Array.from({ length: 200 }, (_, index) =>
    source(`source-${String(index)}`, { offers: [offer("a", minute), offer("b", 2 * minute)] }),
  );
  const openedMs = async (count: number): Promise<number> => {
    await stage.show({ name: "", picture: pictureWith(sources.slice(0, count)) });
    const painted = await stage.page.waitForFunction(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    );
    return (await painted.jsonValue()) ?? Infinity;
  };
  const best = async (count: number): Promise<number> =>
    Math.min(await openedMs(count), await openedMs(count), await openedMs(count));
  const empty = await best(0);
  const full = await best(200);
  // On a busy machine the empty one takes longer, too.
  expect(full - empty).toBeLessThan(Math.max(300, empty));
  await stage.page.getByText("source-199", { exact: true }).waitFor();
}, 180_000);
