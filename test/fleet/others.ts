import { errorOf } from "../../electron/core/errors.ts";
import { type Instant, instantOf, plus } from "../../electron/core/time.ts";
import { type Session, tokenMs } from "./provider.ts";
import type { Answer, Computer, Tool } from "./tool.ts";

const second = 1_000;
const minute = 60 * second;

/** What the two others have in common: a token, and the keys of some roles. */
abstract class SimpleTool implements Tool {
  protected readonly computer: Computer;
  #session: Session | undefined;
  #refresh = 0;
  #isOver = true;
  #tokenEndsAt: Instant = instantOf(0);
  protected readonly keys = new Map<string, Instant>();
  #renewing: Promise<void> | undefined;
  readonly #issuing = new Map<string, Promise<void>>();

  constructor(computer: Computer) {
    this.computer = computer;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.keys.clear();
    return Promise.resolve();
  }

  ask(role: string): Answer | Promise<Answer> {
    return this.#isGood(this.keys.get(role)) ? "memory" : this.#fetch(role);
  }

  async #fetch(role: string): Promise<Answer> {
    if (this.#isOver) return "sign-in";
    try {
      await this.computer.await(async () => {
        if (!this.#isGood(this.#tokenEndsAt)) await this.renew();
        await this.issue(role);
      });
      return "waited";
    } catch (thrown) {
      return this.#isOver || this.isNeeded(errorOf(thrown).code) ? "sign-in" : "failed";
    }
  }

  async signIn(): Promise<boolean> {
    const { provider, clock } = this.computer;
    try {
      this.#session = await this.computer.await(() => provider.signIn(this.computer));
    } catch {
      return false;
    }
    this.#refresh = this.#session.refresh;
    this.#isOver = false;
    this.#tokenEndsAt = plus(clock.now(), tokenMs);
    this.renewed(this.#tokenEndsAt);
    return true;
  }

  woke(): void {
    // What they planned has its alarms.
  }

  get isProlongable(): boolean {
    return this.#session !== undefined && !this.computer.provider.isOver(this.#session);
  }

  /** Renews the token. Rejects as the provider does. */
  protected renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renew(): Promise<void> {
    const { provider, clock } = this.computer;
    if (this.#session === undefined || this.#isOver) return;
    try {
      this.#refresh = await provider.renew(this.#session, this.#refresh, this.computer);
    } catch (thrown) {
      this.#isOver = errorOf(thrown).code === "grant-rejected";
      throw thrown;
    }
    this.#tokenEndsAt = plus(clock.now(), tokenMs);
    this.renewed(this.#tokenEndsAt);
  }

  /** Fetches the keys of a role. Rejects as the provider does. */
  protected issue(role: string): Promise<void> {
    const running = this.#issuing.get(role);
    if (running !== undefined) return running;
    const issuing = this.#issue(role).finally(() => this.#issuing.delete(role));
    this.#issuing.set(role, issuing);
    return issuing;
  }

  async #issue(role: string): Promise<void> {
    const issuedAt = await this.computer.provider.issue(this.#tokenEndsAt, this.computer);
    this.keys.set(role, plus(issuedAt, tokenMs));
    this.issued(role, plus(issuedAt, tokenMs));
  }

  #isGood(endsAt: Instant | undefined): boolean {
    return endsAt !== undefined && this.computer.clock.now() < endsAt;
  }

  protected get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a caller that gets this error is told to sign in. */
  protected abstract isNeeded(code: string): boolean;
  protected abstract renewed(endsAt: Instant): void;
  protected abstract issued(role: string, endsAt: Instant): void;
}

/** Renews each thing when it ends, to the second, and where that fails tries again every ten seconds. */
export class AtExpiry extends SimpleTool {
  protected override isNeeded(): boolean {
    return false;
  }

  protected override renewed(endsAt: Instant): void {
    this.#plan(endsAt, () => this.renew());
  }

  protected override issued(role: string, endsAt: Instant): void {
    this.#plan(endsAt, () => this.issue(role));
  }

  #plan(at: Instant, work: () => Promise<void>): void {
    this.computer.clock.alarm(at, () => {
      work().catch(() => {
        if (!this.isOver) this.#plan(plus(this.computer.clock.now(), 10 * second), work);
      });
    });
  }
}

/**
 * Does everything at each full and half hour, as a line of crontab does, on clocks that agree to two seconds. It
 * keeps no score of what fails: a caller that finds nothing good is told to sign in.
 */
export class AtIntervals extends SimpleTool {
  #callOff: () => void = () => undefined;

  override start(): Promise<void> {
    this.#callOff();
    this.#plan();
    return Promise.resolve();
  }

  protected override isNeeded(): boolean {
    return true;
  }

  protected override renewed(): void {
    // Its time comes.
  }

  protected override issued(): void {
    // Its time comes.
  }

  #plan(): void {
    const { clock, chance } = this.computer;
    const every = 30 * minute;
    const next = instantOf((Math.floor(clock.now() / every) + 1) * every);
    this.#callOff = clock.alarm(plus(next, Math.round(2 * second * chance())), () => {
      this.#plan();
      void this.#all();
    });
  }

  async #all(): Promise<void> {
    if (this.isOver) return;
    await this.renew().catch(() => undefined);
    for (const role of this.keys.keys()) await this.issue(role).catch(() => undefined);
  }
}
