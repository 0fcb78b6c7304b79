import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, open, readFile, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What of the developer's environment would leak into a run: accounts, proxies, desktops, our own settings. */
const leaking =
  /^(?:AWS_|EVERCRED_|CLOUDSDK_|GOOGLE_|CLAUDE_|SSH_|XDG_|GNOME_|DBUS_|WAYLAND_|(?:https?|all|no)_proxy$|NODE_EXTRA_CA_CERTS$|BROWSER$|DISPLAY$|XAUTHORITY$|HOME$)/i;

/** The exit code of dbus-run-session when it has no bus or no program to run. */
const cannotStart = 127;

/**
 * Runs a program on a desktop of its own: a session bus, an X display, an unlocked empty keyring, an empty HOME. What it
 * leaves running or on disk is removed. Resolves to its exit code; 124 if it took longer than `limitMs`. Its stdout and
 * stderr are ours, or the descriptor `output`.
 */
export async function runOnPrivateDesktop(words, { cwd, limitMs, output }) {
  const root = await mkdtemp(join(tmpdir(), "evercred-"));
  const busLog = await open(join(root, "bus.log"), "w+");
  try {
    const env = await privateEnvironment(root);
    // The bus has a chatty stderr of its own; everybody else writes to ours, which is descriptor 3.
    const unlock = "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
    const inner = ["sh", "-c", `${unlock} && exec "$@" 3>&-`, "sh", ...words];
    // Else the display begins anew whenever its last window has gone, and who comes just then is turned away.
    const display = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24 -noreset"];
    const session = ["sh", "-c", 'exec "$@" 2>&3', "sh", ...display, ...inner];
    const code = await runGroup(["--", ...session], { cwd, env, limitMs, busLog, output });
    if (code === cannotStart) process.stderr.write(await readFile(join(root, "bus.log"), "utf8"));
    return code;
  } finally {
    await busLog.close();
    await endLeftovers(root);
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function privateEnvironment(root) {
  const kept = Object.entries(process.env).filter(([name]) => !leaking.test(name));
  const folders = {
    HOME: join(root, "home"),
    XDG_DATA_HOME: join(root, "data"),
    XDG_CONFIG_HOME: join(root, "config"),
    XDG_STATE_HOME: join(root, "state"),
    XDG_RUNTIME_DIR: join(root, "run"),
    TMPDIR: join(root, "tmp"),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { mode: 0o700 });
  // Some tests play another user, who must get to what they are to be kept out of.
  for (const folder of [root, folders.TMPDIR]) await chmod(folder, 0o711);
  return {
    ...Object.fromEntries(kept),
    ...folders,
    // Electron is kept there between runs.
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
    // No accessibility bus: nothing asks for it, and it would outlive its session.
    NO_AT_BRIDGE: "1",
    TZ: "UTC",
    LC_ALL: "C.UTF-8",
  };
}

/** Starts dbus-run-session in a process group of its own, passes signals on to it, and ends it at the limit. */
function runGroup(args, { cwd, env, limitMs, busLog, output }) {
  return new Promise((resolve) => {
    const child = spawn("dbus-run-session", args, {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", output ?? "inherit", busLog.fd, output ?? process.stderr.fd],
    });
    let late = false;
    const pass = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It ended by itself.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      console.error("The time for the whole run has passed: ended.");
      pass("SIGKILL");
    }, limitMs);
    const end = (code) => {
      clearTimeout(timer);
      process.off("SIGINT", pass).off("SIGTERM", pass);
      resolve(late ? 124 : code);
    };
    process.on("SIGINT", pass).on("SIGTERM", pass);
    child.on("error", (error) => {
      console.error(`dbus-run-session cannot be started (${error.code}). Run: npm run setup test`);
      end(cannotStart);
    });
    child.on("exit", (code) => end(code ?? 1));
  });
}

/** Ends every process whose environment names the private folder and that does not end by itself; says which. */
async function endLeftovers(root) {
  let left = await processesOf(root);
  for (let tries = 0; left.length > 0 && tries < 40; tries += 1) {
    await sleep(50);
    left = await processesOf(root);
  }
  for (const { id, name } of left) {
    console.error(`Left running and ended now: ${name} (${id})`);
    process.kill(id, "SIGKILL");
  }
}

async function processesOf(root) {
  const found = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const environment = await readFile(join("/proc", entry, "environ"), "utf8");
      if (!environment.includes(`=${root}/`)) continue;
      const name = await readFile(join("/proc", entry, "comm"), "utf8");
      found.push({ id: Number(entry), name: name.trim() });
    } catch {
      // It ended in the meantime, or is another user's.
    }
  }
  return found;
}
