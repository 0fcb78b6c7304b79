import type { AuditEntry } from "./audit.ts";
import type { Grant } from "./credential.ts";
import type { Dealings } from "./dealings.ts";
import { endings, EvercredError, errorOf } from "./errors.ts";
import type { Experience } from "./experience.ts";
import type { Holding } from "./holding.ts";
import type { Lender } from "./lending.ts";
import type { Patience } from "./patience.ts";
import { insistMs, renewAt, renewGapMs } from "./policy.ts";
import type { SessionPorts } from "./session-ports.ts";
import { SingleFlight } from "./single-flight.ts";
import type { Held, Source } from "./source.ts";
import type { SignedOutReason } from "./state.ts";
import { type Clock, later, plus } from "./time.ts";
import type { Watch } from "./watch.ts";

/** What a grant's writer works with. */
export interface GrantWriterPorts {
  readonly ports: SessionPorts;
  readonly holding: Holding;
  readonly dealings: Dealings;
  readonly experience: Experience;
  readonly watch: Watch;
  readonly patience: Patience;
  /** The provider's. */
  readonly clock: Clock;
  /** What was given out and listed was another person's, or is to be nobody's. */
  forgetIssued(): void;
}

/**
 * The one writer of a session's grant: restores, renews, adopts and ends it, and sets it aside. What is named as to be done
 * `alone` runs within the work of `alone`.
 */
export class GrantWriter implements Lender {
  readonly #with: GrantWriterPorts;
  readonly #flights = new SingleFlight();
  #life = new AbortController();
  /** Whether nobody has asked yet whose the grant is. */
  #isNewcomer = false;

  constructor(ports: GrantWriterPorts) {
    this.#with = ports;
  }

  /** Whether work is under way: an exchange that is cut off may cost the grant. */
  get isAtWork(): boolean {
    return this.#flights.has("grant");
  }

  /** Waits for the work that runs, then runs this one: nobody else writes meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#flights.after("grant", work);
  }

  /** Of the present: aborted where whoever waits is to be sent away, with the reason. */
  signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Sends away the callers that wait. */
  turnAway(reason: EvercredError): void {
    this.#life.abort(reason);
    this.#life = new AbortController();
  }

  /** As `turnAway`, for good. */
  close(reason: EvercredError): void {
    this.#life.abort(reason);
  }

  /** Why an organisation does not allow any use of its source. */
  get refusal(): EvercredError | undefined {
    return this.#source.restraint?.refusal(undefined);
  }

  /** Whether the grant is set aside, since an organisation does not allow its use. */
  get isForbidden(): boolean {
    const { standing } = this.#with.watch;
    return standing.kind === "signed-out" && standing.reason === "forbidden";
  }

  /** Whether the access token is good now. */
  get isLive(): boolean {
    const { holding, clock } = this.#with;
    return holding.grant !== undefined && clock.now() < holding.grant.expiresAt;
  }

  /** Whether the provider was last asked about the grant over a minute ago, and may be asked now. */
  get isUnproven(): boolean {
    const { holding, watch, clock } = this.#with;
    if (holding.grant === undefined) return false;
    if (watch.standing.kind === "failing") return watch.stoodMs >= insistMs && watch.mayAsk;
    return clock.now() - holding.grant.issuedAt >= insistMs;
  }

  /** Whether the provider has yet to be asked whose the grant is. */
  get isNewcomer(): boolean {
    return this.#isNewcomer;
  }

