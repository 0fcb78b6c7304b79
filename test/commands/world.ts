import { onTestFinished } from "vitest";
import { run } from "../../electron/commands/run.ts";
import type { Outlived, Context, Request } from "../../electron/commands/verb.ts";
import { type Caller, unknownCaller } from "../../electron/core/caller.ts";
import { Answers } from "../../electron/core/answers.ts";
import { Broker } from "../../electron/core/broker.ts";
import type { Secret } from "../../electron/core/secret.ts";
import type { Session } from "../../electron/core/session.ts";
import { type Offer, type Target, targetOf } from "../../electron/core/source.ts";
import { SignIns } from "../../electron/core/sign-ins.ts";
import { clockTime } from "../../electron/protocol/times.ts";
import type { Trouble } from "../../electron/protocol/view.ts";
import { viewOf } from "../../electron/protocol/view-of.ts";
import { FrameDecoder } from "../../electron/protocol/wire.ts";
import { replyOf } from "../../electron/server/reply.ts";
import { FakeAccess } from "../fakes/access.ts";
import { MemoryAnswers } from "../fakes/answer-store.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { FakeAuditReader } from "../fakes/audit-reader.ts";
import { FakeAwsTools } from "../fakes/aws-tools.ts";
import { FakeBelongings } from "../fakes/belongings.ts";
import { FakeBridges } from "../fakes/bridges.ts";
import { FakeBrowser } from "../fakes/browser.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { FakeClaudeSettings } from "../fakes/claude-settings.ts";
import { FakeConfigEditor } from "../fakes/config-editor.ts";
import { FakeConfigReader } from "../fakes/config-reader.ts";
import { FakeDoors } from "../fakes/doors.ts";
import { FakeGate } from "../fakes/gate.ts";
import { FakeGateways } from "../fakes/gateways.ts";
import { FakeGoogleDoors } from "../fakes/google-doors.ts";
import { FakeGoogleTools } from "../fakes/google-tools.ts";
import { FakeInspector } from "../fakes/inspector.ts";
import { FakeLogReader } from "../fakes/log-reader.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { FakeNetworkProbe } from "../fakes/network-probe.ts";
import { FakePolicies } from "../fakes/policies.ts";
import { FakePresence } from "../fakes/presence.ts";
import {
  FakeContainerSettings,
  FakeEditorSettings,
  FakeGcloudSettings,
  FakeProcessProfiles,
  FakeSetupFiles,
} from "../fakes/setup-files.ts";
import { ScriptedProvider } from "../fakes/provider.ts";
import { ScriptedSource } from "../fakes/source.ts";
import { MemoryStore } from "../fakes/store.ts";
import { TappedLog } from "./tapped-log.ts";
import { english } from "../../electron/protocol/words.ts";

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** A caller at a terminal. */
export const terminal = { stdin: true, stdout: true, stderr: true, width: 80 };

const noTerminal = { stdin: false, stdout: false, stderr: false, width: 0 };

/** A caller that differs from the usual one, which is a program. */
export interface CallerParts extends Partial<
  Pick<Request, "env" | "cwd" | "terminal" | "bridge" | "caller" | "client">
> {
  /** The caller's environment, for verbs that ask for it; left out: it cannot be had. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What the caller types, line by line. */
  readonly types?: readonly (string | Promise<string>)[];
  /** Whether it has left before its request is run. */
  readonly gone?: boolean;
}

/** The program that the shim is told to become: its variables, an unset one undefined, or its script. */
export type Order =
  | { readonly variables: Readonly<Record<string, string | undefined>> }
  | { readonly script: string; readonly words: readonly string[] };

/** A request that runs. */
export interface Call {
  /** Resolves to the exit code. */
  readonly exit: Promise<number>;
  /** What has been printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The questions that were put, `l` with echo and `h` without. */
  readonly questions: readonly string[];
  /** What the shim was told to run, if anything. */
  readonly order: Order | undefined;
  /** The caller goes away, or the program that it has become ends. */
  leave(): void;
}

/** What a request came to. */
export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly questions: readonly string[];
}

/** How a world differs from one with the single source `corp` and its profiles `dev` and `ops`. */
export interface WorldParts {
  /** Source -> profile -> key. */
  readonly sources?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly store?: MemoryStore;
  /** Whether there is a desktop with a window; left out: there is. */
  readonly hasDesktop?: boolean;
}

