// Installs the built package in this machine and lives with it as a plain user: npm run try-package -- [FOLDER]. FOLDER is
// what npm run dist has made, dist/release by itself. Needs root on Debian, and is for a machine that may be changed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  writeFile,
} from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { run } from "./command.mjs";
import { installed } from "./package-parts.mjs";
import { withThrowAwayKey } from "./gpg.mjs";
import { readRelease } from "./release.mjs";
import { TrialRepository } from "./trial-repository.mjs";

const project = dirname(import.meta.dirname);
const user = "try-package";
const runuser = "/usr/sbin/runuser";
const autostart = "/etc/xdg/autostart/dev.evercred.app.desktop";
const needed = ["xfce4-panel", "xfwm4", "libglib2.0-bin", "gnome-keyring", "xvfb", "xauth", "dbus"];
/** Parts of the system that a package may write to; what dpkg and apt keep of their own is theirs. */
const watched = ["/etc", "/opt", "/usr", "/var/lib/systemd"];

const root = await mkdtemp(join(tmpdir(), "evercred-try-"));
const closers = [() => rm(root, { recursive: true, force: true })];
let failures = 0;

/** Does one thing and prints a line about it. */
async function check(title, act) {
  const begin = performance.now();
  const seconds = () => `(${((performance.now() - begin) / 1000).toFixed(1)} s)`;
  try {
    await act();
    console.log(`ok     ${title} ${seconds()}`);
  } catch (error) {
    failures += 1;
    console.log(
      `FAILED ${title} ${seconds()}\n       ${error.message.trim().replaceAll("\n", "\n       ")}`,
    );
  }
}

function claim(isTrue, otherwise) {
  if (!isTrue) throw new Error(otherwise);
}

/** What `look` gives as soon as it does not throw; its last word after two minutes, which a desktop takes on a busy machine. */
async function soon(look) {
  const limit = performance.now() + 120_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > limit) throw error;
      await sleep(100);
    }
  }
}

