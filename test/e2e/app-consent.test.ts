import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { button, complaints, launchIn, seen, sheet, soon, wear } from "./app.ts";
import { type Desktop, openDesktop } from "./desktop.ts";
import { type House, openHouse, type Running } from "./house.ts";
import { programsIn } from "./programs.ts";

/** Where pictures of the sheet are put, if anywhere. */
const pictures = process.env["TEST_PICTURES"];

let house: House;
let app: ElectronApplication;
let desktop: Desktop | undefined;

afterEach(async () => {
  await app.close();
  await house.close();
  await desktop?.close();
  desktop = undefined;
});

/** Somebody who is signed in and wants to be asked. */
const launch = async (...args: readonly string[]): Promise<void> => {
  house = await openHouse();
  desktop = await openDesktop(house.env);
  await house.config({ consent: "ask" });
  app = await launchIn(house, ...args);
  expect(await house.evercred("login")).toMatchObject({ code: 0 });
};

/** `evercred` with these words, run by a program. */
const asks = (program: string, ...words: readonly string[]): Running =>
  house.start(program, [house.shim, ...words]);

const exports = (program: string): Running => asks(program, "aws", "export");

/** From now on, watches for the sheet. Resolves to what tells how its buttons came up: disabled or not. */
const watched = async (page: Page): Promise<() => Promise<readonly boolean[]>> => {
  const coming = await page.evaluateHandle(() => {
    const disabled = new Promise<readonly boolean[]>((resolve) => {
      const observer = new MutationObserver(() => {
        const buttons = [...document.querySelectorAll<HTMLButtonElement>("dialog[open] button")];
        if (buttons.length === 0) return;
        observer.disconnect();
        resolve(buttons.map((button) => button.disabled));
      });
      observer.observe(document.body, { attributes: true, childList: true, subtree: true });
    });
    return { disabled };
  });
  return () => coming.evaluate(({ disabled }) => disabled);
};

/** The button with the focus. */
const focused = (page: Page): Promise<string | null | undefined> =>
  page.evaluate(() => document.activeElement?.textContent);

const answered = async (page: Page, label: string): Promise<void> => {
  await sheet(page).getByRole("button", { name: label, exact: true }).click();
  await sheet(page).waitFor({ state: "detached" });
};

/** Looks at what the page shows, in both colours: it has no accessibility fault. */
const looked = async (page: Page, name: string): Promise<void> => {
  for (const theme of ["light", "dark"] as const) {
    await wear(app, page, theme);
    if (pictures !== undefined) {
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
    }
    expect(await complaints(page)).toEqual([]);
  }
};

