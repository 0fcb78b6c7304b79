import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { builderConfig, packsWindowsShim, testVersion } from "../../scripts/builder-config.mjs";
import { run } from "../../scripts/command.mjs";
import { releaseFuses } from "../../scripts/fuses.mjs";
import { project, temporaryFolder } from "./program.ts";

/** electron-builder's own reading of its configuration; it exports it only so. */
const { getConfig, validateConfiguration } = createRequire(import.meta.url)(
  "app-builder-lib/out/util/config/config.js",
) as {
  getConfig(folder: string, file: null, more: unknown): Promise<Record<string, unknown>>;
  validateConfiguration(config: unknown, log: { isEnabled: boolean }): Promise<void>;
};

type Platform = "linux" | "darwin" | "win32";

const current = { version: "45.4.1", standIn: false, folder: undefined };
const standIn = { version: "25.1.1", standIn: true, folder: "/electron" };

const release = (platform: Platform, more: object = {}) => ({
  version: "1.2.3",
  electron: current,
  release: true,
  quick: false,
  platform,
  env: {},
  ...more,
});

/** What electron-builder goes by. Rejects where it would refuse it. */
const resolved = async (build: ReturnType<typeof release>): Promise<Record<string, unknown>> => {
  const config = await getConfig(project, null, builderConfig(build));
  await validateConfiguration(config, { isEnabled: false });
  return config;
};

const targets = (...names: readonly string[]): unknown =>
  names.map((name) => expect.objectContaining({ target: name }) as unknown);

const everywhere = {
  appId: "dev.evercred.app",
  productName: "Evercred",
  asar: true,
  npmRebuild: false,
  publish: { provider: "generic", url: "https://updates.evercred.invalid/" },
  electronVersion: "45.4.1",
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
};

const client = { from: "dist/package/bin", to: "bin" };

/** What must be in the configuration of a release, by system. */
const table = {
  darwin: {
    forceCodeSigning: true,
    mac: {
      target: ["dmg", "zip", "pkg"].map((target) => ({ target, arch: "universal" })),
      hardenedRuntime: true,
      notarize: true,
      entitlements: "packaging/mac/entitlements.plist",
      entitlementsInherit: "packaging/mac/entitlements.plist",
      extraResources: [client],
    },
    pkg: { allowAnywhere: false, allowCurrentUserHome: false, isRelocatable: false },
  },
  win32: {
    forceCodeSigning: true,
    win: {
      target: targets("nsis", "msi"),
      requestedExecutionLevel: "asInvoker",
      verifyUpdateCodeSignature: true,
      signExts: [".exe", ".dll", ".node"],
      signtoolOptions: { signingHashAlgorithms: ["sha256"] },
      extraFiles: [client],
    },
    nsis: { oneClick: false, perMachine: false, include: "packaging/win/installer.nsh" },
    msi: { perMachine: true, upgradeCode: "3E1B8D0C-5A47-4E0B-9C2D-7B6F1A2D4E58" },
    msiProjectCreated: "packaging/win/msi-project.cjs",
  },
  linux: {
    forceCodeSigning: false,
    linux: {
      target: ["deb", "rpm", "AppImage"],
      executableName: "evercred-app",
      extraResources: [client],
    },
    deb: {
      compression: "xz",
      depends: expect.arrayContaining(["libsecret-1-0", "libgtk-3-0t64 | libgtk-3-0"]) as unknown,
      fpm: expect.arrayContaining([
        "--conflicts=evercred-headless",
        "--replaces=evercred-headless",
      ]) as unknown,
    },
    rpm: { compression: "xzmt" },
  },
};

test.each(["darwin", "win32", "linux"] as const)(
  "a release for %s is configured as it must be, and electron-builder takes it",
  async (platform) => {
    const config = await resolved(release(platform));
    expect(config).toMatchObject(everywhere);
    expect(config).toMatchObject(table[platform]);
  },
);

test("the fuses that are set are those that a release is verified by", () => {
  const named = Object.entries(everywhere.electronFuses).map(([name, state]) => [
    name.replace(/^./u, (first) => first.toUpperCase()),
    state,
  ]);
  expect(Object.fromEntries(named)).toEqual(releaseFuses);
});

