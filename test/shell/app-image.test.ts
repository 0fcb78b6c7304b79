import { expect, test } from "vitest";
import { ownImage } from "../../electron/shell/app-image.ts";

const editor = { APPIMAGE: "/home/ann/Editor.AppImage", APPDIR: "/tmp/.mount_EditorX1" };
const ours = { APPIMAGE: "/home/ann/Evercred.AppImage", APPDIR: "/tmp/.mount_EvercrX2" };

test("what runs from an AppImage is started anew by that", () => {
  const execPath = `${ours.APPDIR}/evercred-app`;
  expect(ownImage({ env: ours, execPath })).toBe(ours.APPIMAGE);
});

test.each(["/usr/lib/evercred-app/evercred-app", "/tmp/.mount_EditorX11/evercred-app"])(
  "an AppImage from whose terminal it was started is another program: %s",
  (execPath) => {
    expect(ownImage({ env: editor, execPath })).toBeUndefined();
  },
);

test("without one there is none, nor where its folder has no name", () => {
  const env = { ...editor, APPDIR: "" };
  expect(ownImage({ env, execPath: "/usr/bin/evercred-app" })).toBeUndefined();
  expect(ownImage({ env: {}, execPath: "/usr/bin/evercred-app" })).toBeUndefined();
});