async function must(program, args, options) {
  const outcome = await run(program, args, options);
  if (outcome.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${outcome.output}`);
  return outcome.stdout;
}

const aptSettings = ["DPkg::Lock::Timeout=120", "Acquire::http::Proxy::127.0.0.1=DIRECT"].flatMap(
  (setting) => ["-o", setting],
);

const apt = (...args) =>
  must("apt-get", [...aptSettings, "-y", "--no-install-recommends", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });

/** A login of the user: a bus, a display with a window manager and a panel, an unlocked keyring. */
class Login {
  static async open(home, runtime, extra) {
    const login = new Login();
    login.runtime = runtime;
    login.bare = {
      ...extra,
      HOME: home,
      USER: user,
      LOGNAME: user,
      SHELL: "/bin/sh",
      PATH: "/usr/local/bin:/usr/bin:/bin",
      XDG_RUNTIME_DIR: runtime,
      XDG_CURRENT_DESKTOP: "XFCE",
      LANG: "C.UTF-8",
      NO_AT_BRIDGE: "1",
    };
    const script = [
      "printf 'try\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1",
      "xfwm4 >/dev/null 2>&1 & xfce4-panel --disable-wm-check >/dev/null 2>&1 &",
      'echo "DISPLAY=$DISPLAY XAUTHORITY=$XAUTHORITY DBUS_SESSION_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS"',
      "exec cat >/dev/null",
    ].join("\n");
    const words = ["dbus-run-session", "--", "xvfb-run", "-a", "sh", "-c", script];
    login.child = spawn(runuser, ["-u", user, "--", ...words], {
      env: login.bare,
      cwd: home,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const [line] = await once(login.child.stdout, "data");
    const found = [...String(line).matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    login.env = { ...login.bare, ...Object.fromEntries(found) };
    await soon(() => login.tray());
    return login;
  }

  run(program, args, env = {}) {
    return run(runuser, ["-u", user, "--", program, ...args], {
      env: { ...this.env, ...env },
      cwd: this.env.HOME,
      timeoutMs: 60_000,
    });
  }

  /** Runs a program to a good end; resolves to what it printed. */
  async must(program, ...args) {
    const { status, stdout, output } = await this.run(program, args);
    claim(status === 0, `${program} ${args.join(" ")} has ended with ${status}: ${output}`);
    return stdout;
  }

  evercred(...args) {
    return this.must("evercred", ...args);
  }

  /** The items that the panel shows. Throws where there is no panel. */
  async tray() {
    const names = ["org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems"];
    const on = ["--session", "-d", names[0], "-o", "/StatusNotifierWatcher"];
    return this.must("gdbus", "call", ...on, "-m", "org.freedesktop.DBus.Properties.Get", ...names);
  }

  /** Throws unless the panel shows an item that the app has put there. */
  async trayIcon() {
    const owners = [...(await this.tray()).matchAll(/'([^'/]+)\/[^']*'/g)].map(([, name]) => name);
    claim(owners.length > 0, "The panel shows no item.");
    for (const name of owners) {
      const on = ["--session", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus"];
      const ask = ["-m", "org.freedesktop.DBus.GetConnectionUnixProcessID", name];
      const [, id] = /uint32 (\d+)/.exec(await this.must("gdbus", "call", ...on, ...ask)) ?? [];
      if ((await readlink(`/proc/${id}/exe`)) === installed.app) return;
    }
    throw new Error("None of the panel's items is the app's.");
  }

  async daemon() {
    return JSON.parse(await this.evercred("status", "--json")).daemon;
  }

  /** Ends it as a logout does: what the session has started goes with it. */
  async close() {
    if (this.child.exitCode === null) {
      const exit = once(this.child, "exit");
      this.child.stdin.end();
      await exit;
    }
    await signalUser("SIGTERM");
    await soon(async () => {
      const left = await processesOfUser();
      claim(left.length === 0, `Processes of ${user} are left: ${left.join(" ")}`);
    }).catch(async () => {
      await signalUser("SIGKILL");
    });
    await rm(this.runtime, { recursive: true, force: true });
    await mkdir(this.runtime, { mode: 0o700 });
    await must("chown", [user, this.runtime]);
  }
}

/** The processes whose owner is the user that was made for this. */
async function processesOfUser() {
  const { stdout } = await run("ps", ["-u", user, "-o", "pid="]);
  return stdout.split(/\s+/).filter(Boolean).map(Number);
}

/** Sends a signal to all of them. */
async function signalUser(signal) {
  for (const id of await processesOfUser()) {
    try {
      process.kill(id, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** The processes that run a program of the package. */
async function processesOfPackage() {
  const found = [];
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const program = await readlink(join("/proc", id, "exe")).catch(() => "");
    if (program.startsWith("/opt/Evercred/")) found.push(Number(id));
  }
  return found;
}

/** Has the desktop's own launcher start an entry, as a login or a click does. What it starts keeps its streams. */
async function launch(login, entry) {
  const child = spawn(runuser, ["-u", user, "--", "gio", "launch", entry], {
    env: login.env,
    cwd: login.env.HOME,
    stdio: "ignore",
  });
  const [status] = await once(child, "exit");
  claim(status === 0, `gio launch ${entry} has ended with ${status}.`);
}

const isOpen = (port) =>
  new Promise((settle) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => settle(true)).on("error", () => settle(false));
    socket.on("connect", () => socket.destroy());
  });

async function listing() {
  const { stdout } = await run("find", [
    ...watched.filter(existsSync),
    "-xdev",
    "-not",
    "-type",
    "d",
  ]);
  // The caches of libraries, icons and manuals are written anew by other packages' triggers.
  return new Set(
    stdout.split("\n").filter((path) => !/\.cache$|\/mimeinfo|ld\.so|icon-theme/.test(path)),
  );
}

/** Providers that run here, with what a browser would do done by a script. */
async function startProviders() {
  const outfile = join(root, "cloud.mjs");
  const contents =
    'export { startCloud } from "./cloud.ts"; export { startBrowser } from "./browser.ts";';
  const resolveDir = join(project, "test", "fakes", "cloud");
  const stdin = { contents, resolveDir, loader: "ts" };
  await build({ stdin, bundle: true, platform: "node", format: "esm", outfile, logLevel: "error" });
  const { startCloud, startBrowser } = await import(outfile);
  const cloud = await startCloud();
  closers.push(() => cloud.close());
  const browser = await startBrowser(root, async (url) => (await cloud.approve(url)).status);
  closers.push(async () => browser.close());
  await chmod(browser.command, 0o755);
  const env = cloud.env();
  const authority = join(root, "authority.pem");
  await copyFile(env.NODE_EXTRA_CA_CERTS, authority);
  await chmod(authority, 0o644);
  for (const [name, value] of Object.entries(env)) {
    if (value === env.NODE_EXTRA_CA_CERTS && name !== "NODE_EXTRA_CA_CERTS") env[name] = authority;
  }
  return { cloud, env: { ...env, NODE_EXTRA_CA_CERTS: authority, BROWSER: browser.command } };
}

const awsConfig = ({ startUrl, region }) => `[sso-session corp]
sso_start_url = ${startUrl}
sso_region = ${region}
sso_registration_scopes = sso:account:access

[profile p]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = ${region}
`;

const asUser = async (file, text) => {
  await must(runuser, ["-u", user, "--", "mkdir", "-p", dirname(file)]);
  await writeFile(file, text);
  await must("chown", [user, file]);
};

/** The package of a release, copied to where apt's own user can read it. */
async function packageIn(folder) {
  const { files, version } = await readRelease(folder);
  const entry = files.find(({ kind }) => kind === "deb");
  if (entry === undefined) throw new Error(`There is no deb in ${folder}. Run: npm run dist`);
  const file = join(root, entry.name);
  await copyFile(join(folder, entry.name), file);
  return { folder, file, version, name: `evercred=${entry.fields.Version}` };
}

/** The same once more, under the next version. */
async function nextPackage({ version }) {
  const [major, minor, patch] = version.split(/[.-]/).map(Number);
  const next = `${major}.${minor}.${patch + 1}-test`;
  const out = join(project, "dist", "release-next");
  const words = ["--quick", "--version", next, "--out", out, "deb"];
  await must(process.execPath, [join(project, "scripts", "dist.mjs"), ...words]);
  return packageIn(out);
}

async function tryPackage(folder, key) {
  if (process.getuid() !== 0) throw new Error("This installs packages: run it as root.");
  if (existsSync("/opt/Evercred")) {
    throw new Error("Evercred is installed here already. Remove it first: apt-get purge evercred");
  }
  if (existsSync(installed.headless)) {
    throw new Error(
      "evercred-headless is installed here, and the package would take its place. Remove it first: apt-get purge evercred-headless",
    );
  }
  if (!existsSync(join(folder, "release.json"))) {
    console.log("Building the package first.");
    await must(process.execPath, [
      join(project, "scripts", "dist.mjs"),
      "--quick",
      "--out",
      folder,
      "deb",
    ]);
  }
  await apt("install", ...needed);
  await chmod(root, 0o755);
  const first = await packageIn(folder);
  const next = await nextPackage(first);
  // What the package needs of others is there before, and stays.
  await apt("install", "--download-only", first.file);
  const { cloud, env } = await startProviders();
  await run("userdel", ["-r", user]);
  await must("useradd", ["-m", "-s", "/bin/sh", user]);
  const home = `/home/${user}`;
  const runtime = join(root, "runtime");
  await mkdir(runtime, { mode: 0o700 });
  await must("chown", [user, runtime]);
  closers.push(async () => {
    await signalUser("SIGKILL");
    await soon(() => must("userdel", ["-r", user]));
  });
  closers.push(async () => {
    if (existsSync("/opt/Evercred")) await apt("purge", "evercred");
    await rm("/opt/Evercred", { recursive: true, force: true });
  });
  const repository = await TrialRepository.open(root, key);
  closers.push(() => repository.close());
  const open = () => Login.open(home, runtime, env);
  await liveWith({ first, next, cloud, home, open, repository });
}

async function liveWith({ first, next, cloud, home, open, repository }) {
  await must("apt-get", [...aptSettings, "-s", "install", first.file]);
  await installDependencies(first.file);
  await repository.publish([first.folder]);
  await repository.follow();
  const before = await listing();
  await check("apt refuses the repository where another key has signed it", async () => {
    await withThrowAwayKey((stranger) => repository.publish([first.folder], stranger));
    await repository.refused();
    await repository.publish([first.folder]);
  });
  await check("apt refuses the repository with one byte changed", () =>
    repository.refused((path, bytes) => {
      const at = path.endsWith("InRelease") ? bytes.indexOf("Packages of") : -1;
      if (at >= 0) bytes[at] ^= 1;
      return bytes;
    }),
  );
  await check(`apt installs ${first.version} from the signed repository`, async () => {
    claim(
      (await run("apt-get", ["-s", "install", "evercred"])).status !== 0,
      "It was there before.",
    );
    await repository.update();
    await apt("install", "evercred");
  });
  await check("what is installed is what was packed", () => must("dpkg", ["--verify", "evercred"]));
  let login = await open();
  closers.push(() => login.close());

  await check("evercred is on PATH, of the package's version", async () => {
    claim(
      (await login.evercred("version")).includes(first.version),
      await login.evercred("version"),
    );
  });
  await check("at a login of somebody with nothing to sign in to, nothing starts", async () => {
    await launch(login, autostart);
    claim((await login.run(installed.atLogin, [])).status === 0, "It has failed.");
    claim((await processesOfPackage()).length === 0, "The app runs.");
  });
  await asUser(join(home, ".aws/config"), awsConfig(cloud.organisation()));
  await check("at a login with an AWS profile the app starts, in Chromium's sandbox", async () => {
    await launch(login, autostart);
    await soon(() => login.daemon());
    const words = await Promise.all(
      (await processesOfPackage()).map((id) => readFile(`/proc/${id}/cmdline`, "utf8")),
    );
    claim(!words.some((line) => line.includes("no-sandbox")), words.join("\n"));
  });
  await check("its icon is in the panel", () => soon(() => login.trayIcon()));
  const signIns = () => cloud.log.count({ path: "/authorize" });
  await check("signing in works, and Claude Code's commands get keys", async () => {
    await login.evercred("login");
    const { Credentials } = JSON.parse(await login.evercred("aws", "export", "--profile", "p"));
    claim(Credentials.SessionToken.length > 0, "There are no keys.");
    claim(signIns() === 1, `${signIns()} pages were opened.`);
  });
  const keeps = async () => {
    await soon(() => login.daemon());
    await login.evercred("aws", "export", "--profile", "p", "--fresh");
    claim(signIns() === 1, "A browser was needed again.");
  };
  await check("after a new login the session is still there", async () => {
    await login.close();
    login = await open();
    await launch(login, autostart);
    await keeps();
  });
  await check(`apt upgrades to ${next.version} under the running app, which keeps it`, async () => {
    await repository.publish([first.folder, next.folder]);
    await repository.update();
    await apt("install", "--only-upgrade", "evercred");
    claim((await login.evercred("version")).includes(next.version), "The client is the old one.");
    await login.evercred("daemon", "restart");
    await soon(async () => {
      const { version } = await login.daemon();
      claim(version === next.version, `The daemon is of ${version}.`);
    });
    await keeps();
  });
  await check("hostile surroundings change nothing of what runs", () => hostile(login, home, next));
  await check("apt goes back to the version before, and the session is still there", async () => {
    await apt("install", "--allow-downgrades", first.name);
    await login.evercred("daemon", "restart");
    await keeps();
  });
  const verbs = await login.evercred("help");
  if (!/^ *(?:evercred )?reset\b/m.test(verbs)) console.log("       There is no reset yet.");
  else {
    await check("evercred reset takes everything back", async () => {
      await login.evercred("reset", "--yes");
      await soon(async () => claim((await processesOfPackage()).length === 0, "The app runs on."));
      const { stdout } = await run("find", [home, "-ipath", "*evercred*"]);
      claim(stdout === "", `Left in the home: ${stdout}`);
      const service = ["-d", "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets"];
      const search = [
        "-m",
        "org.freedesktop.Secret.Service.SearchItems",
        "{'service': 'Evercred'}",
      ];
      const items = await login.must("gdbus", "call", "--session", ...service, ...search);
      claim(items === "(@ao [], @ao [])\n", `Left in the keyring: ${items}`);
    });
  }
  await check("a package that is removed ends the app, and names evercred reset", async () => {
    await launch(login, autostart);
    await soon(() => login.daemon());
    const said = await apt("remove", "evercred");
    claim(said.includes("evercred reset"), said);
    await soon(async () => claim((await processesOfPackage()).length === 0, "The app runs on."));
  });
  await check("purged, it has left nothing on the system", async () => {
    await apt("purge", "evercred");
    const after = await listing();
    const left = [...after].filter((path) => !before.has(path));
    claim(left.length === 0 && !existsSync("/opt/Evercred"), `Left: ${left.join(" ")}`);
  });
}

/** Installs what the package depends on, and not the package. */
async function installDependencies(file) {
  const simulated = await must("apt-get", ["-s", "--no-install-recommends", "install", file]);
  const names = [...simulated.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  const others = names.filter((name) => name !== "evercred");
  if (others.length > 0) await apt("install", ...others);
}

/** What would run other code in an Electron that is not locked: each planted, and none of it run. */
async function hostile(login, home, { version }) {
  const mark = join(home, "planted");
  const script = join(home, "planted.cjs");
  const code = `require("node:fs").appendFileSync(${JSON.stringify(mark)}, "x")`;
  await asUser(script, code);
  const folder = "/opt/Evercred/resources/app";
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{"main":"main.cjs"}');
  await writeFile(join(folder, "main.cjs"), code);
  const env = { ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: `--require=${script}` };
  try {
    await login.evercred("daemon", "stop");
    await soon(async () => claim((await processesOfPackage()).length === 0, "The app runs on."));
    const [inspector, debugging] = [19229, 19222];
    const words = [
      "--require",
      script,
      `--inspect=127.0.0.1:${inspector}`,
      `--remote-debugging-port=${debugging}`,
    ];
    const app = spawn(runuser, ["-u", user, "--", installed.app, ...words, home], {
      env: { ...login.env, ...env },
      cwd: home,
      stdio: "ignore",
    });
    await soon(async () => {
      const daemon = await login.daemon();
      claim(daemon.version === version, `Another one answers: ${JSON.stringify(daemon)}`);
      const line = await readFile(`/proc/${daemon.pid}/cmdline`, "utf8");
      claim(line.includes(script), `Another one answers: ${line}`);
    });
    for (const port of [inspector, debugging]) {
      claim(!(await isOpen(port)), `Port ${port} is open.`);
    }
    await login.run(installed.app, ["-e", code], env);
    claim(!existsSync(mark), "Planted code has run.");
    const exit = once(app, "exit");
    await login.evercred("daemon", "restart");
    await exit;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(script, { force: true });
  }
}

try {
  const folder = resolve(process.argv[2] ?? join(project, "dist", "release"));
  await withThrowAwayKey(async (key) => tryPackage(folder, key));
} catch (error) {
  failures += 1;
  console.error(error.message);
} finally {
  for (const close of closers.reverse()) {
    await close().catch((error) => console.error(error.message));
  }
}
console.log(failures === 0 ? "The package works." : `${failures} of it failed.`);
process.exitCode = failures === 0 ? 0 : 1;
