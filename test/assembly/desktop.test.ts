import { expect, test } from "vitest";
import { isWayland } from "../../electron/assembly/desktop.ts";

test.each([
  [{ XDG_SESSION_TYPE: "wayland" }, true],
  [{ XDG_SESSION_TYPE: "x11", WAYLAND_DISPLAY: "wayland-0" }, false],
  [{ WAYLAND_DISPLAY: "wayland-0" }, true],
  [{ WAYLAND_DISPLAY: "" }, false],
  [{ XDG_SESSION_TYPE: "tty", DISPLAY: ":0" }, false],
  [{}, false],
])("with %o the person's windows are Wayland's: %s", (env, is) => {
  expect(isWayland(env)).toBe(is);
});