  /** Renews or restores, where that is still wanted when its turn comes. */
  refresh(isWanted: () => boolean): Promise<void> {
    return this.alone(async () => {
      if (!isWanted()) return;
      const { grant } = this.#with.holding;
      await (grant === undefined ? this.restore() : this.#renew(grant));
    });
  }

  async goodGrant(): Promise<Grant> {
    const { holding, watch } = this.#with;
    const refusal = this.#source.restraint?.refusal(holding.grant);
    if (refusal !== undefined) throw refusal;
    const ready = (): Grant | undefined => (this.isLive ? holding.grant : undefined);
    const held = ready();
    if (held !== undefined) return held;
    if (watch.mayTry) {
      await this.refresh(() => ready() === undefined && watch.mayTry);
    }
    const renewed = ready();
    if (renewed !== undefined) return renewed;
    throw this.unusable();
  }

  replace(
    ...[refused, because, wanted]: Parameters<Lender["replace"]>
  ): ReturnType<Lender["replace"]> {
    const { holding, watch } = this.#with;
    return this.alone(async () => {
      // Somebody else has had it renewed meanwhile, for what they want: it may have nothing for us.
      if (holding.grant !== refused) return undefined;
      // The last attempt has just failed: the next one has its time, however many ask until then.
      if (!watch.mayTry) return undefined;
      if (refused.renewable) {
        const apart = this.#source.renewsApart === true ? wanted : undefined;
        const refusal = await this.#renew(refused, apart);
        if (refusal !== undefined) throw refusal;
      } else if (!(await this.#adopt(true))) await this.#end("ended", because);
      return holding.grant;
    });
  }

  giveUp(...[refused, because]: Parameters<Lender["giveUp"]>): Promise<void> {
    return this.alone(async () => {
      if (this.#with.holding.grant === refused) await this.#end("ended", because);
    });
  }

  unusable(): EvercredError {
    return this.#with.watch.unusable();
  }

  /** Takes up what is kept, alone. Never rejects. */
  async restore(): Promise<void> {
    const { holding, watch, clock } = this.#with;
    const { refusal } = this;
    if (refusal !== undefined) {
      // Only the grant itself tells what of other tools' sight is ours.
      if (holding.isPublished) await holding.restore().catch(() => undefined);
      return this.#forbid(refusal);
    }
    try {
      const found = await holding.restore();
      if (typeof found === "object" && this.#isPutAway(found)) {
        holding.putAway();
        watch.stand({ kind: "signed-out", reason: "ended" });
      } else if (typeof found === "object") {
        // What others keep may be another person's than when we last looked.
        this.#standActive(found, this.#source.keptBy !== undefined);
      } else {
        if (found === "changed") this.forgetPeople();
        watch.stand({ kind: "signed-out", reason: reasons[found] });
      }
    } catch (thrown) {
      watch.fail(errorOf(thrown), clock.now());
      return;
    }
    await this.lookAround();
  }

  /** What other tools did: a sign-in to take over, or a sign-out. Alone. */
  async lookAround(): Promise<void> {
    const { holding, clock } = this.#with;
    if (await this.#adopt(false)) return;
    const isGone = await holding.lookAround(() => clock.now(), this.signal());
    if (isGone) await this.#end("elsewhere");
  }

  /** Sets the grant aside where it may not be used, and takes it up again where it may. Alone. */
  async followRefusal(): Promise<void> {
    const { holding } = this.#with;
    const { grant } = holding;
    const refusal = this.#source.restraint?.refusal(grant);
    if (refusal !== undefined) {
      await holding.saveAgain();
      await this.#forbid(refusal);
    } else if (this.isForbidden) await this.restore();
  }

  /** The configuration may have put off, or brought forward, the end of what is kept. Alone. */
  async readEnd(): Promise<void> {
    const { holding, watch } = this.#with;
    const { grant } = holding;
    const { standing } = watch;
    if (grant === undefined) {
      if (standing.kind === "signed-out" && standing.reason === "ended") await this.restore();
      return;
    }
    const read = this.#source.restore(grant.saved);
    if (read === undefined || read.expiresAt === grant.expiresAt) return;
    this.#with.forgetIssued();
    holding.reread(read);
    if (this.#isPutAway(read)) await this.#end("ended");
    else this.#standActive(read);
  }

  /**
   * Takes a new grant for ours: somebody has signed in, whose name is `account` where it is known. Rejects where it may not be
   * used, since it would not be kept. Alone.
   */
  async take(grant: Grant, account: string | undefined): Promise<void> {
    const { holding, experience, clock } = this.#with;
    // It may have been found where others keep it, and even renewed, before the sign-in came to its end.
    const isTaken = holding.grant?.signedInAt === grant.signedInAt;
    if (this.#source.keptBy !== undefined && isTaken) return;
    const refusal = await holding.refusalToKeep(grant);
    if (refusal !== undefined) throw refusal;
    const early = holding.grant && experience.neededAt(holding.grant, clock.now())?.at;
    await holding.keep(grant);
    if (this.#source.enteredBy !== undefined) this.#with.forgetIssued();
    if (account !== undefined) this.#isOf(account);
    experience.begun(grant, early);
    this.#standActive(grant, account === undefined);
    await holding.publish();
  }

  /** Lets go of the grant for good, since a person has signed out, and sends away for this reason who waits. Alone. */
  drop(reason: EvercredError): Grant | undefined {
    const { grant } = this.#with.holding.drop();
    // Until here the grant was there for whoever asked.
    this.turnAway(reason);
    this.#with.watch.stand({ kind: "signed-out", reason: "user" });
    if (grant !== undefined) this.befell({ event: "signed-out" });
    return grant;
  }

  /** Resolves, within a bounded time, to whether the provider was told. */
  endThere(grant: Grant, source = this.#source): Promise<boolean> {
    const { clock, dealings } = this.#with;
    return dealings.end(grant, source, clock.now() >= grant.expiresAt, this.signal());
  }

  /** Finds out who is signed in, where there is one by a credential that somebody has asked for. */
  learnAccount(grant: Grant, held: Held): Promise<void> {
    return this.#flights.run("account", () => this.#learnAccount(grant, held));
  }

  /** What is known of people, and of their sessions, is about another place. */
  forgetPeople(): void {
    this.#with.holding.facts.set("account", undefined);
    this.#with.experience.forget();
  }

  /** Tells the record of it. */
  befell(entry: AuditEntry): void {
    this.#with.ports.befell({ ...entry, source: this.#source.id });
  }

  get #source(): Source {
    return this.#with.holding.source;
  }

  /** It may not be used: nothing of it is in use from now on, and the grant stays where it is kept. */
  async #forbid(refusal: EvercredError): Promise<void> {
    const { holding, watch } = this.#with;
    this.turnAway(refusal);
    this.#with.forgetIssued();
    const aside = holding.setAside();
    watch.wantedAt = undefined;
    watch.stand({ kind: "signed-out", reason: "forbidden", because: refusal });
    await aside;
  }

  /** Serves from this grant from now on; `newcomer`: nobody has asked yet whose it is. */
  #standActive(grant: Grant, newcomer = false): void {
    const { watch, clock, ports } = this.#with;
    const { expiresAt, account } = grant;
    const refusal = this.#source.restraint?.refusal(grant);
    if (refusal !== undefined) {
      void this.#forbid(refusal);
      return;
    }
    if (account !== undefined) this.#isOf(account);
    const due = grant.renewable ? renewAt(grant, ports.random) : expiresAt;
    const soonest = plus(clock.now(), renewGapMs);
    watch.wantedAt = undefined;
    watch.stand({ kind: "active", expiresAt, renewAt: later(due, soonest) });
    if (newcomer && account === undefined) this.#isNewcomer = true;
  }

  /** It is known whose the grant is: what another person was given is not theirs. */
  #isOf(account: string): void {
    this.#isNewcomer = false;
    const { facts } = this.#with.holding;
    const before = facts.get("account");
    if (account === before) return;
    if (before !== undefined) this.#with.forgetIssued();
    facts.set("account", account);
    this.#with.ports.changed();
  }

  async #learnAccount(grant: Grant, held: Held | undefined): Promise<void> {
    const { dealings, holding } = this.#with;
    const now = await dealings.identify(grant, this.signal(), held);
    const isGone = holding.grant?.signedInAt !== grant.signedInAt;
    if (now !== undefined && !isGone) this.#isOf(now);
  }

  /** Whether it has ended by the configuration's word, and waits in the keychain for another one. */
  #isPutAway(grant: Grant): boolean {
    return this.#source.keepsEnded === true && this.#with.clock.now() >= grant.expiresAt;
  }

  /**
   * Renews, or finds that another tool has; for what is `wanted`, where that is named. Resolves to why that one thing
   * cannot be had, if so. Never rejects.
   */
  async #renew(grant: Grant, wanted?: string): Promise<EvercredError | undefined> {
    const { holding, clock } = this.#with;
    const refusal = this.#source.restraint?.refusal(grant);
    if (refusal !== undefined) {
      await this.#forbid(refusal);
      return undefined;
    }
    if (await this.#adopt(false)) return undefined;
    if (!grant.renewable) {
      if (clock.now() >= grant.expiresAt) await this.#end("ended");
      else this.#standActive(grant);
      return undefined;
    }
    const signal = this.signal();
    const wasLost = holding.spent.mayBe(grant);
    try {
      await this.#exchange(grant, signal, wanted);
    } catch (thrown) {
      if (signal.aborted) return undefined;
      const error = errorOf(thrown);
      // What one target may not have is no fault of the session.
      if (wanted !== undefined && error.code === "access-denied") return error;
      await this.#notRenewed(grant, error, wasLost);
    }
    return undefined;
  }

  async #exchange(grant: Grant, signal: AbortSignal, wanted: string | undefined): Promise<void> {
    const { holding, dealings, experience, patience, ports } = this.#with;
    // What comes of it would be lost: the keychain may be the only place for it.
    if ((await holding.refusalToKeep(grant)) !== undefined) {
      throw new EvercredError("keychain-locked");
    }
    const next = await dealings.renew(grant, signal, wanted);
    patience.eased();
    await holding.keep(next);
    ports.log.info("session: renewed", { source: this.#source.id });
    this.befell({ event: "renewed", expiresAt: next.expiresAt });
    // Somebody else may have signed in with the tool that keeps it: what the one before was given is not theirs.
    if (this.#isNewcomer && this.#source.keptBy !== undefined) {
      await this.#learnAccount(next, undefined);
    }
    experience.goesOn(next);
    this.#standActive(next);
    await holding.publish();
  }

  async #notRenewed(grant: Grant, error: EvercredError, wasLost: boolean): Promise<void> {
    const { watch, experience, clock, ports } = this.#with;
    const { code } = error;
    ports.log.warn("session: not renewed", { source: this.#source.id, code });
    if (!endings.includes(code)) {
      const { expiresAt } = grant;
      if (watch.standing.kind !== "failing") {
        this.befell({ event: "renewal-failed", code, expiresAt });
      }
      watch.fail(error, expiresAt);
      return;
    }
    if (await this.#adopt(true)) return;
    if (code === "grant-rejected" && wasLost) {
      await this.#end("lost");
      return;
    }
    // Of these two it is the time that has run out; all others may come at any time.
    if (code === "grant-rejected" || code === "reauth-needed") {
      experience.ended(grant, clock.now());
    }
    await this.#end(code === "reauth-needed" ? "reauth" : "ended", error);
  }

  /** Takes over another tool's sign-in: one that is worth more, or any where ours is `spent`. */
  async #adopt(spent: boolean): Promise<boolean> {
    const { holding, experience, clock } = this.#with;
    const adopted = await holding.adopt(spent, clock.now());
    if (adopted === undefined) return false;
    experience.begun(adopted, undefined);
    this.befell({ event: "signed-in", code: "elsewhere" });
    this.#standActive(adopted, true);
    await holding.publish();
    return true;
  }

  /** The grant is over: nothing of it is worth keeping, but credentials already handed out live on. */
  async #end(reason: SignedOutReason, because?: EvercredError): Promise<void> {
    const { holding, watch, ports } = this.#with;
    const { grant: ended } = holding;
    this.befell({ event: "session-ended", code: because?.code ?? reason });
    if (ended !== undefined && this.#isPutAway(ended)) {
      holding.putAway();
      watch.stand({ kind: "signed-out", reason, because });
      return;
    }
    const { grant, borrowed } = holding.drop();
    watch.stand({ kind: "signed-out", reason, because });
    if (grant === undefined || borrowed) return;
    await holding.withdraw(grant);
    await holding.erase().catch((thrown: unknown) => {
      ports.log.warn("session: keychain not cleared", { code: errorOf(thrown).code });
    });
  }
}

/** Why nobody is signed in where no grant could be restored. */
const reasons = { nothing: "never", changed: "changed", left: "user", over: "ended" } as const;