test("of the project only what runs is packed, and of keytar what is loaded", async () => {
  const { files } = await resolved(release("linux"));
  expect(files).toEqual([
    {
      filter: [
        ...["main.cjs", "app/**", "compiled/**", "third-party.txt"].map((name) => `dist/${name}`),
        ...["preload.cjs", "renderer/**", "icons/**"].map((name) => `dist/${name}`),
        "package.json",
        "!node_modules/**/*",
        ...["package.json", "lib/**", "build/Release/keytar.node"].map(
          (name) => `node_modules/keytar/${name}`,
        ),
      ],
    },
  ]);
});

test("every file that the configuration names is there", async () => {
  const config = JSON.stringify([
    await resolved(release("win32")),
    await resolved(release("darwin")),
  ]);
  const names = new Set(config.match(/(?<=["=])(?:packaging|electron)\/[\w./-]+(?=["=])/gu));
  expect(names.size).toBeGreaterThanOrEqual(8);
  for (const name of names) expect([name, existsSync(join(project, name))]).toEqual([name, true]);
});

/** All elements of an XML document: their names without a namespace, and their attributes. */
const elementsOf = (file: string): readonly [string, Readonly<Record<string, string>>][] => {
  const code =
    "import json, sys, xml.etree.ElementTree as t; print(json.dumps([[e.tag.split('}')[-1], e.attrib] for e in t.parse(sys.argv[1]).iter()]))";
  const text = execFileSync("/usr/bin/python3", ["-c", code, file], { encoding: "utf8" });
  return JSON.parse(text) as [string, Record<string, string>][];
};

