import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { button, complaints, headline, launchIn } from "./app.ts";
import { placesOf, put } from "./doctor-home.ts";
import { type House, oneProfile, openHouse, otherProfile } from "./house.ts";

let house: House;
let app: ElectronApplication;

/** Where a button has been since it was there, by whatever came and went around it. */
const positionsOf = async (page: Page, name: string): Promise<() => Promise<readonly number[]>> => {
  const seen = await page.evaluateHandle((text) => {
    const places = new Set<number>();
    const look = (): void => {
      const found = [...document.querySelectorAll("button")].find(
        (each) => each.textContent === text,
      );
      if (found !== undefined) places.add(found.getBoundingClientRect().y + scrollY);
    };
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    return places;
  }, name);
  return () => seen.evaluate((places) => [...places]);
};

afterEach(async () => {
  await app.close();
  await house.close();
});

test("three clicks from the first start, and what breaks later is mended by one", async () => {
  house = await openHouse({
    firstRun: true,
    awsConfig: `${oneProfile}\n${otherProfile}`,
    env: { SHELL: "/bin/bash" },
  });
  const { claude: settings, config } = placesOf(house);
  await put(join(house.home, "bin", "claude"), "#!/bin/sh\n", 0o755);
  await put(join(house.home, ".bash_profile"), 'export PATH="$HOME/bin:$PATH" AWS_PROFILE=other\n');
  app = await launchIn(house);
  const page = await app.firstWindow();
  await headline(page).filter({ hasText: "Welcome to Evercred" }).waitFor();
  await page.getByText("corp (2 profiles)").waitFor();
  // Its terminals know something that the desktop does not.
  await page.getByText("works with the AWS profile other").waitFor();

  await button(page, "Sign in to corp").click();
  const diff = page.getByRole("region", { name: `What changes in ${settings}` });
  await diff.waitFor();
  expect(await complaints(page)).toEqual([]);
  const positions = await positionsOf(page, "Done");
  const shown = (await diff.innerText()).split("\n").filter((line) => line.startsWith("+"));
  await button(page, /^Connect$/).click();
  await page.getByText("Bedrock · us-east-1").waitFor();
  const written = await readFile(settings, "utf8");
  expect(shown.map((line) => line.slice(1).trimEnd())).toEqual(written.trimEnd().split("\n"));
  expect(JSON.parse(written)).toMatchObject({ env: { CLAUDE_CODE_USE_BEDROCK: "1" } });
  await page.getByText("(checked").waitFor();
  await page.getByText("No model is named").waitFor();
  expect(await positions()).toHaveLength(1);
  await button(page, "Done").click();
  await headline(page).filter({ hasText: "You are signed in" }).waitFor();
  expect(JSON.parse(await readFile(config, "utf8"))).toMatchObject({ app: { startAtLogin: true } });
  await page.getByText(/Bedrock · us-east-1 · .*\(checked/).waitFor();

  await button(page, "Disconnect…").click();
  await button(page, "Take it out").click();
  await page.getByText("does not ask Evercred yet").waitFor();
  await expect(readFile(settings)).rejects.toThrow("ENOENT");
  await button(page, "Connect…").click();
  await button(page, "Show what changes").click();
  await button(page, /^Connect$/).click();
  await page.getByText("Bedrock · us-east-1").waitFor();
  expect(await readFile(settings, "utf8")).toBe(written);

  await put(settings, written.replaceAll(/"[^"]*evercred /g, '"/gone/evercred '));
  await button(page, "Help").click();
  const finding = page.getByRole("listitem").filter({ hasText: "/gone/evercred" }).first();
  await finding.getByRole("button", { name: "Mend it" }).click();
  await eventually(async () => {
    expect(await readFile(settings, "utf8")).toBe(written);
  });
  await button(page, "Run again").waitFor();
  expect(await page.getByRole("listitem").filter({ hasText: "/gone/evercred" }).count()).toBe(0);
});
