import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./command.mjs";
import { installed } from "./package-parts.mjs";
import { claim, must, soon } from "./trial-steps.mjs";

/** Who lives with the package. */
export const user = "try-package";
const runuser = "/usr/sbin/runuser";

/** A login of the user: a bus, a display with a window manager and a panel, an unlocked keyring. */
export class Login {
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

  /** Starts a program, with no streams. */
  start(program, args, env = {}) {
    return spawn(runuser, ["-u", user, "--", program, ...args], {
      env: { ...this.env, ...env },
      cwd: this.env.HOME,
      stdio: "ignore",
    });
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
export async function signalUser(signal) {
  for (const id of await processesOfUser()) {
    try {
      process.kill(id, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** The processes that run a program of the package. */
export async function processesOfPackage() {
  const found = [];
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const program = await readlink(join("/proc", id, "exe")).catch(() => "");
    if (program.startsWith("/opt/Evercred/")) found.push(Number(id));
  }
  return found;
}

/** Has the desktop's own launcher start an entry, as a login or a click does. What it starts keeps its streams. */
export async function launch(login, entry) {
  const child = login.start("gio", ["launch", entry]);
  const [status] = await once(child, "exit");
  claim(status === 0, `gio launch ${entry} has ended with ${status}.`);
}

/** Writes a file in the user's home, as theirs. */
export const asUser = async (file, text) => {
  await must(runuser, ["-u", user, "--", "mkdir", "-p", dirname(file)]);
  await writeFile(file, text);
  await must("chown", [user, file]);
};