/** The daemon's verbs with all that they work with, on a machine whose people a test plays. */
export class World {
  readonly clock = new FakeClock();
  readonly provider = new ScriptedProvider(this.clock);
  readonly browser = new FakeBrowser();
  readonly presence = new FakePresence();
  readonly log = new TappedLog();
  readonly memo = new MemoryMemo();
  readonly doors = new FakeDoors();
  readonly google = new FakeGoogleTools();
  readonly googleDoors = new FakeGoogleDoors();
  readonly bridges = new FakeBridges(this.clock);
  readonly audit = new MemoryAudit();
  readonly gate = new FakeGate(this.audit);
  readonly auditReader = new FakeAuditReader();
  readonly answers = new Answers(new MemoryAnswers(), this.clock);
  /** Whether the configuration has people asked. */
  asks = true;
  /** Who has had answers forgotten, or may have turned asking on or off. */
  readonly changers: Caller[] = [];
  readonly config = new FakeConfigEditor();
  readonly claude = new FakeClaudeSettings();
  readonly editors = new FakeEditorSettings();
  readonly containers = new FakeContainerSettings();
  readonly processProfiles = new FakeProcessProfiles();
  readonly gcloud = new FakeGcloudSettings();
  readonly setupFiles = new FakeSetupFiles();
  /** The daemon's own variables, as far as they are compared. */
  readonly environment: Record<string, string> = {};
  readonly configReader = new FakeConfigReader();
  readonly policy = new FakePolicies();
  readonly logs = new FakeLogReader();
  readonly gateways = new FakeGateways();
  readonly access = new FakeAccess();
  readonly networkProbe = new FakeNetworkProbe();
  readonly inspector = new FakeInspector();
  /** What keeps the daemon after another one was installed. */
  outlived: Outlived | undefined;
  readonly belongings = new FakeBelongings();
  /** The pages on which the window was opened, `as it is` where none was named. */
  readonly windows: string[] = [];
  readonly aws = new FakeAwsTools((name) => this.#addSource(name));
  /** The files that programs were given, with the signal of their end. */
  readonly files: {
    readonly files: Readonly<Record<string, string>>;
    readonly until: AbortSignal;
  }[] = [];
  /** The secret addresses that were opened. */
  readonly secretPages: Secret[] = [];
  readonly store: MemoryStore;
  readonly broker: Broker;
  readonly signIns: SignIns;
  readonly context: Context;
  sources: readonly ScriptedSource[];
  defaultProfile: string | undefined;
  defaultGoogleSource: string | undefined;
  problems: readonly Trouble[] = [];
  /** What nobody foresaw, as far as it was told. */
  readonly surprises: unknown[] = [];
  /** How often the daemon was told to stop. */
  stops = 0;

  private constructor(parts: WorldParts) {
    const { clock, provider, log, memo } = this;
    this.store = parts.store ?? new MemoryStore();
    this.broker = new Broker({ store: this.store, memo, clock, random: () => 0, log });
    this.signIns = new SignIns(this.browser, this.presence, log);
    this.sources =
      parts.sources === undefined
        ? [new ScriptedSource({ clock, provider })]
        : Object.entries(parts.sources).map(
            ([id, profiles]) => new ScriptedSource({ clock, provider, id, profiles }),
          );
    this.context = {
      broker: this.broker,
      signIns: this.signIns,
      clock,
      daemon: {
        version: "1.2.3",
        pid: 4242,
        socket: "/run/user/1000/evercred/daemon.sock",
        configFile: "/home/ann/.config/evercred/config.json",
        awsConfigFile: "/home/ann/.aws/config",
        shim: "/opt/evercred/bin/evercred",
        containerShim: "/opt/evercred/bin/evercred",
        environment: this.environment,
        keychain: "os",
        outlived: () => this.outlived,
        stop: () => {
          this.stops += 1;
        },
      },
      aws: this.aws,
      google: this.google,
      doors: this.doors,
      googleDoors: this.googleDoors,
      bridges: this.bridges,
      gate: this.gate,
      audit: this.audit,
      auditReader: this.auditReader,
      consents: {
        answers: () => this.answers.all,
        isOn: () => this.asks,
        forget: (isMeant, by) => {
          this.changers.push(by);
          return this.answers.forget(isMeant);
        },
        changedBy: (by, change) => {
          this.changers.push(by);
          return change();
        },
      },
      config: this.config,
      claude: this.claude,
      editors: this.editors,
      containers: this.containers,
      processProfiles: this.processProfiles,
      gcloud: this.gcloud,
      setupFiles: this.setupFiles,
      configReader: this.configReader,
      policy: this.policy,
      logs: this.logs,
      gateways: this.gateways,
      access: this.access,
      networkProbe: this.networkProbe,
      inspector: this.inspector,
      belongings: this.belongings,
      face:
        parts.hasDesktop === false
          ? undefined
          : { openWindow: (page) => this.windows.push(page ?? "as it is") },
      settings: () => this.config.settings,
      filesFor: async (files, until) => {
        this.files.push({ files, until });
        return `/run/user/1000/evercred/runs/${this.files.length}`;
      },
      openSecret: async (url) => {
        if (this.browser.broken) return false;
        this.secretPages.push(url);
        return true;
      },
      defaultProfile: () => this.defaultProfile,
      defaultGoogleSource: () => this.defaultGoogleSource,
      problems: () => this.problems,
      view: () => {
        const gate = { questions: [], activity: [] };
        return viewOf(this.broker.sessions, this.problems, gate, clock.now(), 20 * minute);
      },
      subscribe: (listener) => this.broker.subscribe(listener),
      surprised: (thrown) => this.surprises.push(thrown),
      trace: (listener) => log.tap(listener),
    };
  }

  /** A new world; it ends with the test. */
  static async make(parts: WorldParts = {}): Promise<World> {
    const world = new World(parts);
    await world.broker.configure(world.sources);
    onTestFinished(async () => {
      world.signIns.close();
      await world.broker.close();
    });
    return world;
  }

  /** A new world in which somebody has just signed in everywhere. */
  static async signedIn(parts: WorldParts = {}): Promise<World> {
    const world = await World.make(parts);
    for (const { id } of world.sources) await world.signIn(id);
    return world;
  }

  session(id = "corp"): Session {
    return this.broker.session(id)!;
  }

  source(id = "corp"): ScriptedSource {
    return this.sources.find((source) => source.id === id)!;
  }

  /** A person signs in, at the tray. */
  async signIn(id = "corp"): Promise<void> {
    const { outcome, request } = this.session(id).signIn(undefined);
    await request;
    this.approve(id);
    const { kind } = await outcome;
    if (kind !== "signed-in") throw new Error(`The sign-in has ${kind}.`);
  }

  /** The person before the newest page of a source says yes. */
  approve(id = "corp"): void {
    this.source(id).visits.at(-1)!.approve();
  }

  /** The configuration says where the programs of a profile of `corp` work. */
  async place(profile: string, region: string): Promise<void> {
    const offers = this.source().offers as Map<Target, Offer>;
    const target = targetOf("aws", profile);
    offers.set(target, { ...offers.get(target)!, region });
    await this.broker.configure(this.sources);
  }

  refuse(id = "corp"): void {
    this.source(id).visits.at(-1)!.refuse();
  }

  /** How many pages were opened on this machine. */
  get pages(): number {
    return this.browser.opened.length;
  }

  /** `evercred` with these words; everything that can happen at once has happened. */
  async start(words: readonly string[], parts: CallerParts = {}): Promise<Call> {
    const call = begin(this.context, words, parts);
    await this.settle();
    return call;
  }

  /** `evercred` with these words, to its end. */
  async run(words: readonly string[], parts: CallerParts = {}): Promise<Outcome> {
    const call = await this.start(words, parts);
    const exit = await call.exit;
    return { exit, stdout: call.stdout, stderr: call.stderr, questions: call.questions };
  }

  /** Lets all happen that can happen at once, also what is printed because of it. */
  async settle(): Promise<void> {
    await settle();
    await settle();
  }

  /** An instant from now, as people read it. */
  timeIn(ms: number): string {
    return clockTime(this.clock.now() + ms, this.clock.now(), english);
  }

  async #addSource(id: string): Promise<void> {
    const { clock, provider } = this;
    this.sources = [...this.sources, new ScriptedSource({ clock, provider, id, profiles: {} })];
    await this.broker.configure(this.sources);
  }
}

