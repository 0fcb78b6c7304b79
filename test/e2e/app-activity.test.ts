import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { button, complaints, launchIn, wear } from "./app.ts";
import { type House, openHouse } from "./house.ts";

let house: House;
let app: ElectronApplication | undefined;

afterEach(async () => {
  await app?.close();
  await house.close();
  app = undefined;
});

const hour = 60 * 60_000;

/** A line of the record so many milliseconds ago. */
const line = (agoMs: number, entry: object): string =>
  `${JSON.stringify({ at: new Date(Date.now() - agoMs).toISOString(), ...entry })}\n`;

/** So many rows are drawn. */
const rows = (page: Page, count: number): Promise<void> =>
  eventually(async () => expect(await page.locator(".records li").count()).toBe(count));

test("the day as a picture, and the record below it: searched, chosen from, followed, taken along", async () => {
  house = await openHouse();
  const served = { event: "served", target: "aws:p", verb: "aws export" };
  const record = [
    line(5 * hour, { event: "session-ended", source: "corp", code: "grant-rejected" }),
    line(4 * hour, { event: "signed-in", source: "corp" }),
    line(3 * hour, { event: "renewal-failed", source: "corp", code: "unreachable" }),
    line(2 * hour, { event: "renewed", source: "corp" }),
    line(hour, { ...served, program: "claude" }),
    line(hour / 2, { ...served, program: "<b>cat</b>" }),
    ...Array.from({ length: 300 }, (_, count) =>
      line(1_000 - count, { ...served, event: "refused", program: "terraform" }),
    ),
  ].join("");
  await writeFile(join(house.state, "audit.jsonl"), record, { mode: 0o600 });
  app = await launchIn(house);
  const page = await app.firstWindow();
  await button(page, "Activity").click();

  const picture = page.getByRole("img", { name: /^Timeline from .*corp: sign-in needed/u });
  await picture.waitFor();
  const shapes = await picture
    .locator(".lane .shape")
    .evaluateAll((found) => found.map((shape) => shape.getAttribute("class")));
  expect(shapes).toEqual(
    ["session-ended", "signed-in", "renewal-failed", "renewed"].map((name) => `shape is-${name}`),
  );
  expect(await page.getByRole("row", { name: /^corp/u }).textContent()).toContain("renewed ");

  await rows(page, 100);
  await page.locator(".records li").last().scrollIntoViewIfNeeded();
  await rows(page, 300);

  const search = page.getByRole("searchbox", { name: "Search" });
  expect(await search.evaluate((field) => field === document.activeElement)).toBe(true);
  await page.keyboard.type("given claude");
  await rows(page, 1);
  expect(await page.locator(".records li").innerText()).toContain("claude was given aws:p");
  await search.fill("nothing of that");
  await page.getByText("Nothing fits.").waitFor();
  await button(page, "Show all").click();
  await page.getByLabel("Program").selectOption("<b>cat</b>");
  await rows(page, 1);

  await page.getByLabel("Program").selectOption("");
  await page.getByLabel("Source").selectOption("corp");
  await search.fill("signed in");
  await rows(page, 1);
  await house.evercred("login");
  await rows(page, 2);

  const file = join(house.home, "activity.csv");
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, file);
  await button(page, "Export…").click();
  await page.getByText(`2 lines written to ${file}`).waitFor();
  const table = (await readFile(file, "utf8")).split("\r\n");
  expect(table[0]).toMatch(/^at,event,/u);
  expect(table.slice(1, -1).map((each) => each.split(",")[1])).toEqual(["signed-in", "signed-in"]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  for (const theme of ["light", "dark"] as const) {
    await wear(app, page, theme);
    expect(await complaints(page)).toEqual([]);
  }
});
