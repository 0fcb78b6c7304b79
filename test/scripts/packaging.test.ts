import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readEntry } from "../../electron/platform/desktop-entry.ts";
import { builderConfig, packsWindowsShim, testVersion } from "../../scripts/builder-config.mjs";
import { programPath, run } from "../../scripts/command.mjs";
import { releaseFuses } from "../../scripts/fuses.mjs";
import { installed, writeParts } from "../../scripts/package-parts.mjs";
import { programs, project, temporaryFolder } from "./program.ts";

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
        ...["main.cjs", "third-party.txt", "preload.cjs", "renderer/**", "icons/**"].map(
          (name) => `dist/${name}`,
        ),
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

test("a Mac's installer puts the client on PATH, and replaces nothing that is somebody else's", () => {
  const bin = join(temporaryFolder(), "bin");
  const link = join(bin, "evercred");
  const text = readFileSync(join(project, "packaging/mac/pkg-scripts/postinstall"), "utf8");
  const client = "/Applications/Evercred.app/Contents/Resources/bin/evercred";
  const install = (): string => {
    execFileSync("/bin/sh", ["-c", text.replaceAll("/usr/local/bin", bin)]);
    return readlinkSync(link);
  };
  expect(install()).toBe(client);
  const links = [
    ["/Users/ada/Applications/Evercred.app/Contents/Resources/bin/evercred", client],
    ["/nowhere/evercred", client],
    ["/bin/sh", "/bin/sh"],
  ] as const;
  for (const [before, after] of links) {
    rmSync(link);
    symlinkSync(before, link);
    expect([before, install()]).toEqual([before, after]);
  }
  rmSync(link);
  writeFileSync(link, "a tool of that name");
  expect(install).toThrow("EINVAL");
  expect(readFileSync(link, "utf8")).toBe("a tool of that name");
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

const scripts = [
  ...readdirSync(join(project, "packaging/linux"))
    .filter((name) => name.endsWith(".sh"))
    .map((name) => `packaging/linux/${name}`),
  "packaging/mac/pkg-scripts/postinstall",
];

test.each(scripts)(
  "%s is a script for any shell, and no template of electron-builder",
  async (name) => {
    const file = join(project, name);
    expect(await run("sh", ["-n", file])).toMatchObject({ status: 0, output: "" });
    expect(readFileSync(file, "utf8")).not.toMatch(/\$\{(?:executable|sanitizedProductName)\}/u);
    if (programPath("shellcheck") === undefined) return;
    expect(await run("shellcheck", [file])).toMatchObject({ status: 0, output: "" });
  },
);

test.runIf(programPath("systemd-analyze") !== undefined)(
  "systemd takes the unit of the daemon without a desktop",
  async () => {
    const folder = temporaryFolder();
    const unit = readFileSync(join(project, "packaging/linux/evercred.service"), "utf8");
    const file = join(folder, "evercred.service");
    writeFileSync(file, unit.replace("/usr/bin/node", process.execPath));
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    expect(await run("systemd-analyze", ["verify", "--user", file], { env })).toMatchObject({
      status: 0,
      output: "",
    });
  },
);

/** The start at login with the app's program replaced, in a home of its own; whether it starts the app. */
const startsAtLogin = (home: string, env: Readonly<Record<string, string>> = {}): boolean => {
  const script = readFileSync(join(project, "packaging/linux/at-login.sh"), "utf8")
    .replace("/opt/Evercred/evercred-app", "echo")
    .replace("/etc/evercred", join(home, "etc"));
  const { status, stdout } = spawnSync("/bin/sh", ["-c", script], {
    env: { HOME: home, PATH: "/usr/bin:/bin", ...env },
    encoding: "utf8",
  });
  expect(status).toBe(0);
  return stdout === "--at-login\n";
};

test("at login the app starts for those only who have something to sign in to", () => {
  expect(startsAtLogin(temporaryFolder())).toBe(false);
  const places = [
    ".aws/config",
    ".aws/credentials",
    ".config/gcloud/application_default_credentials.json",
    ".config/evercred/config.json",
    "etc/policy.json",
  ];
  for (const place of places) {
    const home = temporaryFolder();
    mkdirSync(dirname(join(home, place)), { recursive: true });
    writeFileSync(join(home, place), "");
    expect([place, startsAtLogin(home)]).toEqual([place, false]);
    writeFileSync(join(home, place), "{}");
    expect([place, startsAtLogin(home)]).toEqual([place, true]);
  }
  const home = temporaryFolder();
  writeFileSync(join(home, "there"), "{}");
  expect(startsAtLogin(home, { AWS_CONFIG_FILE: join(home, "there") })).toBe(true);
});

test("the parts of a package: a client that starts what is installed, and entries that a desktop takes", async () => {
  const parts = join(temporaryFolder(), "parts");
  await writeParts(parts);
  const text = (name: string): string => readFileSync(join(parts, name), "utf8");
  expect(text("bin/evercred.launch")).toBe(`app\t${installed.app}\t--background\n`);
  for (const name of ["evercred.desktop", "autostart.desktop"]) {
    const { output } = await run("desktop-file-validate", [join(parts, name)]);
    expect(output).toBe("");
  }
  expect(readEntry(text("autostart.desktop"))).toMatchObject({
    isEnabled: true,
    program: installed.atLogin,
  });
  expect(readlinkSync(join(parts, "evercred"))).toBe("../../opt/Evercred/resources/bin/evercred");
  const headless = join(parts, "headless");
  expect(text("headless/usr/lib/evercred/bin/evercred.launch")).toBe(
    "headless\t/usr/bin/node\t/usr/lib/evercred/headless.cjs\t--background\n",
  );
  // It is found by its shim, and finds its keychain, without anything of the checkout.
  const words = [join(headless, "usr/lib/evercred/headless.cjs"), "--doctor", "--json"];
  const env = { HOME: temporaryFolder(), PATH: "/usr/bin:/bin" };
  const { stdout } = await run(process.execPath, words, { env });
  const { findings } = JSON.parse(stdout) as { findings: readonly { id: string }[] };
  expect(findings.length).toBeGreaterThan(5);
});

let packages = 0;

/** Makes a package of a small folder, as electron-builder asks for it. */
const packed = async (kind: "deb" | "rpm", out: string, ...more: readonly string[]) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "app"));
  for (const [name, mode] of [
    ["evercred-app", 0o755],
    ["chrome-sandbox", 0o755],
    ["data", 0o600],
  ] as const) {
    writeFileSync(join(folder, "app", name), name);
    // Each time another age.
    utimesSync(join(folder, "app", name), ++packages, packages);
    chmodSync(join(folder, "app", name), mode);
  }
  for (const name of ["first", "second"]) writeFileSync(join(folder, name), name);
  symlinkSync("../../opt/Evercred/evercred-app", join(folder, "link"));
  const words = [
    ...["-s", "dir", "--force", "-t", kind, "-d", "libsecret-1-0", "--architecture", "amd64"],
    ...["--after-install", join(project, "packaging/linux/after-install.sh")],
    ...["--after-remove", join(project, "packaging/linux/after-remove.sh")],
    `--before-remove=${join(project, "packaging/linux/before-remove.sh")}`,
    ...["--description", "one line\n and another", "--version", "1.2.3~test", "--package", out],
    ...["--name", "evercred", "--maintainer", "E <e@e.invalid>", "--license", "Apache-2.0"],
    ...more,
    `${folder}/first=/etc/xdg/autostart/e.desktop`,
    `${folder}/link=/usr/bin/evercred`,
    `${folder}/app/=/opt/Evercred`,
    `${folder}/second=/etc/xdg/autostart/e.desktop`,
  ];
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1700000000" };
  return run(process.execPath, [join(project, "packaging/fpm.mjs"), ...words], { env });
};

