import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { _electron, type ElectronApplication, type Locator, type Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { electronPath } from "../../scripts/electron-dist.mjs";
import type {} from "../../renderer/bridge.ts";
import { appArgs, appEnv, button, complaints, soon } from "./app.ts";
import { type GovernedHouse, openGovernedHouse } from "./governed-house.ts";

let house: GovernedHouse;
let app: ElectronApplication | undefined;

afterEach(async () => {
  await app?.close();
  await house.close();
  app = undefined;
});

const policy = {
  organization: "Example Corp",
  contact: "https://help.example.com/evercred",
  force: { signIn: { before: "30m" } },
};

/** The app on a machine whose administrator has something to say. */
const launch = async (): Promise<Page> => {
  const electron = join(house.home, "electron");
  const words = [...house.under, await electronPath()].map(
    (word) => `'${word.replaceAll("'", `'\\''`)}'`,
  );
  await writeFile(electron, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  await chmod(electron, 0o755);
  app = await _electron.launch({
    executablePath: electron,
    args: appArgs(),
    env: appEnv(house),
    colorScheme: null,
  });
  return app.firstWindow();
};

test("a click changes the file and what is in force, and nothing else; what a policy has set stays", async () => {
  house = await openGovernedHouse(policy);
  const folder = join(house.home, ".config", "evercred");
  const file = join(folder, "config.json");
  const text = (): Promise<string> => readFile(file, "utf8");
  const written = '{\n  // mine\n  "app": {\n    "theme": "light" // by day\n  }\n}\n';
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, written);
  const page = await launch();
  const field = (name: string): Locator => page.getByLabel(name, { exact: true });
  await button(page, "Settings").click();

  const locked = field("Ask before a session ends");
  await page.getByText("Set by Example Corp").waitFor();
  expect(await locked.inputValue()).toBe("30m");
  expect(await locked.isDisabled()).toBe(true);
  const reply = await page.evaluate(() => window.evercred.setSetting("signIn.before", "5m"));
  expect(reply).toMatchObject({
    kind: "failed",
    trouble: { code: "policy-refused", sentence: "Example Corp has set signIn.before." },
  });
  expect(
    await page.evaluate(() => window.evercred.setSetting("sources" as "log", "x")),
  ).toMatchObject({
    kind: "failed",
    trouble: { code: "unknown-name" },
  });

  const reminders = field("Remind me at these times");
  await reminders.fill("every morning");
  await reminders.blur();
  await page.getByRole("alert").filter({ hasText: "must be a schedule" }).waitFor();
  expect(await text()).toBe(written);

  await field("Appearance").selectOption("dark");
  await soon(async () => expect(await text()).toBe(written.replace('"light"', '"dark"')));
  await page.waitForFunction(() => matchMedia("(prefers-color-scheme: dark)").matches);
  expect(await complaints(page)).toEqual([]);
  await button(page, "Use the default: Appearance").click();
  await soon(async () => expect(await text()).not.toContain("theme"));
  expect(await text()).toContain("// mine");

  await field("Start at login").focus();
  await page.keyboard.press("Space");
  const entry = join(house.home, ".config", "autostart", "dev.evercred.app.desktop");
  await soon(async () => expect(await readFile(entry, "utf8")).toContain(" --at-login\n"));
  const doctor = await house.evercred("doctor", "--json", "--check", "autostart");
  expect(JSON.parse(doctor.stdout)).toMatchObject({ findings: [{ id: "autostart.on" }] });

  await field("Language").selectOption("de");
  await page.getByRole("heading", { level: 1, name: "Einstellungen" }).waitFor();

  // Somebody edits the file itself.
  await writeFile(file, (await text()).replace('"startAtLogin": true', '"startAtLogin": false'));
  await soon(() => expect(existsSync(entry)).toBe(false));
});
