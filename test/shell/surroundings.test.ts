import { expect, test } from "vitest";
import { deskViewOf } from "../../electron/shell/surroundings.ts";

const told = (value: boolean | undefined) => ({ value, subscribe: () => () => undefined });

const seen = (trayHost: boolean | undefined, notifications: boolean | undefined, fails = false) =>
  deskViewOf({ trayHost: told(trayHost), notifications: told(notifications) }, fails, "linux");

test.each([
  [true, "shown"],
  [false, "absent"],
  [undefined, "unknown"],
] as const)("a desktop whose word on tray icons is %s: the icon is %s", (host, tray) => {
  expect(seen(host, true).tray).toBe(tray);
});

test("other systems always show the icon", () => {
  const desktop = { trayHost: told(undefined), notifications: told(undefined) };
  for (const platform of ["darwin", "win32"] as const) {
    expect(deskViewOf(desktop, false, platform)).toEqual({ notifies: true, tray: "shown" });
  }
});

test("notifications reach somebody unless nothing shows them, or one has failed", () => {
  expect([seen(true, true), seen(true, undefined)].map(({ notifies }) => notifies)).toEqual([
    true,
    true,
  ]);
  expect(seen(true, false).notifies).toBe(false);
  expect(seen(true, true, true).notifies).toBe(false);
});