test("the same files make the same deb, which root owns and dpkg can take back", async () => {
  const folder = temporaryFolder();
  const files = ["a.deb", "b.deb"].map((name) => join(folder, name)) as [string, string];
  for (const file of files) {
    expect(await packed("deb", file, "--deb-compression", "gz")).toMatchObject({
      status: 0,
      output: "",
    });
  }
  expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true);
  const listing = execFileSync("dpkg-deb", ["--contents", files[0]], { encoding: "utf8" });
  const lines = listing.split("\n").map((line) => line.split(/\s+/u));
  const modes = Object.fromEntries(lines.map(([mode, , , , , path]) => [path, mode]));
  expect(modes).toMatchObject({
    "./opt/Evercred/evercred-app": "-rwxr-xr-x",
    "./opt/Evercred/chrome-sandbox": "-rwsr-xr-x",
    "./opt/Evercred/data": "-rw-r--r--",
    "./usr/bin/evercred": "lrwxrwxrwx",
  });
  expect(new Set(lines.map(([, owner]) => owner).filter(Boolean))).toEqual(new Set(["root/root"]));
  const control = join(folder, "control");
  await run("dpkg-deb", ["--control", files[0], control]);
  expect(readdirSync(control).sort()).toEqual([
    "conffiles",
    "control",
    "md5sums",
    "postinst",
    "postrm",
    "prerm",
  ]);
  expect(readFileSync(join(control, "conffiles"), "utf8")).toBe("/etc/xdg/autostart/e.desktop\n");
  expect(readFileSync(join(control, "control"), "utf8")).toContain(
    "Version: 1.2.3~test\nArchitecture: amd64\n",
  );
  // Of two files for one place the first stands.
  await run("dpkg-deb", ["--extract", files[0], join(folder, "root")]);
  expect(readFileSync(join(folder, "root/etc/xdg/autostart/e.desktop"), "utf8")).toBe("first");
});

