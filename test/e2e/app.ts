import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { _electron, type ElectronApplication, type Locator, type Page } from "playwright-core";
import { vi } from "vitest";
import { electronPath } from "../../scripts/electron-dist.mjs";
import type { House } from "./house.ts";

/** The folder of the project, which Electron runs. */
export const project = join(import.meta.dirname, "..", "..");

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** The words behind Electron's name; `folder` is that of the app. */
const appArgsIn = (folder: string, ...args: readonly string[]): string[] => [
  "--no-sandbox",
  "--disable-gpu",
  folder,
  ...args,
];

export const appArgs = (...args: readonly string[]): string[] => appArgsIn(project, ...args);

/** The environment of the app in a house. */
export const appEnv = (house: House): Record<string, string> => ({
  ...house.env,
  DISPLAY: process.env["DISPLAY"] ?? "",
  XAUTHORITY: process.env["XAUTHORITY"] ?? "",
  NO_AT_BRIDGE: "1",
});

/** Starts the app in a house. */
export const launchIn = (house: House, ...args: readonly string[]): Promise<ElectronApplication> =>
  launchFrom(project, house, ...args);

/** As `launchIn`, from another folder than the project's. */
export const launchFrom = async (
  folder: string,
  house: House,
  ...args: readonly string[]
): Promise<ElectronApplication> =>
  _electron.launch({
    executablePath: await electronPath(),
    args: appArgsIn(folder, ...args),
    env: appEnv(house),
    // Else Playwright forces the light colours, and the theme has no effect.
    colorScheme: null,
  });

export const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole("button", { name });
export const headline = (page: Page): Locator => page.getByRole("heading", { level: 1 });
export const sheet = (page: Page): Locator => page.getByRole("dialog");

/** Chooses something in the menu of a source, once no sheet is in the way. */
export const choose = async (page: Page, title: string, what: string): Promise<void> => {
  await sheet(page).waitFor({ state: "detached" });
  await button(page, `Actions for ${title}`).click();
  await page.getByRole("menuitem", { name: what }).click();
};

/** Resolves once the headline says it. */
export const seen = async (page: Page, what: string | RegExp): Promise<void> => {
  await headline(page).filter({ hasText: what }).waitFor();
};

/** Has the app wear light or dark colours; resolves once the page does. */
export const wear = async (
  running: ElectronApplication,
  page: Page,
  theme: "light" | "dark",
): Promise<void> => {
  await running.evaluate(({ nativeTheme }, wanted) => {
    nativeTheme.themeSource = wanted;
  }, theme);
  await page.waitForFunction(
    (dark) => matchMedia("(prefers-color-scheme: dark)").matches === dark,
    theme === "dark",
  );
};

/** The accessibility faults of what the page shows, by their names. */
export const complaints = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(of: Document): Promise<{ violations: readonly { id: string }[] }> };
    };
    return (await axe.run(document)).violations.map(({ id }) => id);
  });
};

/** What `look` gives as soon as it does not throw. */
export const soon = <T>(look: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(look, { timeout: 10_000 });
