import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { screens } from "../screens/screens.ts";
import { type Difference, differenceOf } from "../screens/difference.ts";
import { openStage, type Stage, stageSwitches, themes } from "../screens/stage.ts";
import { eventually } from "../eventually.ts";
import { complaints, launchIn, project } from "./app.ts";
import { type House, openHouse } from "./house.ts";

/** So much of a picture may look otherwise than the one in the documentation, of 1. */
const tolerance = 0.03;

/** The names of what the browser looks after at each frame, to skip it out of sight: of thousands of rows that is half a core. */
const watched = (elements: readonly Element[]): readonly string[] =>
  elements
    .filter((element) => {
      const { contentVisibility, containIntrinsicWidth } = getComputedStyle(element);
      return contentVisibility !== "visible" || containIntrinsicWidth !== "none";
    })
    .map(({ className, tagName }) => `${tagName} ${className}`);

let house: House;
let app: ElectronApplication;
let stage: Stage;

beforeAll(async () => {
  house = await openHouse({ awsConfig: "" });
  app = await launchIn(house, ...stageSwitches);
  stage = await openStage(app);
});

afterAll(async () => {
  await app.close();
  await house.close();
});

test.each(screens)(
  "the screen $name looks as in the documentation, has no accessibility fault, no sideways scrolling, and nothing that costs at each frame",
  async (screen) => {
    await stage.show(screen);
    for (const theme of themes) {
      await stage.wear(theme);
      const file = join(project, "docs", "screenshots", `${screen.name}-${theme}.png`);
      const known = await readFile(file);
      // What was pushed last may be drawn a frame later.
      await eventually(async () => {
        const difference = await differenceOf(app, await stage.shoot(), known);
        expect(difference).toMatchObject({ sameSize: true } satisfies Partial<Difference>);
        expect(difference.share).toBeLessThan(tolerance);
      });
      expect(await complaints(stage.page)).toEqual([]);
    }
    const overflow = await stage.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(await stage.page.locator("body *").evaluateAll(watched)).toEqual([]);
  },
);
