import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../eventually.ts";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  type AutostartPlaces,
  countingEntry,
  findEntries,
  setAutostart,
} from "../../electron/platform/autostart.ts";
import type { NewEntry } from "../../electron/platform/desktop-entry.ts";
import { inspectAutostart } from "../../electron/platform/inspect-machine.ts";

const run = promisify(execFile);
let root: string;
let places: AutostartPlaces;

const own = ".config/autostart/dev.evercred.app.desktop";
const comments = { en: "Keeps you signed in", de: "Hält Sie angemeldet" };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "evercred-autostart-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  places = { home: root, env: { XDG_CONFIG_DIRS: join(root, "xdg") } };
});

const put = async (name: string, text: string, mode = 0o644): Promise<string> => {
  const file = join(root, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
};

const entryOf = (...lines: readonly string[]): string =>
  ["[Desktop Entry]", ...lines, ""].join("\n");

const textOf = (name: string): Promise<string> => readFile(join(root, name), "utf8");

const starting = (...command: readonly [string, ...string[]]): NewEntry => ({
  command: [...command, "--at-login"],
  environment: {},
  comments,
});

const entry = starting("/opt/Evercred/evercred");

const set = (isWanted: boolean, what = entry): void => setAutostart(isWanted, what, places);

/** Whether the desktop would start it. */
const isOn = (): boolean => countingEntry(findEntries(places))?.isEnabled ?? false;

const entriesOfUser = (): Promise<readonly string[]> =>
  readdir(join(root, ".config", "autostart")).catch(() => []);

describe("the entry", () => {
  test("is one by the specification, and is written once", async () => {
    set(true);
    expect(await textOf(own)).toBe(
      entryOf(
        "Type=Application",
        "Name=Evercred",
        "Comment=Keeps you signed in",
        "Comment[de]=Hält Sie angemeldet",
        "TryExec=/opt/Evercred/evercred",
        "Exec=/opt/Evercred/evercred --at-login",
        "Terminal=false",
        "StartupNotify=false",
        "X-Evercred-Written=true",
      ),
    );
    const { ino } = await stat(join(root, own));
    set(true);
    expect((await stat(join(root, own))).ino).toBe(ino);
  });

  test("starts what it names, whatever is in the name, with what it needs of the environment", async () => {
    const name = `the "app" of 100% $HOME \`id\` \\ é`;
    const said = join(root, "said");
    const script = `#!/bin/sh\nprintf '%s|' "$EVERCRED_HOME" "$@" > '${said}.part'\nmv '${said}.part' '${said}'\n`;
    const program = await put(name, script, 0o755);
    const what = starting(program, "/a folder/dist", "%U");
    set(true, { ...what, environment: { EVERCRED_HOME: "/a home" } });
    await run("desktop-file-validate", [join(root, own)]);
    await run("gio", ["launch", join(root, own)]);
    expect(await eventually(() => textOf("said"))).toBe("/a home|/a folder/dist|%U|--at-login|");
    expect((await inspectAutostart({ platform: "linux", ...places })).entry).toMatchObject({
      isEnabled: true,
      program: { path: program, isExecutable: true },
    });
  });

  test("that cannot name the program is not written, and the reason is said", async () => {
    expect(() => set(true, starting("/opt/a\nb"))).toThrow(
      expect.objectContaining({ code: "config-invalid" }),
    );
    expect(await entriesOfUser()).toEqual([]);
  });

  test("follows a program that has moved", async () => {
    set(true);
    set(true, starting("/home/ann/Evercred.AppImage"));
    expect(await textOf(own)).toContain("Exec=/home/ann/Evercred.AppImage --at-login\n");
  });

  test("goes when it is not wanted", async () => {
    set(true);
    set(false);
    expect(await entriesOfUser()).toEqual([]);
    set(false);
    expect(await entriesOfUser()).toEqual([]);
  });

  test("is where XDG_CONFIG_HOME says", async () => {
    places = { ...places, env: { ...places.env, XDG_CONFIG_HOME: join(root, "other") } };
    set(true);
    expect(await textOf("other/autostart/dev.evercred.app.desktop")).toContain("Exec=");
  });
});

describe("an entry that the system has", () => {
  const systems = "xdg/autostart/evercred.desktop";

  test("does it already", async () => {
    await put(systems, entryOf("Exec=/usr/bin/evercred-app"));
    set(true);
    expect(await entriesOfUser()).toEqual([]);
    expect((await inspectAutostart({ platform: "linux", ...places })).entry).toMatchObject({
      file: join(root, systems),
      isEnabled: true,
    });
  });

  test("is put out of force by one of the user's, and back", async () => {
    const text = entryOf("Exec=/usr/bin/evercred-app");
    await put(systems, text);
    set(false);
    expect(isOn()).toBe(false);
    await run("desktop-file-validate", [join(root, ".config/autostart/evercred.desktop")]);
    expect(await textOf(systems)).toBe(text);
    set(true);
    expect(isOn()).toBe(true);
    expect(await entriesOfUser()).toEqual([]);
  });

  test("takes the place of ours, and ours its place when it goes", async () => {
    set(true);
    await put(systems, entryOf("Exec=/usr/bin/evercred-app"));
    set(true);
    expect(await entriesOfUser()).toEqual([]);
    set(false);
    await rm(join(root, systems));
    set(true);
    expect(await entriesOfUser()).toEqual(["dev.evercred.app.desktop"]);
    expect(isOn()).toBe(true);
  });

  test("that is off itself keeps nobody from starting it", async () => {
    await put(systems, entryOf("Exec=/usr/bin/evercred-app", "Hidden=true"));
    set(true);
    expect(isOn()).toBe(true);
  });
});

describe("an entry that somebody has written", () => {
  const theirs = ".config/autostart/my-evercred.desktop";
  const text = [
    "# mine",
    "[Desktop Entry]",
    "Type=Application",
    "Name=Mine",
    "Exec=nice /opt/Evercred/evercred",
    "Actions=x;",
    "",
    "[Desktop Action x]",
    "Name=X",
    "Exec=true",
    "",
  ].join("\n");

  test("is switched off and on, and stays as it is else", async () => {
    await put(theirs, text);
    set(true);
    expect(await textOf(theirs)).toBe(text);
    set(false);
    expect(isOn()).toBe(false);
    expect(await textOf(theirs)).toBe(
      text.replace("[Desktop Entry]\n", "[Desktop Entry]\nHidden=true\n"),
    );
    set(true);
    expect(await textOf(theirs)).toBe(text);
    expect(await entriesOfUser()).toEqual(["my-evercred.desktop"]);
  });

  test("that a desktop's own tool has switched off is switched on", async () => {
    await put(theirs, entryOf("Exec=/opt/e", "X-GNOME-Autostart-enabled=false"));
    expect(isOn()).toBe(false);
    set(true);
    expect(await textOf(theirs)).toBe(entryOf("Exec=/opt/e"));
  });

  test("in the place of the system's own is switched, and not replaced", async () => {
    await put("xdg/autostart/my-evercred.desktop", entryOf("Exec=/usr/bin/evercred-app"));
    await put(theirs, text);
    set(false);
    expect(isOn()).toBe(false);
    expect(await textOf(theirs)).toContain("Name=Mine");
  });

  test("beside the system's: both are off", async () => {
    await put("xdg/autostart/evercred.desktop", entryOf("Exec=/usr/bin/evercred-app"));
    await put(theirs, text);
    set(false);
    expect(isOn()).toBe(false);
    expect(await textOf(".config/autostart/evercred.desktop")).toContain("Hidden=true");
  });
});

test("a folder that takes nothing is named, with what helps", async () => {
  await put(".config/autostart", "a file");
  expect(() => set(true)).toThrow(
    expect.objectContaining({
      code: "config-invalid",
      message: expect.stringContaining(join(root, ".config", "autostart")) as string,
    }),
  );
});
