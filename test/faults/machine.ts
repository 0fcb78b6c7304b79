import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import type { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { Context } from "../../electron/commands/verb.ts";
import { Broker } from "../../electron/core/broker.ts";
import type { Session } from "../../electron/core/session.ts";
import { SignIns } from "../../electron/core/sign-ins.ts";
import type { Source } from "../../electron/core/source.ts";
import { instantOf } from "../../electron/core/time.ts";
import { openKeychain } from "../../electron/platform/keychain.ts";
import { headlineOf } from "../../electron/protocol/headline.ts";
import { clockTroubles, memoryTroubles } from "../../electron/protocol/troubles.ts";
import type { View } from "../../electron/protocol/view.ts";
import { viewOf } from "../../electron/protocol/view-of.ts";
import { english } from "../../electron/protocol/words.ts";
import type { Timeouts } from "../../electron/sources/aws/transport.ts";
import { ProviderTime } from "../../electron/sources/provider-time.ts";
import { begin, type Call, World as Verbs } from "../commands/world.ts";
import { FakeBrowser } from "../fakes/browser.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import type { Cloud } from "../fakes/cloud/cloud.ts";
import type { SiteReply, SiteRequest } from "../fakes/cloud/exchange.ts";
import type { Around } from "../fakes/cloud/site-server.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { FakePresence } from "../fakes/presence.ts";
import { proxyAgent } from "../sources/aws/world.ts";
import { Entries } from "./entries.ts";
import { Run, surrounded } from "./steps.ts";
import { aws } from "./worlds/aws.ts";
import type { StartWorld, Typed, World } from "./worlds/world.ts";

export const minute = 60_000;
export const hour = 60 * minute;

// Hours of a daemon's life are seconds here, and more on a machine that is busy.
vi.setConfig({ testTimeout: 2 * minute });

/** What a request came to. */
export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The way out of the machine. */
export interface Way {
  readonly agent: Agent;
  readonly timeouts?: Timeouts;
}

/**
 * A machine on a fake clock: the core, the verbs, the keychain's code and the source are the real ones, the provider
 * answers over real sockets under its real host names. Its daemon can be killed at any step, and started again on what is
 * kept.
 */
export class Machine {
  readonly clock: FakeClock;
  readonly entries = new Entries();
  readonly browser = new FakeBrowser();
  /** The refresh tokens for which the provider has given others. */
  readonly spent: string[] = [];
  /** Those of them that it was shown once more. */
  readonly shownSpent: string[] = [];
  memo = new MemoryMemo();
  readonly world: World;
  readonly home: string;
  run!: Run;
  broker!: Broker;
  readonly #verbs: Verbs;
  #way: Way;
  #signIns!: SignIns;
  #context!: Context;
  #providerTime = new ProviderTime();

  private constructor(world: World, clock: FakeClock, home: string, verbs: Verbs) {
    this.world = world;
    this.clock = clock;
    this.home = home;
    this.#verbs = verbs;
    this.#way = this.#usualWay();
  }

  /** A machine whose daemon runs; nobody has signed in. */
  static async start(startWorld: StartWorld = aws): Promise<Machine> {
    const clock = new FakeClock(instantOf(Date.now()), () => machine.quiet());
    const around: Around = async (request, answer) => {
      if (!machine.world.services.test(request.path)) return answer();
      return machine.run.step(`request ${request.path}`, () => machine.#noted(request, answer));
    };
    const world = await startWorld({ now: () => clock.now(), around });
    const home = await mkdtemp(join(tmpdir(), "evercred-fault-"));
    const machine: Machine = new Machine(world, clock, home, await Verbs.make({ sources: {} }));
    await machine.begin();
    return machine;
  }

  /** A machine on which somebody has signed in, and a program has got what it asked for. */
  static async signedIn(): Promise<Machine> {
    const machine = await Machine.start();
    await machine.signIn();
    const first = await machine.ask();
    if (first.exit !== 0) throw new Error(first.stderr);
    return machine;
  }

  get cloud(): Cloud {
    return this.world.cloud;
  }

  get session(): Session {
    const session = this.broker.session(this.world.id);
    if (session === undefined) throw new Error("There is no session.");
    return session;
  }

  /** A daemon starts on what is kept. */
  async begin(): Promise<void> {
    this.run = new Run();
    this.#providerTime = new ProviderTime();
    const { run, browser } = this;
    const { log } = this.#verbs;
    const clock = run.clock(this.clock);
    const store = openKeychain({
      service: "Evercred",
      mode: "os",
      timeoutMs: 300,
      backend: run.entries(this.entries),
      memoryRefusal: () => undefined,
      log,
    });
    const counted = surrounded(store, ["get", "set", "delete"], (_, work) => run.wait(work));
    this.broker = new Broker({
      store: counted,
      memo: run.memo(this.memo),
      clock,
      random: () => 0,
      log,
    });
    this.#signIns = new SignIns(browser, new FakePresence(), log);
    this.#context = {
      ...this.#verbs.context,
      broker: this.broker,
      signIns: this.#signIns,
      clock,
      view: () => this.view,
      subscribe: (listener) => this.broker.subscribe(listener),
    };
    await this.#configure();
    await this.quiet();
  }

  /** The process is gone at once. `written`: what was soon to be written had just been. */
  kill(written = false): void {
    this.run.end();
    this.#signIns.close();
    if (written) this.memo.close();
    this.memo.crash();
    // What it has asked for gets no answer.
    this.#way.agent.destroy();
  }

  /** Its daemon dies and the next one starts. */
  async restart(): Promise<void> {
    this.kill();
    this.#way = this.#usualWay();
    await this.begin();
  }

  /** As the machine was at its start: nobody has ever signed in. */
  async reset(): Promise<void> {
    this.kill();
    this.entries.wipe();
    this.memo = new MemoryMemo();
    this.browser.opened.length = 0;
    this.spent.length = 0;
    this.shownSpent.length = 0;
    this.cloud.log.clear();
    await rm(this.home, { recursive: true });
    await mkdir(this.home);
    await this.restart();
  }

  /** It has another way out from now on; without one, the usual way again. */
  async reach(way?: Way): Promise<void> {
    this.#way = way ?? this.#usualWay();
    await this.#configure();
  }

  /** All that has begun has come to rest, or waits for a time to come or for a person. */
  async quiet(): Promise<void> {
    for (let rests = 0; rests < 3; rests += 1) {
      await settle();
      if (this.run.isAlive && this.run.busy > 0) rests = 0;
    }
  }

  /** Time passes as it does in the daemon: with a sweep each minute. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0 && this.run.isAlive; left -= minute) {
      await this.clock.advance(Math.min(left, minute));
      await this.sweep();
    }
  }

  async sweep(): Promise<void> {
    void this.broker.sweep();
    await this.quiet();
  }

  /** The machine sleeps, and wakes: what is due is done then. */
  async sleep(ms: number): Promise<void> {
    this.clock.jump(ms);
    await this.wake();
  }

  async wake(): Promise<void> {
    await this.clock.advance(0);
    await this.sweep();
  }

  begun(...words: readonly string[]): Call {
    return this.#begun({ words });
  }

  /** `evercred` with these words, to its end. */
  async evercred(...words: readonly string[]): Promise<Outcome> {
    const call = this.begun(...words);
    const exit = await call.exit;
    await this.quiet();
    return { exit, stdout: call.stdout, stderr: call.stderr };
  }

  /** What a program gets that asks. */
  ask(): Promise<Outcome> {
    return this.evercred(...this.world.program);
  }

  /** A person signs in: at the page that a login opens, if it is done at one. */
  async signIn(): Promise<void> {
    const { exit, stderr } = await this.login();
    if (exit !== 0) throw new Error(stderr);
  }

  async login(): Promise<Outcome> {
    const before = this.browser.opened.length;
    const call = this.#begun(this.world.signIn());
    let exit: number | undefined;
    const ended = call.exit.then((code) => {
      exit = code;
    });
    while (this.browser.opened.length === before && exit === undefined && this.run.isAlive) {
      await settle();
    }
    const page = this.browser.opened[before];
    // Where the daemon dies its browser waits for ever.
    if (page !== undefined) void this.world.approve(page.url).catch(() => undefined);
    while (exit === undefined && this.run.isAlive) await settle();
    if (!this.run.isAlive) return { exit: -1, stdout: call.stdout, stderr: call.stderr };
    await ended;
    await this.quiet();
    return { exit: exit ?? -1, stdout: call.stdout, stderr: call.stderr };
  }

  get view(): View {
    const { sessions } = this.broker;
    const troubles = [
      ...memoryTroubles("os", sessions),
      ...clockTroubles(sessions.map(({ source }) => source)),
    ];
    const gate = { questions: [], activity: [] };
    return viewOf(sessions, troubles, gate, this.clock.now(), 20 * minute);
  }

  /** What the tray says, in one line. */
  get headline(): string {
    return headlineOf(this.view, english);
  }

  /** The provider's own judgement of what was handed out. */
  isValid(stdout: string): boolean {
    return this.world.isValid(stdout, this.kept);
  }

  /** How often the provider was asked to renew. */
  get renewals(): number {
    return this.cloud.log.count({ path: "/token", grantType: "refresh_token" });
  }

  /** The refresh token, or the key, that is kept. */
  get kept(): string | undefined {
    const grant = this.entries.texts.find((text) => text.startsWith("={"));
    if (grant === undefined) return undefined;
    const { refreshToken, secret } = JSON.parse(grant.slice(1)) as Record<string, string>;
    return refreshToken ?? secret;
  }

  /** What other programs find in the home. */
  get files(): readonly string[] {
    const all = readdirSync(this.home, { recursive: true, withFileTypes: true });
    return all.filter((entry) => entry.isFile()).map(({ name }) => name);
  }

  async close(): Promise<void> {
    this.kill();
    await this.world.close();
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  #begun({ words, types = [] }: Typed): Call {
    return begin(this.#context, words, { types });
  }

  #usualWay(): Way {
    return { agent: proxyAgent(this.cloud.proxyUrl, this.cloud.ca) };
  }

  async #noted(request: SiteRequest, answer: () => Promise<SiteReply>): Promise<SiteReply> {
    const shown = refreshTokenIn(request.body);
    if (shown === undefined) return answer();
    if (this.spent.includes(shown)) this.shownSpent.push(shown);
    const reply = await answer();
    const given = reply.status === 200 ? refreshTokenIn(reply.body) : undefined;
    if (given !== undefined && given !== shown) this.spent.push(shown);
    return reply;
  }

  async #configure(): Promise<void> {
    await this.broker.configure([this.#source()]);
  }

  #source(): Source {
    const { run, home } = this;
    const { agent, timeouts } = this.#way;
    const source: Source = this.world.source({
      agent,
      timeouts,
      clock: run.clock(this.clock),
      log: this.#verbs.log,
      home,
      providerTime: this.#providerTime,
    });
    const shared =
      source.shared &&
      surrounded(source.shared, ["look", "publish", "withdraw"], (name, work) =>
        run.wait(() => run.step(`token file ${name}`, work)),
      );
    const waited = ["renew", "issue", "identify", "probe", "revoke"] as const;
    return surrounded(source, waited, (_, work) => run.wait(work), { shared });
  }
}

/** The refresh token in a request or a reply: JSON as AWS has it, or the form and the reply of OAuth. */
const refreshTokenIn = (body: string): string | undefined => {
  if (!body.startsWith("{")) return new URLSearchParams(body).get("refresh_token") ?? undefined;
  const read = JSON.parse(body) as Readonly<Record<string, string>>;
  return read["refreshToken"] ?? read["refresh_token"];
};