test("what the packager does not know it refuses", async () => {
  const out = join(temporaryFolder(), "a.deb");
  const { status, output } = await packed("deb", out, "--deb-after-purge", "x");
  expect([status, existsSync(out)]).toEqual([1, false]);
  expect(output).toContain("--deb-after-purge");
});

test.runIf(programPath("rpmbuild") !== undefined)("the same files make the same rpm", async () => {
  const folder = temporaryFolder();
  const files = ["a.rpm", "b.rpm"].map((name) => join(folder, name)) as [string, string];
  for (const file of files) expect(await packed("rpm", file)).toMatchObject({ status: 0 });
  expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true);
  const query = [
    "-qp",
    "--dbpath",
    folder,
    "--qf",
    "%{VERSION} %{ARCH} %{BUILDTIME} %{BUILDHOST}\n[%{FILEMODES:perms} %{FILENAMES}\n]",
  ];
  const { stdout } = await run("rpm", [...query, files[0]]);
  expect(stdout).toMatch(/^1\.2\.3~test x86_64 1700000000 reproducible$/mu);
  expect(stdout).toContain("-rwsr-xr-x /opt/Evercred/chrome-sandbox\n");
  expect(stdout).toContain("-rwxr-xr-x /opt/Evercred/evercred-app\n");
});

/** Runs a package's script with AppArmor there, its folder and the app's elsewhere. */
const withAppArmor = (root: string, name: string, word: string): string => {
  const text = readFileSync(join(project, "packaging/linux", name), "utf8")
    .replaceAll("/etc/apparmor.d", join(root, "etc"))
    .replaceAll("/opt/Evercred/resources", root)
    .replaceAll("/usr/bin/ischroot", "/nowhere");
  const bin = existsSync(join(root, "bin"))
    ? join(root, "bin")
    : programs(root, {
        apparmor_status: "exit 0",
        apparmor_parser: 'case "$1" in --re*) echo "$1";; esac',
        "update-desktop-database": "exit 0",
      });
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  return execFileSync("/bin/sh", ["-c", text, "sh", word], { env, encoding: "utf8" });
};

