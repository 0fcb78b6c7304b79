import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { keychainService } from "../../electron/platform/keychain.ts";
import { type Cloud, type CloudOptions, startCloud } from "../fakes/cloud/cloud.ts";
import { type Keyring, startKeyring } from "../platform/keyring.ts";

const dist = join(import.meta.dirname, "..", "..", "dist");
const terminalHelper = join(import.meta.dirname, "..", "shim", "terminal.py");

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<Outcome>;
  /** Resolves at the first line of stdout that fits. */
  line(fits: RegExp): Promise<string>;
}

/** A program on a terminal of its own: its stdout is what the terminal shows. */
export interface OnTerminal extends Running {
  /** Resolves once the terminal has shown the text. */
  shown(text: string): Promise<void>;
  /** Types the text at once; with `quietly` once the terminal echoes nothing. */
  type(text: string, quietly?: "quietly"): void;
}

/** A user's machine: a home, a keyring, providers, the shim with its launch file. Nothing runs before it is asked. */
export interface House {
  readonly home: string;
  readonly runtime: string;
  readonly state: string;
  readonly shim: string;
  readonly cloud: Cloud;
  readonly keyring: Keyring;
  /** The environment of this user's programs. */
  readonly env: Readonly<Record<string, string>>;
  /** Pages that were opened, in their order. */
  pages(): Promise<readonly string[]>;
  start(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** As `start`, with its stdin left open. */
  open(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** Runs the shim on a terminal of its own. The last line of stderr says how the terminal was left: `echo on`. */
  terminal(args: readonly string[], env?: Readonly<Record<string, string>>): OnTerminal;
  run(
    program: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Outcome>;
  /** Runs the shim. */
  evercred(...args: readonly string[]): Promise<Outcome>;
  /** Runs the shim so many times at once. Each took as long as all of them. */
  crowd(count: number, ...args: readonly string[]): Promise<readonly Outcome[]>;
  /** Writes Evercred's configuration. */
  config(settings: unknown): Promise<void>;
  /** The daemon's process id, by its own word. */
  daemonPid(): Promise<number>;
  close(): Promise<void>;
}

export interface HouseOptions extends CloudOptions {
  /** `~/.aws/config`. */
  readonly awsConfig?: string;
  /** What a person does with a page: `nothing` leaves it open. */
  readonly person?: "approves" | "denies" | "nothing";
  readonly env?: Readonly<Record<string, string>>;
  /** The lines of the launch file; undefined: the daemon under plain Node. */
  readonly launch?: string;
  /** Whether the app asks what it asks at its first start; undefined: it has done so. */
  readonly firstRun?: boolean;
}

/** The configuration of somebody with one SSO profile. */
export const oneProfile = `[sso-session corp]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile p]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = us-east-1
`;

/** A second profile of the same session, with another role. */
export const otherProfile = `[profile other]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = ReadOnly
region = us-east-1
`;

export const openHouse = async (options: HouseOptions = {}): Promise<House> => {
  const root = await mkdtemp(join(tmpdir(), "evercred-e2e-"));
  const home = join(root, "home");
  const runtime = join(root, "run");
  const bin = join(root, "bin");
  for (const folder of [home, runtime, bin, join(home, ".aws")]) {
    await mkdir(folder, { mode: 0o700 });
  }
  const config = options.awsConfig ?? oneProfile;
  if (config !== "") await writeFile(join(home, ".aws", "config"), config);
  const state = join(home, ".local", "state", "evercred");
  if (options.firstRun !== true) {
    await mkdir(state, { mode: 0o700, recursive: true });
    await writeFile(join(state, "first-run"), "");
  }
  const shim = join(bin, "evercred");
  await copyFile(join(dist, "bin", "evercred"), shim);
  const headless = `headless\t${process.execPath}\t${join(dist, "headless.cjs")}\t--background\n`;
  await writeFile(join(bin, "evercred.launch"), options.launch ?? headless, { mode: 0o644 });
  const cloud = await startCloud(options);
  const keyring = await startKeyring();
  const pagesFile = join(root, "pages");
  const browser = await browserFor(options.person ?? "approves", cloud, root, pagesFile);
  const env: Record<string, string> = {
    ...cloud.env(),
    DBUS_SESSION_BUS_ADDRESS: keyring.env["DBUS_SESSION_BUS_ADDRESS"] ?? "",
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    // What is installed on the machine that runs this starts nothing here.
    XDG_CONFIG_DIRS: join(root, "xdg"),
    BROWSER: browser,
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    TZ: "UTC",
    LANG: "C.UTF-8",
    ...options.env,
  };
  const started = new Set<ChildProcess>();
  const open: House["start"] = (program, args, more = {}) => {
    const running = startProgram(program, args, { ...env, ...more });
    started.add(running.child);
    running.child.once("exit", () => started.delete(running.child));
    return running;
  };
  const start: House["start"] = (...program) => {
    const running = open(...program);
    running.child.stdin.end();
    return running;
  };
  const terminal: House["terminal"] = (args, more) =>
    onTerminal(open("/usr/bin/python3", [terminalHelper, shim, ...args], more));
  const run: House["run"] = (program, args, more) => start(program, args, more).outcome;
  const evercred: House["evercred"] = (...args) => run(shim, args);
  const crowd: House["crowd"] = async (count, ...args) => {
    const folder = await mkdtemp(join(root, "crowd-"));
    const words = ["-c", crowdScript, String(count), folder, shim, ...args];
    const { code, stderr, tookMs } = await run("/bin/sh", words);
    if (code !== 0) throw new Error(`The crowd ended with ${String(code)}: ${stderr}`);
    const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
    const outcomeOf = async (name: string): Promise<Outcome> => ({
      code: Number(await read(`${name}.code`)),
      stdout: await read(`${name}.out`),
      stderr: await read(`${name}.err`),
      tookMs,
    });
    return Promise.all(Array.from({ length: count }, (_, index) => outcomeOf(String(index))));
  };
  return {
    home,
    runtime,
    state,
    shim,
    cloud,
    keyring,
    env,
    pages: async () => (await readFile(pagesFile, "utf8").catch(() => "")).split("\n").slice(0, -1),
    start,
    open,
    terminal,
    run,
    evercred,
    crowd,
    config: async (settings) => {
      const folder = join(home, ".config", "evercred");
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "config.json"), JSON.stringify(settings));
    },
    daemonPid: async () => {
      const { stdout } = await evercred("status", "--json");
      const status = JSON.parse(stdout) as { daemon: { pid: number } };
      return status.daemon.pid;
    },
    close: async () => {
      await endDaemon(state, () => evercred("daemon", "stop"));
      for (const child of started) child.kill("SIGKILL");
      await keyring.stop();
      await cloud.close();
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

/** A shell starts them: whoever starts hundreds of programs answers nobody meanwhile, and the providers are in this process. */
const crowdScript = `
  count=$0 folder=$1 index=0
  shift
  while [ "$index" -lt "$count" ]; do
    { "$@" > "$folder/$index.out" 2> "$folder/$index.err"; echo $? > "$folder/$index.code"; } &
    index=$((index + 1))
  done
  wait`;

/** What our entries in the keyring stand under: this home is not the usual one of whoever runs the tests. */
export const serviceOf = ({ state }: House): string => keychainService(state, homedir());

/** What the keyring itself has of ours, unlocked and locked. */
export const keychainItems = async (house: House): Promise<string> => {
  const ours = `{'service': '${serviceOf(house)}'}`;
  const service = ["-d", "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets"];
  const search = ["-m", "org.freedesktop.Secret.Service.SearchItems", ours];
  const { stdout } = await house.run("gdbus", ["call", "--session", ...service, ...search]);
  return stdout;
};

/** What it says where it has nothing of ours. */
export const noKeychainItems = "(@ao [], @ao [])\n";

/**
 * Tells the daemon that owns `state` to stop, and waits until it is gone: what it still writes on its way out must not meet
 * a folder that is being removed.
 */
export const endDaemon = async (state: string, tell: () => Promise<unknown>): Promise<void> => {
  const daemon = await ownerOf(state);
  await tell();
  if (daemon !== undefined) await gone(daemon);
};

/** The daemon that owns this state. */
const ownerOf = async (state: string): Promise<number | undefined> => {
  const text = await readFile(join(state, "owner.lock"), "utf8").catch(() => "");
  return text === "" ? undefined : (JSON.parse(text) as { pid: number }).pid;
};

const gone = async (pid: number): Promise<void> => {
  for (let tries = 0; existsSync(`/proc/${String(pid)}`); tries += 1) {
    if (tries === 250) process.kill(pid, "SIGKILL");
    await setTimeout(20);
  }
};

/** A program for BROWSER that notes what it is asked to open, and then does as the person would. */
const browserFor = async (
  person: "approves" | "denies" | "nothing",
  cloud: Cloud,
  root: string,
  pagesFile: string,
): Promise<string> => {
  const then = person === "nothing" ? "exit 0" : await cloud.browser({ deny: person === "denies" });
  const path = join(root, "browser");
  const script = `#!/bin/sh\nprintf '%s\\n' "$1" >> '${pagesFile}'\n${then === "exit 0" ? then : `exec '${then}' "$1"`}\n`;
  await writeFile(path, script, { mode: 0o700 });
  return path;
};

const startProgram = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Running => {
  const begin = performance.now();
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let seen = "";
  const waiting = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    for (const look of waiting) look();
  });
  const outcome = (async (): Promise<Outcome> => {
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    return { code, stdout, stderr, tookMs: performance.now() - begin };
  })();
  return {
    child,
    outcome,
    line: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = seen
            .split("\n")
            .slice(0, -1)
            .find((each) => fits.test(each));
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        look();
        void outcome.then(({ stdout, stderr }) => {
          reject(new Error(`ended without the line: ${stdout}${stderr}`));
        });
      }),
  };
};

const onTerminal = (running: Running): OnTerminal => {
  const { stdin, stdout } = running.child;
  let seen = "";
  stdout.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
  });
  return {
    ...running,
    shown: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!seen.includes(text)) return;
          stdout.off("data", look);
          resolve();
        };
        stdout.on("data", look);
        look();
        void running.outcome.then(() => {
          reject(new Error(`ended without "${text}": ${seen}`));
        });
      }),
    type: (text, quietly) => {
      stdin.write(`${quietly ?? "type"} ${Buffer.from(text).toString("hex")}\n`);
    },
  };
};