test("the MSI puts the client on PATH, and takes it off with the app", async () => {
  const need = createRequire(import.meta.url);
  const template = join(
    dirname(need.resolve("app-builder-lib/package.json")),
    "templates/msi/template.xml",
  );
  const file = join(temporaryFolder(), "project.wxs");
  const text = readFileSync(template, "utf8")
    .replaceAll(/\{\{[^{]*?\}\}/gu, "")
    .replaceAll("{{ } -}}", "");
  writeFileSync(file, text);
  const before = elementsOf(file);
  const hook = need(join(project, "packaging/win/msi-project.cjs")) as {
    default: (file: string) => Promise<void>;
  };
  await hook.default(file);
  const added = elementsOf(file).slice(before.length - elementsOf(file).length);
  expect(added.map(([name]) => name)).toEqual(["Component", "CreateFolder", "Environment"]);
  expect(added[2]![1]).toMatchObject({
    Name: "PATH",
    Part: "last",
    System: "yes",
    Permanent: "no",
    Value: "[APPLICATIONFOLDER]bin",
  });
  await expect(hook.default(file.replace("project.wxs", "none.wxs"))).rejects.toThrow("ENOENT");
});

test("the scripts of the NSIS installer compile, and warn of nothing", async () => {
  const folder = temporaryFolder();
  // What electron-builder's own scripts have defined where they include ours.
  const around = [
    "Unicode true",
    'Name "Evercred"',
    `OutFile "${folder}/evercred.exe"`,
    'InstallDir "$PROGRAMFILES64\\Evercred"',
    '!include "LogicLib.nsh"',
    "Var installMode",
    "!macro _isUpdated _a _b _t _f",
    "  !insertmacro _== $0 1 `${_t}` `${_f}`",
    "!macroend",
    '!define isUpdated `"" isUpdated ""`',
    `!include "${join(project, "packaging/win/installer.nsh")}"`,
    'Section "install"',
    "  StrCpy $installMode all",
    "  !insertmacro customInstall",
    '  WriteUninstaller "$INSTDIR\\uninstall.exe"',
    "SectionEnd",
    'Section "un.install"',
    "  !insertmacro customUnInstall",
    "SectionEnd",
    "",
  ];
  const script = join(folder, "setup.nsi");
  writeFileSync(script, around.join("\n"));
  expect(await run("makensis", ["-NOCD", "-V2", "-WX", script])).toEqual({
    status: 0,
    stdout: "",
    output: "",
  });
  expect(existsSync(join(folder, "evercred.exe"))).toBe(true);
});

test("Azure signs where its account is named", async () => {
  const env = {
    AZURE_SIGNING_ENDPOINT: "https://weu.codesigning.azure.net",
    AZURE_SIGNING_PROFILE: "release",
    AZURE_SIGNING_ACCOUNT: "evercred",
    EVERCRED_PUBLISHER: "CN=Evercred",
  };
  const { win } = await resolved(release("win32", { env }));
  expect(win).toMatchObject({
    azureSignOptions: {
      publisherName: "CN=Evercred",
      endpoint: "https://weu.codesigning.azure.net",
      certificateProfileName: "release",
      codeSigningAccountName: "evercred",
    },
  });
});

test("no release is made of the stand-in, and a test build says what it is", async () => {
  expect(() => builderConfig(release("linux", { electron: standIn }))).toThrow(
    /A release is not made of the stand-in, Electron 25\.1\.1/u,
  );
  const config = await resolved(release("linux", { electron: standIn, release: false }));
  expect(config).toMatchObject({
    electronDist: "/electron",
    linux: {
      synopsis: "Evercred, a test build with an outdated Electron 25.1.1: not for use",
    },
  });
  expect(config["electronFuses"]).not.toHaveProperty("grantFileProtocolExtraPrivileges");
  expect([testVersion("1.2.3"), testVersion("1.2.3-beta.1")]).toEqual([
    "1.2.3-test",
    "1.2.3-beta.1.test",
  ]);
});

test("a Mac lets the app compile code at run time, and grants nothing else", () => {
  const file = join(project, "packaging/mac/entitlements.plist");
  expect(plist(file)).toEqual({ "com.apple.security.cs.allow-jit": true });
});

test("launchd starts the daemon at login, and again after a crash only", () => {
  expect(plist(join(project, "packaging/mac/dev.evercred.headless.plist"))).toMatchObject({
    Label: "dev.evercred.headless",
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    Umask: 0o077,
  });
});

const plist = (file: string): unknown => {
  const code =
    "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
  return JSON.parse(execFileSync("/usr/bin/python3", ["-c", code, file], { encoding: "utf8" }));
};

test("a release has the client for Windows only where it can be signed", () => {
  const env = { EVERCRED_WINDOWS_CERTIFICATE: "c.pem" };
  expect(packsWindowsShim({ release: true, env: {} })).toBe(false);
  expect(packsWindowsShim({ release: true, env })).toBe(true);
  expect(packsWindowsShim({ release: false, env: {} })).toBe(true);
});

test("a build empties no folder that holds something else, and takes no version that is none", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "thesis.txt"), "a year");
  const dist = (...words: readonly string[]): ReturnType<typeof run> =>
    run(process.execPath, [join(project, "scripts/dist.mjs"), ...words, "nothing"]);
  expect(await dist("--out", folder)).toMatchObject({
    status: 1,
    output: `${folder} holds something else than a release. Name an empty folder with --out.\n`,
  });
  expect(readdirSync(folder)).toEqual(["thesis.txt"]);
  expect(await dist("--version", "1.0", "--out", folder)).toMatchObject({
    status: 1,
    output: "1.0 is no version. Name one as 1.2.3 or 1.2.3-test.\n",
  });
});

test("a release names no placeholder, neither in a package nor where the app looks for updates", async () => {
  const copy = temporaryFolder();
  cpSync(join(project, "scripts"), join(copy, "scripts"), { recursive: true });
  symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
  const files = ["package.json", "electron-builder.yml"] as const;
  for (const name of files) copyFileSync(join(project, name), join(copy, name));
  const words = [
    join(copy, "scripts/dist.mjs"),
    "--release",
    "--out",
    join(copy, "out"),
    "nothing",
  ];
  const placeholders = ["https://evercred.invalid", "https://updates.evercred.invalid"];
  for (const [index, name] of files.entries()) {
    expect(await run(process.execPath, words)).toMatchObject({
      status: 1,
      output: `${name} names ${placeholders[index]}, which is a placeholder. Put your own address there.\n`,
    });
    const text = readFileSync(join(copy, name), "utf8");
    writeFileSync(join(copy, name), text.replaceAll(".invalid", ".example"));
  }
});
