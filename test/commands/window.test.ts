import { expect, test } from "vitest";
import { placesOf } from "../../electron/commands/completion-places.ts";
import { window } from "../../electron/commands/window.ts";
import { World } from "./world.ts";

test("window brings the window to the front as it is, and says nothing", async () => {
  const world = await World.make();
  expect(await world.run(["window"])).toMatchObject({ exit: 0, stdout: "", stderr: "" });
  expect(world.windows).toEqual(["as it is"]);
});

test.each(["home", "activity", "settings", "help"])(
  "window %s opens it on that page",
  async (page) => {
    const world = await World.make();
    expect(await world.run(["window", page])).toMatchObject({ exit: 0 });
    expect(world.windows).toEqual([page]);
  },
);

test("a page that there is not is named, with those that there are", async () => {
  const world = await World.make();
  expect(await world.run(["window", "setings"])).toMatchObject({
    exit: 2,
    stderr:
      'evercred: The window has no page "setings". There are: home, activity, settings, help\n',
  });
  expect(world.windows).toEqual([]);
});

test("where Evercred runs without a desktop the exit code is 4, and a sentence says why", async () => {
  const world = await World.make({ hasDesktop: false });
  expect(await world.run(["window", "home"])).toMatchObject({
    exit: 4,
    stdout: "",
    stderr:
      "evercred: Evercred runs without a desktop here, and has no window. Stop it with: evercred daemon stop; then open Evercred on the desktop.\n",
  });
});

test("a shell completes its pages", () => {
  const place = placesOf([window]).find(({ at }) => at === "window");
  expect(place?.words.map(([word]) => word)).toEqual(["home", "activity", "settings", "help"]);
});
