import { existsSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { AllSources } from "./assembly/all-sources.ts";
import { Gatehouse } from "./assembly/gatehouse.ts";
import { Handover } from "./assembly/handover.ts";
import { openBelongings } from "./assembly/own-belongings.ts";
import { answerForPlace, asksForPlace, type Claimant, givesWay } from "./assembly/place.ts";
import { standingIn } from "./assembly/succession.ts";
import {
  type Absent,
  claim,
  currentPlaces,
  markStopped,
  usualFolders,
  usualStateDir,
} from "./assembly/ownership.ts";
import { type OwnClaude, openOwnClaude } from "./assembly/own-claude.ts";
import type { ShellVariables } from "./assembly/own-request.ts";
import { type OwnDoctor, openOwnDoctor } from "./assembly/own-doctor.ts";
import { type OwnEnvironment, openOwnEnvironment } from "./assembly/own-environment.ts";
import { openOwnVerbs, type OwnVerbs } from "./assembly/own-verbs.ts";
import { openToolbox, type Toolbox } from "./assembly/toolbox.ts";
import { comparedVariables } from "./commands/environment.ts";
import type { Face } from "./commands/face-ports.ts";
import type { Left } from "./commands/reset-ports.ts";
import { run } from "./commands/run.ts";
import { managedFileOn } from "./commands/setup-print.ts";
import type { Context, Reply, Request } from "./commands/verb.ts";
import { Attention } from "./core/attention.ts";
import { Broker } from "./core/broker.ts";
import { tokenOf } from "./core/credential.ts";
import { errorOf, type EvercredError } from "./core/errors.ts";
import type { Consent } from "./core/consent.ts";
import type { DayBook } from "./core/day-book.ts";
import { judgeMemory, judgePrograms } from "./core/judging.ts";
import type { Rule } from "./core/limits.ts";
import type { Presence } from "./core/person.ts";
import { Quiet } from "./core/quiet.ts";
import type { Secret } from "./core/secret.ts";
import { SignIns } from "./core/sign-ins.ts";
import { type Flow, type SourceId, targetOf } from "./core/source.ts";
import { Waking } from "./core/waking.ts";
import type { SystemProxy } from "./platform/asked-proxies.ts";
import { SystemBrowser } from "./platform/browser.ts";
import { openMachine } from "./platform/callers.ts";
import { claudeFileOf } from "./platform/claude-settings.ts";
import { SystemClock } from "./platform/clock.ts";
import { type ConfigFile, openConfig } from "./platform/config.ts";
import type { Config } from "./platform/config-schema.ts";
import { Footprint } from "./platform/footprint.ts";
import { hardenProcess } from "./platform/hardening.ts";
import { type Keychain, keychainService, openKeychain } from "./platform/keychain.ts";
import { type LogFile, type LogLine, openLog } from "./platform/log.ts";
import { MemoFile } from "./platform/memo.ts";
import { Network } from "./platform/network.ts";
import {
  clearOwnFolders,
  markOwnFolders,
  type NotRemoved,
  ownedFolders,
} from "./platform/own-folders.ts";
import { realPath } from "./platform/real-path.ts";
import { openPolicy } from "./platform/policy.ts";
import { environmentUnder } from "./platform/policy-environment.ts";
import { systemPolicy } from "./platform/policy-places.ts";
import { RunFiles } from "./platform/run-files.ts";
import { Sweep } from "./platform/sweep.ts";
import { Tidy } from "./platform/tidy.ts";
import type { Places } from "./protocol/endpoint.ts";
import type { Succession } from "./protocol/succession.ts";
import {
  clockTroubles,
  fileTrouble,
  memoryTroubles,
  outlivedTroubles,
  overruledTrouble,
} from "./protocol/troubles.ts";
import type { Trouble, View } from "./protocol/view.ts";
import { troubleOf, viewOf } from "./protocol/view-of.ts";
import { LocalBridges } from "./server/bridges.ts";
import { ProcessCallers } from "./server/callers.ts";
import { ContainerDoor } from "./server/container-door.ts";
import { openDoor } from "./server/door.ts";
import { MetadataDoor } from "./server/metadata-door.ts";

declare const EVERCRED_VERSION: string;

export interface DaemonOptions {
  readonly presence: Presence;
  /** Resolves once `presence` knows what it is to know before anybody may be asked: nobody is served before. Undefined: at once. */
  readonly known: Promise<unknown> | undefined;
  /** Who knows the system's proxy, and can run a PAC script; undefined where that is nobody. */
  readonly systemProxy: SystemProxy | undefined;
  /** What can show and ask a person something; undefined where there is no desktop. */
  readonly face: Face | undefined;
  /** The path of the shim that was built with this daemon. */
  readonly shim: string;
  /** Started by a program, not by a person: then the user's stop holds. */
  readonly background: boolean;
  /** What it is where another one owns the state already; undefined: nothing that would make that one go. */
  readonly claimant: Claimant | undefined;
  /** Whether the log is also printed for people on stderr. */
  readonly foreground: boolean;
  /** Called once its door is closed: another one that comes up from then on is no second one. Not where it vanishes. */
  readonly leaving?: () => void;
  /**
   * Ends the process at once, so that nothing is written on the way out, once all that is Evercred's has been taken away;
   * left out where nothing would be.
   */
  readonly vanish?: () => void;
  /** The files that this process was started from. */
  readonly program: readonly string[];
  /** Who comes next where others stand in their places; undefined where somebody has to see to that. */
  readonly succession: Succession | undefined;
}

/** The running daemon, as its face sees it. */
export interface Daemon {
  readonly kind: "running";
  readonly broker: Broker;
  readonly signIns: SignIns;
  /** Whether a person may be asked. */
  readonly attention: Attention;
  /** Until when a person does not want to be asked. */
  readonly quiet: Quiet;
  readonly consent: Consent;
  /** What befell the sessions within the last day. */
  readonly dayBook: Pick<DayBook, "marksOf">;
  /** Writes the AWS configuration. */
  readonly aws: Pick<Toolbox["aws"], "addOrganisation" | "addProfiles">;
  readonly verbs: OwnVerbs;
  readonly claude: OwnClaude;
  readonly doctor: OwnDoctor;
  readonly environment: OwnEnvironment;
  /** What verbs read and change, for windows that do the same. */
  readonly tools: Pick<
    Context,
    | "auditReader"
    | "bridges"
    | "clock"
    | "config"
    | "configReader"
    | "daemon"
    | "inspector"
    | "networkProbe"
  >;
  readonly log: LogFile;
  readonly places: Places;
  /** Its way out: proxy and certificates are decided there. */
  readonly network: Pick<Network, "agent">;
  /** Where it listens. */
  readonly address: string;
  settings(): Config;
  /** What an organisation has set for this computer. */
  rule(): Rule;
  view(): View;
  /** Calls `listener` after each change of the view, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Somebody came back: what is due is done now. */
  recheck(): void;
  /** The computer woke up: what is due is done now, and what fails meanwhile is put down to its network. */
  woke(): void;
  /** Whether something is typed in the window that is not saved yet. */
  noteDraft(isThere: boolean): void;
  /** Goes over to whoever follows so, as to another installation on the disk: once nothing is under way. */
  handOver(succession: Succession): void;
  /** Resolves once the daemon has stopped, by whatever way. */
  readonly ended: Promise<void>;
  /** The user's Quit: nothing starts it again by itself before the next login. */
  quit(): Promise<void>;
  /** Stops it, and leaves no mark. */
  close(): Promise<void>;
}

/** Puts the daemon together and opens its door. Rejects with an EvercredError where it cannot. */
export const openDaemon = async (options: DaemonOptions): Promise<Daemon | Absent> => {
  const places = currentPlaces();
  const usual = usualFolders();
  markOwnFolders(places, usual);
  const log = openLog({ file: places.logFile, level: "info", stderr: options.foreground });
  hardenProcess(log);
  process.on("unhandledRejection", (thrown) => {
    noteSurprise(log, "daemon: unhandled rejection", thrown);
  });
  process.on("uncaughtExceptionMonitor", (thrown) => {
    noteSurprise(log, "daemon: uncaught exception", thrown);
  });
  try {
    return await compose(options, places, usual, log);
  } catch (thrown) {
    noteSurprise(log, "daemon: not started", thrown);
    throw errorOf(thrown);
  }
};

const compose = async (
  options: DaemonOptions,
  places: Places,
  usual: readonly string[],
  log: LogFile,
): Promise<Daemon | Absent> => {
  const { env, platform } = process;
  const { face, background } = options;
  const ownership = await claim(places, options.shim, options.claimant);
  if (!ownership.held) {
    log.close();
    return { kind: "owned", by: ownership.by };
  }
  if (background && existsSync(places.stoppedFile)) {
    ownership.release();
    log.close();
    return { kind: "stopped" };
  }
  rmSync(places.stoppedFile, { force: true });

  const configFile = join(places.configDir, "config.json");
  const policy = await openPolicy({ place: systemPolicy(platform), log });
  const config = openConfig({ file: configFile, policy, log });
  const memo = new MemoFile({ file: join(places.stateDir, "memo.json"), log });
  const clock = new SystemClock();
  const rule = (): Rule => policy.rule;
  const memoryRefusal = (): EvercredError | undefined => judgeMemory(rule());
  const wantsMemory = env["EVERCRED_KEYCHAIN"] === "memory";
  const mode = wantsMemory && memoryRefusal() === undefined ? "memory" : "os";
  const service = keychainService(places.stateDir, usualStateDir());
  const store = openKeychain({ service, mode, memoryRefusal, log });
  const broker = new Broker({ store, memo, clock, random: Math.random, log });
  const secretOf = async (key: string): Promise<Secret> =>
    tokenOf(await broker.issue(targetOf("api-key", key))).token;
  const network = new Network({
    env: environmentUnder(config, env),
    settings: config.current.network,
    secretOf,
    system: options.systemProxy,
    log,
  });
  const browser = new SystemBrowser({
    env,
    platform,
    log,
    folder: join(places.runtimeDir, "pages"),
    configured: (id) => browserOf(config, id),
    refusal: (program) => judgePrograms([program], rule(), realPath),
    changed: () => changed(),
  });
  const quiet = new Quiet(clock, memo);
  const attention = new Attention(options.presence, quiet);
  const signIns = new SignIns(browser, attention, log);
  const sources = new AllSources({
    network,
    clock,
    log,
    secretOf,
    rule,
    isInMemory: mode === "memory",
    isForced: (id) => config.isForced(["sources", id]),
    flowOf: (id) => forcedFlowOf(config, id),
  });

  const callers = new ProcessCallers(openMachine(options.shim, log), log);
  const runFiles = new RunFiles({ folder: join(places.runtimeDir, "runs"), log });

  const listeners = new Set<() => void>();
  let stop: (how: Stop) => Promise<void> = () => Promise.resolve();
  let hasDraft = false;
  const footprint = new Footprint(options.program);
  let follower: Succession | undefined;
  let tellLeft: (left: readonly Left[]) => void = () => undefined;
  const handover = new Handover({
    footprint: { isReplaced: () => follower !== undefined || footprint.isReplaced() },
    clock,
    forbidden: () => {
      const isKept = mode === "os" && broker.sessions.every(({ durable }) => durable);
      if (!isKept) return "memory";
      return options.succession === undefined ? "by-hand" : undefined;
    },
    work: () => {
      const { sessions } = broker;
      if (sessions.some(({ isAtWork }) => isAtWork)) return "renewal";
      if (sessions.some(({ signInOpen }) => signInOpen?.opened === true)) return "sign-in";
      return hasDraft ? "draft" : undefined;
    },
    leave: (isAsked) => void stop(isAsked ? "plain" : "replaced"),
    changed: () => changed(),
    log,
  });
  const changed = (): void => {
    for (const listener of listeners) listener();
    handover.settled();
  };
  quiet.subscribe(changed);
  attention.onReturn(changed);
  const waking = new Waking(clock, changed);
  const gatehouse = new Gatehouse({
    stateDir: places.stateDir,
    clock,
    log,
    broker,
    hasFace: options.face !== undefined,
    settings: () => config.current,
    changed,
  });
  const { audit, gate, consent } = gatehouse;
  const doors = new ContainerDoor({
    store,
    clock,
    log,
    issuer: broker,
    gate,
    callers,
    rule,
    standingAllowed: () => config.current.doors.containerCredentials,
    changed,
  });
  const metadata = new MetadataDoor({
    store,
    clock,
    random: Math.random,
    log,
    issuer: broker,
    gate,
    callers,
    filesAllowed: () => !gatehouse.asks,
    folder: join(places.runtimeDir, "tokens"),
    platform,
    rule,
    standingAllowed: () => config.current.doors.gceMetadata,
    changed,
  });
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const tidy = new Tidy();
  const handle = async (request: Request, reply: Reply): Promise<number> => {
    tidy.used();
    // The door is open before all behind it is put together: what a verb changes would be heard by nobody.
    await ready;
    const claimant = asksForPlace(request);
    if (claimant !== undefined) {
      const goes = givesWay({ hasFace: face !== undefined, background }, claimant);
      return answerForPlace(goes ? handover : undefined, reply);
    }
    return standingIn(handover, EVERCRED_VERSION, request, reply, (answered) =>
      run(request, answered, context),
    );
  };
  const bridges = new LocalBridges({
    folder: join(places.runtimeDir, "bridges"),
    store,
    rule,
    clock,
    log,
    audit,
    gate,
    ended: (name) => {
      gatehouse.forgetBridge(name);
    },
    issuer: broker,
    handle,
    changed,
  });
  let loaded = Promise.resolve();
  /** One after the other: what is read last is what counts. */
  const load = (): Promise<void> => {
    const next = loaded.then(async () => {
      const found = await sources.load(config.current, gatehouse.asks);
      files.follow();
      await broker.configure(found);
      changed();
    });
    loaded = next.catch(() => undefined);
    return next;
  };
  const files = sources.watch(load, () => void broker.look());
  const fileTroubles = (): readonly Trouble[] =>
    [...policy.problems, ...config.problems, ...sources.problems, ...network.problems].map(
      fileTrouble,
    );
  const view = (): View => {
    const { sessions } = broker;
    const memory = memoryTroubles(mode, sessions);
    const clocks = clockTroubles(sessions.map(({ source }) => source));
    const overruled = wantsMemory && mode === "os" ? memoryRefusal() : undefined;
    const { closed } = policy.rule;
    const troubles = [
      ...(closed === undefined ? [] : [troubleOf(closed)]),
      ...(overruled === undefined
        ? []
        : [overruledTrouble(overruled, "EVERCRED_KEYCHAIN=memory does not count.")]),
      ...browser.troubles,
      ...memory,
      ...doors.troubles,
      ...metadata.troubles,
      ...bridges.troubles,
      ...gatehouse.troubles,
      ...memo.troubles,
      ...outlivedTroubles(handover.outlived),
      ...fileTroubles(),
      ...clocks,
    ];
    return viewOf(
      sessions,
      troubles,
      gatehouse.view(),
      clock.now(),
      config.current.signIn.before,
      (since) => waking.explains(since),
    );
  };

  const lookAtFiles = (): void => {
    files.check();
    policy.check();
    config.check();
    network.check();
  };
  const tools = openToolbox({
    places,
    shim: options.shim,
    configFile,
    log,
    clock,
    store,
    policy,
    config,
    network,
    broker,
    sources,
    rule,
    load,
    loaded: () => loaded,
    look: lookAtFiles,
  });

  const settings = config.current;
  const ruled = policy.rule;
  log.setLevel(settings.log);
  await load();
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const stopListening = broker.subscribe(changed);
  network.subscribe(changed);

  const context: Context = {
    broker,
    signIns,
    clock,
    daemon: {
      version: EVERCRED_VERSION,
      pid: process.pid,
      socket: places.socket,
      configFile,
      awsConfigFile: sources.aws.configFile,
      shim: options.shim,
      // The one that is built on Linux is static: it runs in any container there.
      containerShim: platform === "linux" ? options.shim : undefined,
      environment: comparedIn(env),
      keychain: mode,
      outlived: () => handover.outlived,
      stop: () => {
        // At once: a client of another version has the disk looked at before the rest comes.
        handover.close();
        // What was said to the caller goes out first.
        setImmediate(() => void stop("marked"));
      },
    },
    ...tools,
    belongings: openBelongings({
      places,
      configFile,
      store,
      aws: sources.aws,
      google: sources.google,
      autostart: { home: homedir(), env },
      face: options.face,
      stray: (id, saved) => sources.stray(id, saved),
      claudeFile: claudeFileOf("user", homedir(), {
        home: homedir(),
        configDir: env["CLAUDE_CONFIG_DIR"],
      }),
      policy: tools.policy,
      managedFile: managedFileOn(platform),
      usual,
      leave: () =>
        new Promise((resolve) => {
          tellLeft = resolve;
          void stop("forgotten").then(() => {
            resolve([]);
          });
        }),
    }),
    face: options.face,
    doors,
    googleDoors: metadata,
    bridges,
    gate,
    audit,
    auditReader: gatehouse.auditReader,
    consents: gatehouse.consents,
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
  const door = await openDoor(places, handle, callers, log);
  // They read the keychain, which may take its time: who waits for one of them waits for that.
  void doors.open();
  void metadata.open();
  void bridges.open();
  void runFiles.clean();

  const sweep = new Sweep({
    sweep: () => {
      lookAtFiles();
      void broker.sweep();
      void doors.sweep();
      void metadata.sweep();
      void bridges.sweep();
      gatehouse.sweep();
      handover.look();
      tidy.look();
      door.mend().catch(() => log.error("server: the socket could not be put back"));
    },
    remind: () => {
      for (const session of broker.sessions) session.remind();
    },
    log,
  });
  sweep.schedule(config.current.signIn.schedule);
  sweep.start();
  tidy.start();
  const apply = (): void => {
    log.setLevel(config.current.log);
    network.apply(config.current.network);
    sweep.schedule(config.current.signIn.schedule);
    gatehouse.apply();
    void doors.sweep();
    void metadata.sweep();
    void bridges.sweep();
    void load();
  };
  config.subscribe(apply);
  policy.subscribe(apply);
  // They may have changed while nobody listened.
  if (config.current !== settings || policy.rule !== ruled) apply();

  const own = { program: process.execPath, home: homedir() };
  const shellVariables: ShellVariables = (names) => sources.shellVariables(names);
  const verbs = openOwnVerbs(context, audit, own, shellVariables);
  const claude = openOwnClaude({
    inspector: tools.inspector,
    home: own.home,
    searchPath: () => sources.searchPath(),
    changed,
  });

  const recheck = (): void => {
    clock.recheck();
    lookAtFiles();
    void broker.sweep();
  };
  let stopping: Promise<void> | undefined;
  let ending: Stop | undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const closeAll = async (how: Stop): Promise<void> => {
    const succession = how === "replaced" ? (follower ?? options.succession) : undefined;
    succession?.begin();
    stopListening();
    sweep.stop();
    tidy.close();
    files.close();
    claude.close();
    config.close();
    policy.close();
    signIns.close();
    attention.close();
    quiet.close();
    waking.close();
    handover.close();
    // What runs goes on under the next daemon: this one's end is not its end.
    doors.close();
    metadata.close();
    bridges.close();
    const left = runFiles.close();
    browser.close();
    // Who has asked for the end hears what has come of it.
    if (how === "forgotten") door.shut();
    else {
      void door.close();
      options.leaving?.();
    }
    await Promise.all([left, broker.close()]);
    const entries = how === "forgotten" ? await forgetAll(store) : [];
    await store.settled();
    network.close();
    memo.close();
    gatehouse.close();
    log.info("daemon: stopped");
    if (how === "forgotten") {
      log.close();
      // The marks go with all else.
      const owned = ownedFolders(places, usual);
      tellLeft([...entries, ...clearOwnFolders(places, owned)].map(leftOf));
      await door.close();
      // Chromium has gone on meanwhile.
      clearOwnFolders(places, owned);
      options.vanish?.();
    }
    ownership.release();
    log.close();
    if (!existsSync(places.stoppedFile)) await succession?.end();
    end();
  };
  stop = (how) => {
    ending ??= how;
    // Also where it goes over to another one already: that one is to heed it.
    if (how === "marked" && ending !== "forgotten") markStopped(places);
    return (stopping ??= closeAll(ending));
  };
  if (existsSync(places.stoppedFile)) {
    // Somebody has said so while nobody could be told.
    await stop("plain");
    return { kind: "stopped" };
  }
  await options.known;
  isReady();
  log.info("daemon: started", { version: EVERCRED_VERSION, pid: process.pid, keychain: mode });
  return {
    kind: "running",
    broker,
    signIns,
    attention,
    quiet,
    consent,
    dayBook: gatehouse.dayBook,
    aws: tools.aws,
    verbs,
    claude,
    doctor: openOwnDoctor(verbs, broker, clock),
    environment: openOwnEnvironment(context, shellVariables, own),
    tools: context,
    log,
    places,
    network,
    noteDraft: (isThere) => {
      hasDraft = isThere;
      handover.settled();
    },
    handOver: (succession) => {
      follower = succession;
      handover.look();
    },
    address: door.address,
    settings: () => config.current,
    rule,
    view,
    subscribe,
    recheck,
    woke: () => {
      waking.begin();
      recheck();
    },
    ended,
    quit: () => stop("marked"),
    close: () => stop("plain"),
  };
};

/**
 * `marked`: nothing starts it again by itself before the next login. `forgotten`: nothing is left of it. `replaced`: the
 * one that is installed now comes next.
 */
type Stop = "plain" | "marked" | "forgotten" | "replaced";

/** What doors have saved on their way out goes too. Resolves to what could not be removed. */
const forgetAll = async (store: Keychain): Promise<readonly NotRemoved[]> => {
  const left: NotRemoved[] = [];
  const keys = await store.keys().catch(() => []);
  for (const key of keys) {
    await store.delete(key).catch((thrown: unknown) => {
      left.push({ path: `The entry ${key} of the keychain`, reason: errorOf(thrown).code });
    });
  }
  return left;
};

const leftOf = ({ path, reason }: NotRemoved): Left => ({
  sentence: `${path} cannot be taken away (${reason}).`,
  remedy: "Make sure that it is yours to change, then delete it.",
});

/** How signing in has to go: a person may only choose where the policy leaves it to them. */
const forcedFlowOf = (config: ConfigFile, id: SourceId): Flow | undefined => {
  const source = config.current.sources[id];
  const flow = source !== undefined && "flow" in source ? source.flow : undefined;
  const isOneOfTwo = flow === "code" || flow === "device";
  return isOneOfTwo && config.isForced(["sources", id, "flow"]) ? flow : undefined;
};

/** The command that a person has chosen for a source's pages; without a source, for all of them. */
const browserOf = (config: ConfigFile, id: SourceId | undefined): readonly string[] | undefined => {
  const { sources, signIn } = config.current;
  return (id === undefined ? undefined : sources[id]?.browser) ?? signIn.browser;
};

/** What of an environment is compared with that of callers. */
const comparedIn = (env: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    comparedVariables.flatMap((name): [string, string][] => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

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
