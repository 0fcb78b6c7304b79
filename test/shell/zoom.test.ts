import { expect, test } from "vitest";
import { rememberedZoom, zoomAfter } from "../../electron/shell/zoom.ts";

const press = (key: string, parts = {}) => ({
  type: "keyDown",
  key,
  control: true,
  meta: false,
  alt: false,
  ...parts,
});

test.each([
  ["+", 1, 1.1],
  ["=", 1.75, 2],
  ["+", 3, 3],
  ["-", 1, 0.9],
  ["_", 2, 1.75],
  ["-", 0.75, 0.75],
  ["0", 2.5, 1],
])("Control and %s turn a size of %d into %d", (key, before, after) => {
  expect(zoomAfter(before, press(key), false)).toBe(after);
});

test.each([
  ["another key", press("a")],
  ["no Control", press("+", { control: false })],
  ["Alt as well: that is a letter on some keyboards", press("-", { alt: true })],
  ["the key's way up", press("+", { type: "keyUp" })],
])("nothing is asked for by %s", (_what, pressed) => {
  expect(zoomAfter(1, pressed, false)).toBeUndefined();
});

test("on a Mac the key is Command", () => {
  expect(zoomAfter(1, press("+"), true)).toBeUndefined();
  expect(zoomAfter(1, press("+", { control: false, meta: true }), true)).toBe(1.1);
});

test.each([
  ["2", 2],
  ["1.1", 1.1],
  [undefined, 1],
  ["7", 1],
  ["x", 1],
])("a remembered size of %s is %d", (text, factor) => {
  expect(rememberedZoom(text)).toBe(factor);
});
