import { existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { AllSources } from "./all-sources.ts";
import { run } from "./commands/run.ts";
import type { Context, Reply, Request } from "./commands/verb.ts";
import { Broker } from "./core/broker.ts";
import { tokenOf } from "./core/credential.ts";
import { errorOf, EvercredError } from "./core/errors.ts";
import type { Presence } from "./core/person.ts";
import type { Secret } from "./core/secret.ts";
import { SignIns } from "./core/sign-ins.ts";
import { type SourceId, targetOf } from "./core/source.ts";
import { AuditFile } from "./platform/audit.ts";
import { SystemBrowser } from "./platform/browser.ts";
import { openClaudeSettings } from "./platform/claude-settings.ts";
import { SystemClock } from "./platform/clock.ts";
import { type ConfigFile, openConfig } from "./platform/config.ts";
import { openConfigEditor } from "./platform/config-editor.ts";
import { openConfigReader } from "./platform/config-reader.ts";
import type { Config } from "./platform/config-schema.ts";
import { hardenProcess } from "./platform/hardening.ts";
import { keychainService, openKeychain } from "./platform/keychain.ts";
import { type LogFile, type LogLine, openLog } from "./platform/log.ts";
import { openLogReader } from "./platform/log-reader.ts";
import { MemoFile } from "./platform/memo.ts";
import { Network } from "./platform/network.ts";
import { type Owner, type Ownership, takeOwnership } from "./platform/owner.ts";
import { RunFiles } from "./platform/run-files.ts";
import { Sweep } from "./platform/sweep.ts";
import { type Places, placesOf } from "./protocol/endpoint.ts";
import { clockTroubles, fileTrouble, memoryTroubles } from "./protocol/troubles.ts";
import type { Trouble, View } from "./protocol/view.ts";
import { viewOf } from "./protocol/view-of.ts";
import { LocalBridges } from "./server/bridges.ts";
import { ContainerDoor } from "./server/container-door.ts";
import { answers, openDoor } from "./server/door.ts";
import { MetadataDoor } from "./server/metadata-door.ts";
import { AwsTools } from "./sources/aws/tools.ts";
import { GoogleTools } from "./sources/google/tools.ts";
import { askGateway } from "./sources/keys/gateway.ts";
import { ProviderTime } from "./sources/provider-time.ts";

declare const EVERCRED_VERSION: string;

export interface DaemonOptions {
  readonly presence: Presence;
  /** The path of the shim that was built with this daemon. */
  readonly shim: string;
  /** Started by a program, not by a person: then the user's stop holds. */
  readonly background: boolean;
  /** Whether the log is also printed for people on stderr. */
  readonly foreground: boolean;
}

/** The running daemon, as its face sees it. */
export interface Daemon {
  readonly kind: "running";
  readonly broker: Broker;
  readonly signIns: SignIns;
  /** Writes the AWS configuration. */
  readonly aws: Pick<AwsTools, "addOrganisation" | "addProfiles">;
  readonly log: LogFile;
  readonly places: Places;
  /** Where it listens. */
  readonly address: string;
  settings(): Config;
  view(): View;
  /** Calls `listener` after each change of the view, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** The machine woke up, or somebody came back: what is due is done now. */
  recheck(): void;
  /** Resolves once the daemon has stopped, by whatever way. */
  readonly ended: Promise<void>;
  /** The user's Quit: nothing starts it again by itself before the next login. */
  quit(): Promise<void>;
  /** Stops it, and leaves no mark. */
  close(): Promise<void>;
}

/** Why there is none: another process owns the state, or the user has stopped Evercred. */
export type Absent =
  { readonly kind: "owned"; readonly by: Owner | undefined } | { readonly kind: "stopped" };

/** What to tell whoever tried to start it. */
export const reasonOf = (absent: Absent): string => {
  if (absent.kind === "stopped") {
    return "Evercred was stopped. Start it with: evercred daemon start";
  }
  const where = absent.by === undefined ? "" : ` at ${absent.by.socket}`;
  return `Evercred runs already${where}. Stop it with: evercred daemon stop`;
};

/** How long a gateway may take to say what it thinks of a key, in milliseconds. */
const gatewayMs = 20_000;

/** Longer than a daemon takes to end, once it has closed its door, in milliseconds. */
const farewellMs = 8_000;

/** Puts the daemon together and opens its door. Rejects with an EvercredError where it cannot. */
export const openDaemon = async (options: DaemonOptions): Promise<Daemon | Absent> => {
  const places = currentPlaces();
  const log = openLog({ file: places.logFile, level: "info", stderr: options.foreground });
  hardenProcess(log);
  process.on("unhandledRejection", (thrown) => {
    noteSurprise(log, "daemon: unhandled rejection", thrown);
  });
  process.on("uncaughtExceptionMonitor", (thrown) => {
    noteSurprise(log, "daemon: uncaught exception", thrown);
  });
  try {
    return await compose(options, places, log);
  } catch (thrown) {
    noteSurprise(log, "daemon: not started", thrown);
    throw errorOf(thrown);
  }
};

const compose = async (
  options: DaemonOptions,
  places: Places,
  log: LogFile,
): Promise<Daemon | Absent> => {
  const { env, platform } = process;
  const ownership = await claim(places, options.shim);
  if (!ownership.held) {
    log.close();
    return { kind: "owned", by: ownership.by };
  }
  if (options.background && existsSync(places.stoppedFile)) {
    ownership.release();
    log.close();
    return { kind: "stopped" };
  }
  rmSync(places.stoppedFile, { force: true });

  const configFile = join(places.configDir, "config.json");
  const config = openConfig({ file: configFile, log });
  const memo = new MemoFile({ file: join(places.stateDir, "memo.json"), log });
  const clock = new SystemClock();
  const mode = env["EVERCRED_KEYCHAIN"] === "memory" ? "memory" : "os";
  const service = keychainService(env["EVERCRED_HOME"]);
  const store = openKeychain({ service, mode, log });
  const broker = new Broker({ store, memo, clock, random: Math.random, log });
  const secretOf = async (key: string): Promise<Secret> =>
    tokenOf(await broker.issue(targetOf("api-key", key))).token;
  const network = new Network({ env, settings: config.current.network, secretOf, log });
  const browser = new SystemBrowser({
    env,
    platform,
    log,
    folder: join(places.runtimeDir, "pages"),
    configured: (id) => browserOf(config, id),
  });
  const signIns = new SignIns(browser, options.presence, log);
  const sources = new AllSources({ network, clock, log, secretOf });
  const { aws, google } = sources;

  const audit = new AuditFile({ file: join(places.stateDir, "audit.jsonl") });
  const runFiles = new RunFiles({ folder: join(places.runtimeDir, "runs"), log });

  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const doors = new ContainerDoor({
    store,
    clock,
    log,
    issuer: broker,
    standingAllowed: () => config.current.doors.containerCredentials,
    changed,
  });
  const metadata = new MetadataDoor({
    store,
    clock,
    random: Math.random,
    log,
    issuer: broker,
    folder: join(places.runtimeDir, "tokens"),
    platform,
    standingAllowed: () => config.current.doors.gceMetadata,
    changed,
  });
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const handle = async (request: Request, reply: Reply): Promise<number> => {
    // The door is open before all behind it is put together: what a verb changes would be heard by nobody.
    await ready;
    return run(request, reply, context);
  };
  const bridges = new LocalBridges({
    folder: join(places.runtimeDir, "bridges"),
    store,
    clock,
    log,
    audit,
    issuer: broker,
    handle,
    changed,
  });
  let loaded = Promise.resolve();
  /** One after the other: what is read last is what counts. */
  const load = (): Promise<void> => {
    const next = loaded.then(async () => {
      const found = await sources.load(config.current);
      files.follow();
      await broker.configure(found);
      changed();
    });
    loaded = next.catch(() => undefined);
    return next;
  };
  const files = sources.watch(load, () => void broker.look());
  const fileTroubles = (): readonly Trouble[] =>
    [...config.problems, ...sources.problems, ...network.problems].map(fileTrouble);
  const view = (): View => {
    const { sessions } = broker;
    const memory = memoryTroubles(mode, sessions);
    const clocks = clockTroubles(sessions.map(({ source }) => source));
    const troubles = [
      ...memory,
      ...doors.troubles,
      ...metadata.troubles,
      ...bridges.troubles,
      ...fileTroubles(),
      ...clocks,
    ];
    return viewOf(sessions, troubles, clock.now(), config.current.signIn.before);
  };

  const tools = new AwsTools({
    agent: network.agent,
    clock,
    configFile: aws.configFile,
    credentialsFile: aws.credentialsFile,
    organisations: () => aws.organisations,
    reload: load,
  });

  const googleTools = new GoogleTools({
    sources: google,
    lend: (id, work) => {
      const session = broker.session(id);
      if (session === undefined) throw new EvercredError("unknown-name");
      return session.lend(work);
    },
  });

  const editor = openConfigEditor({
    file: configFile,
    apply: () => {
      config.reload();
      return loaded;
    },
  });
  const claude = openClaudeSettings({
    home: homedir(),
    configDir: env["CLAUDE_CONFIG_DIR"],
    noteFile: join(places.stateDir, "setup.json"),
  });
  const { agent } = network;
  const gateways = {
    ask: askGateway({ agent, clock, providerTime: new ProviderTime(), requestMs: gatewayMs }),
  };

  const settings = config.current;
  log.setLevel(settings.log);
  await load();
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const stopListening = broker.subscribe(changed);

  let stop: (marked: boolean) => Promise<void> = () => Promise.resolve();
  const context: Context = {
    broker,
    signIns,
    clock,
    daemon: {
      version: EVERCRED_VERSION,
      pid: process.pid,
      socket: places.socket,
      configFile,
      awsConfigFile: aws.configFile,
      shim: options.shim,
      // The one that is built on Linux is static: it runs in any container there.
      containerShim: platform === "linux" ? options.shim : undefined,
      keychain: mode,
      // What was said to the caller goes out first.
      stop: () => setImmediate(() => void stop(true)),
    },
    aws: tools,
    google: googleTools,
    doors,
    googleDoors: metadata,
    bridges,
    audit,
    config: editor,
    claude,
    configReader: openConfigReader(configFile, config),
    logs: openLogReader(places.logFile, log),
    gateways,
    settings: () => ({ ...config.current, proxy: network.proxy }),
    filesFor: (files, until) => runFiles.filesFor(files, until),
    openSecret: (url) => browser.openSecret(url),
    defaultProfile: () => config.current.aws.defaultProfile,
    defaultGoogleSource: () => config.current.google.defaultSource,
    problems: fileTroubles,
    view,
    subscribe,
    surprised: (thrown) => {
      noteSurprise(log, "daemon: a request failed", thrown);
    },
    trace: (listener) => log.tap((line) => listener(lineOf(line))),
  };
  const door = await openDoor(places, handle, log);
  // They read the keychain, which may take its time: who waits for one of them waits for that.
  void doors.open();
  void metadata.open();
  void bridges.open();
  void runFiles.clean();

  const lookAtFiles = (): void => {
    files.check();
    config.check();
  };
  const sweep = new Sweep({
    sweep: () => {
      lookAtFiles();
      void broker.sweep();
      void doors.sweep();
      void metadata.sweep();
      void bridges.sweep();
      door.mend().catch(() => log.error("server: the socket could not be put back"));
    },
    remind: () => {
      for (const session of broker.sessions) session.remind();
    },
    log,
  });
  sweep.schedule(config.current.signIn.schedule);
  sweep.start();
  const apply = (): void => {
    log.setLevel(config.current.log);
    network.apply(config.current.network);
    sweep.schedule(config.current.signIn.schedule);
    void doors.sweep();
    void metadata.sweep();
    void load();
  };
  config.subscribe(apply);
  // It may have changed while nobody listened.
  if (config.current !== settings) apply();

  let stopping: Promise<void> | undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const closeAll = async (marked: boolean): Promise<void> => {
    if (marked) markStopped(places);
    stopListening();
    sweep.stop();
    files.close();
    config.close();
    signIns.close();
    // What runs goes on under the next daemon: this one's end is not its end.
    doors.close();
    metadata.close();
    bridges.close();
    const left = runFiles.close();
    browser.close();
    door.close();
    await Promise.all([left, broker.close()]);
    network.close();
    memo.close();
    audit.close();
    log.info("daemon: stopped");
    ownership.release();
    log.close();
    end();
  };
  stop = (marked) => (stopping ??= closeAll(marked));
  isReady();
  log.info("daemon: started", { version: EVERCRED_VERSION, pid: process.pid, keychain: mode });
  return {
    kind: "running",
    broker,
    signIns,
    aws: tools,
    log,
    places,
    address: door.address,
    settings: () => config.current,
    view,
    subscribe,
    recheck: () => {
      clock.recheck();
      lookAtFiles();
      void broker.sweep();
    },
    ended,
    quit: () => stop(true),
    close: () => stop(false),
  };
};

/** Takes the state directory over: an owner that answers no more is on its way out, and is waited for. */
const claim = async (places: Places, shim: string): Promise<Ownership> => {
  const { stateDir, socket } = places;
  const until = Date.now() + farewellMs;
  for (;;) {
    const ownership = await takeOwnership({ stateDir, socket, shim });
    if (ownership.held || Date.now() >= until) return ownership;
    if (await answers(ownership.by?.socket ?? socket)) return ownership;
    await setTimeout(50);
  }
};

/** The places of the user that this process belongs to. */
export const currentPlaces = (): Places => {
  const { uid } = userInfo();
  return placesOf({
    platform: process.platform,
    env: process.env,
    home: homedir(),
    uid,
    isOurs: (path) => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stats?.isDirectory() === true && stats.uid === uid;
    },
  });
};

/** The command that a person has chosen for a source's pages; without a source, for all of them. */
const browserOf = (config: ConfigFile, id: SourceId | undefined): readonly string[] | undefined => {
  const { sources, signIn } = config.current;
  return (id === undefined ? undefined : sources[id]?.browser) ?? signIn.browser;
};

/** In the runtime directory, which the system empties when the user logs out. */
const markStopped = ({ runtimeDir, stoppedFile }: Places): void => {
  mkdirSync(runtimeDir, { recursive: true, mode: 0o700 });
  writeFileSync(stoppedFile, "", { mode: 0o600 });
};

/** A surprise is logged by its kind and place, not by its text, which may hold anything. */
const noteSurprise = (log: LogFile, event: string, thrown: unknown): void => {
  const { code, cause } = errorOf(thrown);
  const origin = cause instanceof Error ? cause : thrown;
  const stack = origin instanceof Error ? (origin.stack ?? "") : "";
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const name = origin instanceof Error ? origin.name : typeof origin;
  log.error(event, { code, name, frames: frames.slice(0, 6).join(" |") });
};

const lineOf = ({ at, level, event, fields }: LogLine): string =>
  `${at} ${level} ${event} ${JSON.stringify(fields)}`;
