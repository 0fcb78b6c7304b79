import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { launchIn } from "./app.ts";
import { openHouse } from "./house.ts";

test("a reset ends the app, and Chromium leaves nothing behind either", async () => {
  const house = await openHouse();
  try {
    const app = await launchIn(house);
    const page = await app.firstWindow();
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(existsSync(`${house.state}/app`)).toBe(true);
    const { pid } = app.process();
    expect(await house.evercred("reset", "--yes")).toMatchObject({ code: 0, stderr: "" });
    await eventually(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
    expect(await readdir(dirname(house.state))).toEqual([]);
    expect(existsSync(`${house.runtime}/evercred`)).toBe(false);
  } finally {
    await house.close();
  }
});
