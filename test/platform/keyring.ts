import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A session bus and a gnome-keyring of their own, unlocked, with nothing in it. */
export interface Keyring {
  /** What a program needs in its environment to find them, and nothing of the developer's. */
  readonly env: Readonly<Record<string, string>>;
  lock(): Promise<void>;
  unlock(): Promise<void>;
  /** Ends the keyring; the bus goes on. */
  quit(): Promise<void>;
  /** Stops it in the middle of whatever it does: calls hang. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const password = "open sesame";

/** A bus without service files: nobody else's keyring is started by it. */
const busConfig = (folder: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=${folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

/** The keyring's own interface for it takes the password; the session must be of the connection that asks. */
const unlocking = `
import dbus, sys
bus = dbus.SessionBus()
service = bus.get_object("org.freedesktop.secrets", "/org/freedesktop/secrets")
_, session = service.OpenSession("plain", dbus.String("", variant_level=1),
                                 dbus_interface="org.freedesktop.Secret.Service")
secret = dbus.Struct((session, dbus.ByteArray(b""), dbus.ByteArray(sys.argv[1].encode()), "text/plain"),
                     signature="oayays")
service.UnlockWithMasterPassword("/org/freedesktop/secrets/collection/login", secret,
    dbus_interface="org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
`;

/** Starts them; `stop` must be called. */
export async function startKeyring(): Promise<Keyring> {
  const root = await mkdtemp(join(tmpdir(), "evercred-keyring-"));
  const folder = (name: string): string => join(root, name);
  for (const name of ["home", "data", "config", "run"]) await mkdir(folder(name), { mode: 0o700 });
  await writeFile(folder("bus.conf"), busConfig(folder("run")));
  const bare = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder("home"),
    XDG_DATA_HOME: folder("data"),
    XDG_CONFIG_HOME: folder("config"),
    XDG_RUNTIME_DIR: folder("run"),
    LC_ALL: "C.UTF-8",
  };
  const bus = spawn(
    "dbus-daemon",
    [`--config-file=${folder("bus.conf")}`, "--print-address=1", "--nofork"],
    { env: bare, stdio: ["ignore", "pipe", "ignore"] },
  );
  const [address] = await once(createInterface(bus.stdout), "line");
  const env = { ...bare, DBUS_SESSION_BUS_ADDRESS: String(address) };
  const keyring = spawn(
    "gnome-keyring-daemon",
    ["--unlock", "--foreground", "--components=secrets"],
    { env, stdio: ["pipe", "ignore", "ignore"] },
  );
  const call = (path: string, method: string, ...args: readonly string[]): Promise<unknown> =>
    run(
      "gdbus",
      ["call", "--session", "-d", "org.freedesktop.secrets", "-o", path, "-m", method, ...args],
      { env, timeout: 20_000 },
    );
  const login = "/org/freedesktop/secrets/collection/login";
  const service = "/org/freedesktop/secrets";
  try {
    keyring.stdin.end(password);
    await run("gdbus", ["wait", "--session", "--timeout=25", "org.freedesktop.secrets"], { env });
  } catch (error) {
    await Promise.all([end(keyring), end(bus)]);
    throw error;
  }
  return {
    env,
    lock: async () => {
      await call(service, "org.freedesktop.Secret.Service.Lock", `['${login}']`);
    },
    unlock: async () => {
      await run("/usr/bin/python3", ["-c", unlocking, password], { env, timeout: 20_000 });
    },
    quit: () => end(keyring),
    freeze: () => void keyring.kill("SIGSTOP"),
    thaw: () => void keyring.kill("SIGCONT"),
    stop: async () => {
      await end(keyring);
      await end(bus);
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