test("the profile of AppArmor is kept up to date, until an administrator has edited it", () => {
  const root = temporaryFolder();
  const [source, target] = [join(root, "apparmor-profile"), join(root, "etc/evercred")];
  const install = (profile: string): string => {
    writeFileSync(source, profile);
    return withAppArmor(root, "after-install.sh", "configure");
  };
  const rest = (): string => readFileSync(target, "utf8").replace(/^.*\n/u, "");
  mkdirSync(join(root, "etc/disable"), { recursive: true });
  expect(install("profile one\n")).toBe("--replace\n");
  expect(rest()).toBe("profile one\n");
  install("profile two\n");
  expect(rest()).toBe("profile two\n");
  withAppArmor(root, "after-remove.sh", "upgrade");
  expect(rest()).toBe("profile two\n");
  expect(withAppArmor(root, "after-remove.sh", "remove")).toBe("--remove\n");
  expect(existsSync(target)).toBe(false);

  install("profile two\n");
  writeFileSync(target, readFileSync(target, "utf8") + "deny network,\n");
  install("profile three\n");
  expect(rest()).toBe("profile two\ndeny network,\n");
  withAppArmor(root, "after-remove.sh", "remove");
  expect(rest()).toBe("profile two\ndeny network,\n");
  withAppArmor(root, "after-remove.sh", "purge");
  expect(existsSync(target)).toBe(false);

  writeFileSync(target, "an administrator's own\n");
  writeFileSync(join(root, "etc/disable/evercred"), "");
  expect(install("profile three\n")).toBe("");
  expect(readFileSync(target, "utf8")).toBe("an administrator's own\n");
});

test("before its files go, a package names evercred reset, and an upgrade says nothing", () => {
  const bin = programs(temporaryFolder(), { readlink: "exit 1" });
  const said = (...words: readonly string[]): string =>
    execFileSync("/bin/sh", [join(project, "packaging/linux/before-remove.sh"), ...words], {
      env: { PATH: `${bin}:/usr/bin:/bin` },
      encoding: "utf8",
    });
  for (const word of ["remove", "0"]) expect(said(word)).toContain("evercred reset");
  for (const word of ["upgrade", "deconfigure", "1"]) expect(said(word)).toBe("");
});

/** A program that runs until it is ended, by the name that it is told. */
const waiting = async (
  file: string,
  argv0: string,
  ...words: readonly string[]
): Promise<ReturnType<typeof spawn>> => {
  const child = spawn(file, [...words], { argv0, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return child;
};

/** Runs a package's script before its files go, with a path in it replaced. */
const removes = (name: string, from: string, to: string): void => {
  const text = readFileSync(join(project, "packaging/linux", name), "utf8");
  expect(text).toContain(from);
  execFileSync("/bin/sh", ["-c", text.replaceAll(from, to), "sh", "remove"], { stdio: "ignore" });
};

test("before its files go, the app ends, also one from before an upgrade", async () => {
  const program = join(temporaryFolder(), "evercred-app");
  const sleep = execFileSync("/bin/sh", ["-c", "command -v sleep"], { encoding: "utf8" }).trim();
  copyFileSync(sleep, program);
  const old = await waiting(program, program, "60");
  copyFileSync(sleep, `${program}.new`);
  renameSync(`${program}.new`, program);
  const fresh = await waiting(program, program, "60");
  const ends = Promise.all([once(old, "exit"), once(fresh, "exit")]);
  removes("before-remove.sh", "/opt/Evercred/evercred-app", program);
  expect(await ends).toEqual([
    [null, "SIGTERM"],
    [null, "SIGTERM"],
  ]);
});

test("before its files go, the daemon without a desktop ends, and nobody who looks at them", async () => {
  const file = join(temporaryFolder(), "headless.cjs");
  writeFileSync(file, "setInterval(() => undefined, 60_000);");
  const daemons = [
    await waiting(process.execPath, "/usr/bin/node", file),
    await waiting(process.execPath, "node", file, "--background"),
  ];
  const reader = await waiting("tail", "tail", "-f", file);
  const ends = Promise.all(daemons.map((daemon) => once(daemon, "exit")));
  removes("headless-before-remove.sh", "/usr/lib/evercred/headless.cjs", file);
  expect(await ends).toEqual([
    [null, "SIGTERM"],
    [null, "SIGTERM"],
  ]);
  const end = once(reader, "exit");
  reader.kill("SIGINT");
  expect(await end).toEqual([null, "SIGINT"]);
});

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