/** `evercred` with these words, run by a daemon of this context. */
export const begin = (
  context: Context,
  words: readonly string[],
  parts: CallerParts = {},
): Call => {
  const gone = new AbortController();
  if (parts.gone === true) gone.abort();
  const decoder = new FrameDecoder();
  const said = { "1": "", "2": "" };
  const questions: string[] = [];
  let order: Order | undefined;
  const lines = [...(parts.types ?? [])];
  const { reply, end } = replyOf(
    (bytes) => {
      for (const { type, payload } of decoder.push(bytes)) {
        if (type === "1" || type === "2") said[type] += payload.toString();
        if (type === "R") order = { variables: variablesOf(payload.toString()) };
        if (type === "S") {
          const [script = "", ...rest] = ended(payload.toString());
          order = { script, words: rest };
        }
      }
    },
    {
      ask: (hidden) => {
        questions.push(hidden ? "h" : "l");
        return Promise.resolve(lines.shift());
      },
      variables: () => Promise.resolve(parts.variables),
    },
  );
  const request: Request = {
    args: words,
    env: parts.env ?? {},
    cwd: parts.cwd ?? "/home/ann",
    terminal: parts.terminal ?? noTerminal,
    bridge: parts.bridge,
    client: parts.client,
    caller: parts.caller ?? callerOver(parts.bridge),
    signal: gone.signal,
  };
  const exit = run(request, reply, context).then((code) => {
    end(code);
    return code;
  });
  return {
    exit,
    get stdout() {
      return said["1"];
    },
    get stderr() {
      return said["2"];
    },
    questions,
    get order() {
      return order;
    },
    leave: () => gone.abort(),
  };
};

const callerOver = (bridge: Request["bridge"]): Request["caller"] =>
  bridge === undefined ? unknownCaller : { kind: "bridge", name: bridge.name };

/** The pieces of a payload, each ended by a NUL. */
const ended = (payload: string): readonly string[] => payload.split("\0").slice(0, -1);

const variablesOf = (payload: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    ended(payload).map((entry) => {
      const at = entry.indexOf("=");
      return at < 0 ? [entry, undefined] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
