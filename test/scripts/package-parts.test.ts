import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readEntry } from "../../electron/platform/desktop-entry.ts";
import { programPath, run } from "../../scripts/command.mjs";
import { installed, writeParts } from "../../scripts/package-parts.mjs";
import { programs, project, temporaryFolder } from "./program.ts";

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
