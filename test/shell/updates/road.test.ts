import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { roadOf } from "../../../electron/shell/updates/road.ts";

/** A program in a folder of its own, and what electron-builder puts beside it into each kind of package. */
const installed = (...parts: readonly string[]): { root: string; execPath: string } => {
  const root = mkdtempSync(join(tmpdir(), "evercred-road-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const execPath = join(root, ...parts);
  const resources = join(dirname(execPath), "resources");
  mkdirSync(resources, { recursive: true });
  writeFileSync(execPath, "");
  writeFileSync(join(resources, "app-update.yml"), "provider: generic\n");
  return { root, execPath };
};

test.each([
  ["on its own", {}],
  [
    "from the terminal of an AppImage",
    { APPIMAGE: "/home/ann/Editor.AppImage", APPDIR: "/tmp/.mount_EditorX1" },
  ],
  ["with half of an AppImage's variables", { APPIMAGE: "/home/ann/Editor.AppImage" }],
])("a deb or an rpm has no way to update itself, whatever is packed with it: %s", (_, env) => {
  const { execPath } = installed("opt", "Evercred", "evercred-app");
  expect(existsSync(join(dirname(execPath), "resources", "app-update.yml"))).toBe(true);
  expect(roadOf({ platform: "linux", execPath, env })).toBeUndefined();
});

test("an AppImage is replaced where its user may replace it", () => {
  const { root, execPath } = installed("mount", "evercred-app");
  const image = join(root, "Evercred.AppImage");
  const running = { platform: "linux", execPath } as const;
  const env = { APPIMAGE: image, APPDIR: dirname(execPath) };
  expect(roadOf({ ...running, env })).toEqual({ kind: "appimage", program: image });
  const elsewhere = { ...env, APPIMAGE: join(root, "gone", "Evercred.AppImage") };
  expect(roadOf({ ...running, env: elsewhere })).toBeUndefined();
});

test("on Windows it is what the installer has put into its user's own folder", () => {
  const { root, execPath } = installed("Local", "Programs", "Evercred", "Evercred.exe");
  const road = (LOCALAPPDATA = join(root, "Local")) =>
    roadOf({ platform: "win32", execPath, env: { LOCALAPPDATA } });
  // An MSI.
  expect(road()).toBeUndefined();
  writeFileSync(join(dirname(execPath), "Uninstall Evercred.exe"), "");
  expect(road()).toEqual({ kind: "nsis", program: execPath });
  expect(road(join(root, "LOCAL"))).toEqual({ kind: "nsis", program: execPath });
  // For all users.
  expect(road(join(root, "Loc"))).toBeUndefined();
  expect(road("")).toBeUndefined();
});

test("on macOS it is an app in a folder that its user may write", () => {
  const { root, execPath } = installed("Evercred.app", "Contents", "MacOS", "Evercred");
  const running = { platform: "darwin", execPath, env: {} } as const;
  const program = join(root, "Evercred.app");
  expect(roadOf(running)).toEqual({ kind: "mac", program });
  const checkout = installed("electron", "Electron.app", "Contents", "MacOS", "Electron");
  expect(roadOf({ ...running, execPath: checkout.execPath })).toBeUndefined();
});
