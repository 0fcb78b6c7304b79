import { expect, test } from "vitest";
import { type Place, placeText, rememberedPlace } from "../../electron/shell/window-place.ts";

const screen = { x: 0, y: 0, width: 1920, height: 1040 };
const beside = { x: 1920, y: 0, width: 1280, height: 1024 };
const place: Place = { x: 2000, y: 100, width: 480, height: 640, isMaximized: false };

test("a window comes back where it was, also on the second screen", () => {
  expect(rememberedPlace(placeText(place), [screen, beside])).toEqual(place);
});

test.each([
  ["its screen is gone", place, [screen]],
  ["its title is above the screen", { ...place, x: 10, y: -40 }, [screen]],
  ["its title is below the screen", { ...place, x: 10, y: 1020 }, [screen]],
  ["only an edge of it is left", { ...place, x: 1900 }, [screen]],
  ["only its right edge is left", { ...place, x: -460 }, [screen]],
])("a window is put where it opens at first where %s", (_why, was, screens) => {
  expect(rememberedPlace(placeText(was), screens)).toBeUndefined();
});

test("half a window on the screen is enough to get hold of it", () => {
  const half = { ...place, x: 1680, y: 900 };
  expect(rememberedPlace(placeText(half), [screen])).toEqual(half);
});

test("a window from a larger screen is as large as this one", () => {
  const large = { ...place, x: 100, y: 0, width: 3000, height: 2000 };
  expect(rememberedPlace(placeText(large), [screen])).toMatchObject({ width: 1920, height: 1040 });
});

test.each([
  undefined,
  "",
  "nonsense",
  "null",
  "[]",
  "{}",
  '{"x":0,"y":0,"width":480,"height":640}',
  '{"x":"0","y":0,"width":480,"height":640,"isMaximized":false}',
  '{"x":0.5,"y":0,"width":480,"height":640,"isMaximized":false}',
])("what is no place is none: %s", (text) => {
  expect(rememberedPlace(text, [screen])).toBeUndefined();
});
