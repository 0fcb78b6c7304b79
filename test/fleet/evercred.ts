import { Broker } from "../../electron/core/broker.ts";
import type { Credential, Grant } from "../../electron/core/credential.ts";
import { hasCode } from "../../electron/core/errors.ts";
import type { Log } from "../../electron/core/log.ts";
import { Secret } from "../../electron/core/secret.ts";
import { type Source, sourceIdOf, type Target, targetOf } from "../../electron/core/source.ts";
import { type Instant, plus } from "../../electron/core/time.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { MemoryStore } from "../fakes/store.ts";
import { type Session, tokenMs } from "./provider.ts";
import type { Answer, Computer, Tool } from "./tool.ts";

const id = sourceIdOf("corp");
const boundTo = "https://corp.example/start";
const hush = (): void => undefined;
const silent: Log = { debug: hush, info: hush, warn: hush, error: hush };
const noSecret = new Secret("");

/** Evercred itself: its broker, sessions and policy, on one computer of a fleet. */
export class Evercred implements Tool {
  readonly #computer: Computer;
  readonly #store = new MemoryStore();
  readonly #memo = new MemoryMemo();
  readonly #source: FleetSource;
  #broker: Broker;

  constructor(computer: Computer) {
    this.#computer = computer;
    this.#source = new FleetSource(computer);
    this.#broker = this.#newBroker();
  }

  async start(): Promise<void> {
    this.#broker = this.#newBroker();
    await this.#broker.configure([this.#source]);
  }

  stop(): Promise<void> {
    return this.#broker.close();
  }

  ask(role: string): Answer | Promise<Answer> {
    const { session, offer } = this.#broker.route(targetOf("aws", role));
    return session.issued.peek(offer.key) === undefined ? this.#wait(role) : "memory";
  }

  async #wait(role: string): Promise<Answer> {
    const before = this.#computer.clock.now();
    try {
      await this.#computer.await(() => this.#broker.issue(targetOf("aws", role)));
      return this.#computer.clock.now() === before ? "memory" : "waited";
    } catch (thrown) {
      return hasCode(thrown, "sign-in-needed") ? "sign-in" : "failed";
    }
  }

  async signIn(): Promise<boolean> {
    const session = this.#broker.session(id);
    if (session === undefined) throw new Error("There is nothing to sign in to.");
    const { kind } = await session.signIn("code").outcome;
    return kind === "signed-in";
  }

  woke(): void {
    void this.#broker.sweep();
  }

  get isProlongable(): boolean {
    return this.#source.isProlongable;
  }

  #newBroker(): Broker {
    const { clock, chance } = this.#computer;
    return new Broker({ store: this.#store, memo: this.#memo, clock, random: chance, log: silent });
  }
}

/** The organisation's sign-in, as Evercred sees it from one computer. */
class FleetSource implements Source {
  readonly id = id;
  readonly kind = "aws-sso";
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly title = "Corp";
  readonly organisation = "corp.example";
  readonly boundTo = boundTo;
  readonly offers: Source["offers"];
  readonly shared = undefined;
  readonly directory = undefined;
  readonly #computer: Computer;
  /** By the number that its grants are saved under. */
  readonly #sessions: Session[] = [];

  constructor(computer: Computer) {
    this.#computer = computer;
    this.offers = new Map(
      computer.roles.map((role): [Target, { key: string; title: string }] => [
        targetOf("aws", role),
        { key: role, title: role },
      ]),
    );
  }

  get isProlongable(): boolean {
    const last = this.#sessions.at(-1);
    return last !== undefined && !this.#computer.provider.isOver(last);
  }

  offsetMs(): number {
    return 0;
  }

  async signIn({ show }: Parameters<Source["signIn"]>[0]): Promise<Grant> {
    const { provider, clock } = this.#computer;
    const endsAt = plus(clock.now(), 10 * 60_000);
    show({ flow: "code", url: "https://corp.example/", endsAt });
    const session = await this.#computer.await(() => provider.signIn(this.#computer));
    this.#sessions.push(session);
    return this.#grant(this.#sessions.length - 1, clock.now());
  }

  async renew(grant: Grant): Promise<Grant> {
    const { provider, clock } = this.#computer;
    const [index, refresh] = this.#read(grant.saved);
    await provider.renew(this.#sessions[index]!, refresh, this.#computer);
    return this.#grant(index, clock.now());
  }

  async issue(grant: Grant, key: string): Promise<Credential> {
    const issuedAt = await this.#computer.provider.issue(grant.expiresAt, this.#computer);
    return {
      kind: "aws",
      accountId: undefined,
      accessKeyId: key,
      secretAccessKey: noSecret,
      sessionToken: noSecret,
      issuedAt,
      expiresAt: plus(issuedAt, tokenMs),
    };
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async probe(grant: Grant): Promise<void> {
    await this.#computer.provider.issue(grant.expiresAt, this.#computer);
  }

  async revoke(grant: Grant): Promise<void> {
    await this.#computer.provider.issue(grant.expiresAt, this.#computer);
  }

  restore(saved: Secret): Grant {
    const [index, refresh, issuedAt] = this.#read(saved);
    return this.#grantOf(index, refresh, issuedAt);
  }

  #grant(index: number, issuedAt: Instant): Grant {
    return this.#grantOf(index, this.#sessions[index]!.refresh, issuedAt);
  }

  #grantOf(index: number, refresh: number, issuedAt: Instant): Grant {
    return {
      saved: new Secret([index, refresh, issuedAt].join(" ")),
      boundTo,
      signedInAt: this.#sessions[index]!.signedInAt,
      issuedAt,
      expiresAt: plus(issuedAt, tokenMs),
      renewable: true,
      account: "somebody",
    };
  }

  #read(saved: Secret): [index: number, refresh: number, issuedAt: Instant] {
    const [index = 0, refresh = 0, issuedAt = 0] = saved.reveal().split(" ").map(Number);
    return [index, refresh, issuedAt as Instant];
  }
}