test("each program is asked about once, is told from a copy of it, and gets what a person says", async () => {
  await launch();
  const [claude = "", copy = "", other = ""] = await programsIn(house, "claude", "copy", "other");
  const page = await app.firstWindow();
  await seen(page, "You are signed in");
  await sheet(page).waitFor({ state: "detached" });

  // The program is started only once somebody is looking.
  const cameUp = await watched(page);
  const first = exports(claude);
  // What somebody was typing when it came up is no answer.
  expect(await cameUp()).toEqual([true, true, true, true, true]);
  await sheet(page).getByText("Allow claude to have aws:p?").waitFor();
  await sheet(page).getByText(claude).waitFor();
  await soon(async () => expect(await focused(page)).toBe("Not now"));
  await seen(page, "claude wants aws:p");
  await looked(page, "question");
  await answered(page, "Allow once");
  expect(await first.outcome).toMatchObject({ code: 0, stderr: "" });

  const second = exports(claude);
  await answered(page, "Always allow");
  expect(await second.outcome).toMatchObject({ code: 0 });
  expect(await exports(claude).outcome).toMatchObject({ code: 0 });

  const third = exports(copy);
  await sheet(page).getByText("Allow copy to have aws:p?").waitFor();
  await soon(async () => expect(await focused(page)).toBe("Not now"));
  await page.keyboard.press("Escape");
  await sheet(page).waitFor({ state: "detached" });
  expect(await third.outcome).toMatchObject({
    code: 5,
    stdout: "",
    stderr: expect.stringContaining("You did not let copy have aws:p.") as string,
  });
  // It is not asked about again at once.
  expect(await exports(copy).outcome).toMatchObject({ code: 5 });
  expect(await sheet(page).count()).toBe(0);

  const fourth = exports(other);
  await answered(page, "Never allow");
  expect((await fourth.outcome).code).toBe(5);
  expect(await exports(other).outcome).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("You never let other have aws:p.") as string,
  });
  const { stdout } = await house.evercred("consent", "list");
  expect(stdout).toContain(`claude  aws:p  always allowed  ${claude}`);
  expect(stdout).toContain(`other   aws:p  never allowed   ${other}`);
  expect(await house.evercred("consent", "forget", "other")).toMatchObject({ code: 0 });
  const fifth = exports(other);
  await answered(page, "Allow for today");
  expect((await fifth.outcome).code).toBe(0);

  await button(page, "Activity").click();
  await page.getByText("claude was given aws:p").first().waitFor();
  await page.getByText("copy wanted aws:p: you said not now").first().waitFor();
  await looked(page, "activity");
  const record = await house.evercred("audit", "--json");
  const consents = record.stdout.split("\n").filter((line) => line.includes('"consent"'));
  expect(consents.map((line) => (JSON.parse(line) as { answer: string }).answer)).toEqual([
    "once",
    "always",
    "not now",
    "never",
    "today",
  ]);
});

test("a flood of programs is one notification and five questions, which the tray answers", async () => {
  await launch("--background");
  const names = Array.from({ length: 12 }, (_, index) => `copy-${String(index)}`);
  const [first = "", ...copies] = await programsIn(house, "first", ...names);
  const waiting = exports(first);
  await soon(() => expect(desktop!.shown).toHaveLength(1));
  expect(desktop!.shown[0]).toMatchObject({ app: "Evercred", title: "first wants aws:p" });
  let refused = 0;
  for (const copy of copies) {
    void exports(copy).outcome.then(({ code }) => {
      if (code === 5) refused += 1;
    });
  }
  // Whoever is asked about waits; all the others are refused at once.
  await soon(() => expect(refused).toBe(8));
  const asked = (await desktop!.read()).lines.filter(({ label }) =>
    /^\S+ wants aws:p$/.test(label),
  );
  expect(asked).toHaveLength(5);
  expect(desktop!.shown).toHaveLength(1);
  await desktop!.clickNotification(1);
  await sheet(await app.firstWindow())
    .getByText("Allow first to have aws:p?")
    .waitFor();
  await desktop!.choose("Allow once");
  expect(await waiting.outcome).toMatchObject({ code: 0 });
  expect(refused).toBe(8);
});

test("what fetches keys at a door is asked about by itself", async () => {
  await launch();
  const [claude = ""] = await programsIn(house, "claude");
  const page = await app.firstWindow();
  await seen(page, "You are signed in");
  await sheet(page).waitFor({ state: "detached" });
  const fetch = `/usr/bin/curl -s -o /dev/null -w '%{http_code}' -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"`;
  const running = asks(claude, "exec", "--server", "--", "/bin/sh", "-c", `${fetch}; exit 0`);
  await sheet(page).getByText("Allow claude to have aws:p?").waitFor();
  await answered(page, "Always allow");
  expect(await running.outcome).toMatchObject({ code: 0, stdout: "503" });
  await sheet(page).getByText("Allow curl to have aws:p?").waitFor();
  await answered(page, "Always allow");
  const again = asks(claude, "exec", "--server", "--", "/bin/sh", "-c", `${fetch}; exit 0`);
  expect(await again.outcome).toMatchObject({ code: 0, stdout: "200" });
});
