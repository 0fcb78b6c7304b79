import type { AuditEntry } from "./audit.ts";
import type { Credential, Grant } from "./credential.ts";
import { Dealings } from "./dealings.ts";
import { endings, EvercredError, errorOf, hasCode } from "./errors.ts";
import { type Expected, Experience } from "./experience.ts";
import { Holding, type HoldingPorts } from "./holding.ts";
import { Issued } from "./issued.ts";
import { type Lender, lend, type Work } from "./lending.ts";
import { Listing } from "./listing.ts";
import { Patience } from "./patience.ts";
import {
  callerRetryMs,
  fresherWithinMs,
  insistMs,
  isStale,
  leaveAloneMs,
  patienceMs,
  type Random,
  renewAt,
  renewGapMs,
  retryAt,
  setBackMs,
} from "./policy.ts";
import {
  type Beginning,
  type OtherPerson,
  SignIn,
  type SignInHands,
  type SignInOutcome,
  type Starter,
} from "./sign-in.ts";
import { SingleFlight } from "./single-flight.ts";
import type { Held, Account, Flow, SignInRequest, Source } from "./source.ts";
import {
  type SessionState,
  type SignedOutReason,
  type Standing,
  standingOf,
  wakeAt,
} from "./state.ts";
import { type Clock, type Instant, later, never, plus, shifted, within } from "./time.ts";
import { unusableOf } from "./unusable.ts";

/** What a session needs of the world. */
export interface SessionPorts extends HoldingPorts {
  readonly random: Random;
  /** Called after each change of anything that `Session` shows. */
  changed(): void;
  /** Called with what the record is to tell of its sign-ins and their ends. */
  befell(entry: AuditEntry): void;
}

/** How long we wait for a person, in milliseconds, where the provider does not say how long it does. */
const signInMs = 10 * 60_000;

/** A sign-in that has ended, and when, by our own clock. */
export interface EndedSignIn {
  readonly begun: Beginning;
  readonly endedAt: Instant;
  readonly outcome: SignInOutcome;
}

/** The life of one source's grant: a state machine with one setter, one timer and one writer. */
export class Session {
  readonly #ports: SessionPorts;
  readonly #holding: Holding;
  readonly #clock: Clock;
  readonly #flights = new SingleFlight();
  readonly #issued: Issued;
  readonly #listing: Listing;
  readonly #dealings: Dealings;
  readonly #experience: Experience;
  readonly #patience: Patience;
  /** Before then the provider does not want to be asked again, */
  #askedUntil: Instant;
  /** and how often in a row it has said so. */
  #timesAsked = 0;
  /** Under which word of an organisation all was handed out that is in memory. */
  #word: object | undefined;
  #life = new AbortController();
  #state: SessionState = { kind: "signed-out", reason: "never" };
  #signIn: SignIn | undefined;
  #endedSignIn: EndedSignIn | undefined;
  #wantedAt: Instant | undefined;
  /** Whether nobody has asked yet whose the grant is. */
  #isNewcomer = false;
  /** When the standing was entered. */
  #stoodAt: Instant;
  #closed = false;
  #disarm: () => void = () => undefined;

  private constructor(source: Source, ports: SessionPorts) {
    this.#ports = ports;
    this.#holding = new Holding(source, ports);
    this.#clock = shifted(ports.clock, () => this.source.offsetMs());
    this.#stoodAt = this.#clock.now();
    this.#askedUntil = this.#stoodAt;
    const fetch = (key: string, known: Credential | undefined): Promise<Credential> =>
      this.#fetch(key, known);
    this.#patience = new Patience(ports.random);
    this.#issued = new Issued(fetch, this.#clock, ports.random, this.#patience, ports.log);
    this.#listing = new Listing(
      () => this.source,
      (work) => this.#withGrant(work),
      this.#clock,
    );
    this.#dealings = new Dealings(this.#holding, ports.clock);
    this.#experience = new Experience(this.#holding.facts);
    this.#word = source.restraint?.word;
  }

  /** The session of a source, with the grant that the keychain has of it, or that other tools left. */
  static async open(source: Source, ports: SessionPorts): Promise<Session> {
    const session = new Session(source, ports);
    await session.#flights.run("grant", () => session.#restore());
    return session;
  }

  get source(): Source {
    return this.#holding.source;
  }

  get state(): SessionState {
    return this.#state;
  }

  get issued(): Issued {
    return this.#issued;
  }

  /** Whether a crash now would cost the sign-in. */
  get durable(): boolean {
    return this.#holding.durable;
  }

  /** Whether there is a grant, whatever its access token's age. */
  get isSignedIn(): boolean {
    return this.#holding.grant !== undefined;
  }

  /** Whether the grant is another tool's: we only serve from it. */
  get isBorrowed(): boolean {
    return this.#holding.isBorrowed;
  }

  /** Whether it is known that nobody is signed in: not so while the keychain has not answered. */
  get isSignedOut(): boolean {
    return standingOf(this.#state).kind === "signed-out";
  }

  /** Whether the access token is good now. */
  get isLive(): boolean {
    const { grant } = this.#holding;
    return grant !== undefined && this.#clock.now() < grant.expiresAt;
  }

  /** Whether the grant's writer is at work: an exchange that is cut off may cost it. */
  get isAtWork(): boolean {
    return this.#flights.has("grant");
  }

  /** The sign-in that is open. */
  get signInOpen(): SignIn | undefined {
    return this.#signIn;
  }

  /** The sign-in that has ended last, until the next one is made. */
  get endedSignIn(): EndedSignIn | undefined {
    return this.#endedSignIn;
  }

  /** Who is signed in, as far as the provider has told. */
  get account(): string | undefined {
    return this.isSignedIn ? this.#holding.facts.get("account") : undefined;
  }

  /** What the grant is good for, and until when we are registered for it, as far as anybody tells. */
  get terms(): Pick<Grant, "scopes" | "registeredUntil"> {
    return this.#holding.grant ?? {};
  }

  /** After a sign-in that came to nothing only a person may cause another page to be opened. */
  get heldBack(): boolean {
    return this.#holding.facts.get("held-back") !== undefined;
  }

  /** Why an organisation does not allow any use of its source. */
  get refusal(): EvercredError | undefined {
    return this.source.restraint?.refusal(undefined);
  }

  /** When a program first wanted something that only a sign-in can give. */
  get wantedAt(): Instant | undefined {
    return this.#wantedAt;
  }

  /** Until when nobody is needed; undefined where neither the provider nor experience tells. */
  get neededAt(): Expected | undefined {
    const { grant } = this.#holding;
    return grant && this.#experience.neededAt(grant, this.#clock.now());
  }

  /** When to ask a person ahead of the end; undefined where nobody knows it, or where asking early gains nothing. */
  askAt(beforeMs: number): Instant | undefined {
    const { grant } = this.#holding;
    const { unattended, askBeforeMs } = this.source;
    if (grant === undefined || unattended) return undefined;
    if (askBeforeMs === undefined) {
      return this.#experience.askAt(grant, this.#clock.now(), beforeMs);
    }
    return grant.expiresAt === never ? undefined : plus(grant.expiresAt, -askBeforeMs);
  }

  /** Whether a sign-in made early has ended no later than the one before it would have: so nobody is asked ahead. */
  get endIsFixed(): boolean {
    return this.#experience.endIsFixed;
  }

  /** How long sessions last here, in milliseconds, as experience has it. */
  get lengthMs(): number | undefined {
    return this.#experience.lengthMs;
  }

  /** A credential that is good now. Never asks a person. */
  async issue(key: string, fresh = false): Promise<Credential> {
    try {
      this.#obey(key);
      return await this.#issued.get(key, fresh);
    } catch (thrown) {
      const isNeeded = hasCode(thrown, "sign-in-needed") && this.isSignedOut;
      if (isNeeded && !this.source.unattended && this.#wantedAt === undefined) {
        this.#wantedAt = this.#clock.now();
        this.#ports.changed();
      }
      throw thrown;
    }
  }

  /**
   * The accounts that the person may enter, `fresh` or of the last ten minutes. Rejects as `issue` does; with
   * `usage` where the provider lists nothing.
   */
  accounts(fresh = false): Promise<readonly Account[]> {
    this.#followWord();
    return this.#listing.accounts(fresh);
  }

  /** The roles that the person may have in an account, as `accounts`. */
  roles(account: string, fresh = false): Promise<readonly string[]> {
    this.#followWord();
    return this.#listing.roles(account, fresh);
  }

  /** Sees to it that the access token is good. Rejects with why it is not. */
  async revive(): Promise<void> {
    await this.#goodGrant();
  }

  /**
   * As `revive`, and has the provider confirm the grant where it has not for a minute: other programs that hold it
   * may be refused while our access token is still good.
   */
  async prove(): Promise<void> {
    if (this.#isUnproven) {
      const proven = this.#refreshGrant(() => this.#isUnproven);
      await within(this.#ports.clock, patienceMs, proven, undefined);
    }
    await this.#goodGrant();
  }

  /** What comes of working with the grant, which is good then. Rejects as `issue` does. */
  lend<T>(work: (grant: Grant, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#withGrant(async (grant, signal) => {
      await this.source.restraint?.admit(grant, signal);
      return work(grant, signal);
    });
  }

  /**
   * Takes a new version of its source. One that names another organisation, region or scopes ends the grant; one that may
   * not be used sets it aside.
   */
  async replaceSource(source: Source): Promise<void> {
    const forbidden = source.restraint?.refusal(undefined);
    if (forbidden !== undefined) this.#signIn?.stop(forbidden);
    await this.#flights.after("grant", async () => {
      const same = source.boundTo === this.source.boundTo;
      this.#holding.source = source;
      if (same) {
        this.#followWord();
        await this.#followRefusal();
        if (source.keepsEnded === true) await this.#readEnd();
        // Other tools may have it now, or have it no more.
        if (this.isSignedIn) await this.#lookAround();
        this.#ports.changed();
        return;
      }
      const reason = new EvercredError("cancelled", "The configuration has changed.");
      this.#signIn?.stop(reason);
      this.#turnAway(reason);
      this.#forgetIssued();
      this.#forgetPeople();
      await this.#restore();
    });
  }

  /**
   * Asks a person to sign in: joins the request that is open, or makes one, also over a live grant,
   * which goes on until a new one is there. A wish that the open request does not meet replaces it. Never of
   * a source that needs nobody: see `takeUp`. `starter` is remembered of a request that is made.
   */
  signIn(wish: Flow | undefined, starter: Starter = { kind: "person" }): SignIn {
    const open = this.#signIn;
    const wanted = wishFor(this.source, wish);
    if (open?.meets(wanted) === true) return open;
    open?.stop(new EvercredError("cancelled", "Another way to sign in was chosen."));
    const flow = wanted ?? "code";
    const begun = { by: starter, at: this.#ports.clock.now() };
    const signIn: SignIn = new SignIn(flow, begun, (hands) =>
      this.#runSignIn(flow, begun, hands, () => this.#signIn === signIn),
    );
    this.#signIn = signIn;
    this.#endedSignIn = undefined;
    this.#wantedAt = undefined;
    this.#ask(undefined, undefined);
    return signIn;
  }

  /**
   * Takes up a source that needs nobody: again after the user has signed out of it, or it was found wanting.
   * Rejects with what it lacks.
   */
  async takeUp(): Promise<void> {
    this.#holding.facts.set("left", undefined);
    await this.#flights.after("grant", async () => {
      if (!this.isSignedIn) await this.#restore();
    });
    await this.#goodGrant();
  }

  /** It is a time at which a person wants to be asked for sign-ins that are needed. */
  remind(): void {
    const standing = standingOf(this.#state);
    if (standing.kind !== "signed-out" || settled.has(standing.reason)) return;
    this.#wantedAt = this.#clock.now();
    this.#ports.changed();
  }

  /** A person has acted: the next sign-in may open a page again. */
  release(): void {
    this.#holding.facts.set("held-back", undefined);
  }

  /** A person goes on with the open sign-in, though its page's address is doubtful. */
  trustPage(): void {
    if (this.#signIn === undefined) return;
    this.#signIn.trusted = true;
    this.#ports.changed();
  }

  /** Ends the open sign-in. A grant that was there before it stays. */
  cancelSignIn(): void {
    this.#signIn?.stop(new EvercredError("cancelled", "The sign-in was cancelled."));
  }

  /**
   * Ends the session at the provider, then forgets the grant, what other tools see of it, and the credentials; those
   * are served until then. Rejects, with the rest done, where the keychain could not be cleared; resolves to false
   * where the provider could not be told. What others keep is ended for them too, unless it is only to be `left`.
   */
  async signOut(left = false): Promise<boolean> {
    this.cancelSignIn();
    const reason = new EvercredError("sign-in-needed", `Signed out of ${this.source.id}.`);
    this.#turnAway(reason);
    return this.#flights.after("grant", async () => {
      // What was set aside has to be ended, too. Where it cannot be read it is erased all the same.
      if (this.#isForbidden) await this.#holding.restore().catch(() => undefined);
      if (this.source.keptBy !== undefined) this.#holding.facts.set("left", "yes");
      const { grant } = this.#holding.drop();
      // Again: until here the grant was there for whoever asked.
      this.#turnAway(reason);
      this.#stand({ kind: "signed-out", reason: "user" });
      if (grant !== undefined) this.#befell({ event: "signed-out" });
      const told = grant === undefined || left || (await this.#endThere(grant));
      try {
        await this.#holding.erase(undefined);
      } finally {
        this.#forgetIssued();
        this.#ports.changed();
      }
      return told;
    });
  }

  /**
   * As `signOut`, but only once the provider has been told: where it cannot be, nothing is forgotten, the grant goes on,
   * and it resolves to false.
   */
  async signOutThere(): Promise<boolean> {
    // Of an ended access token the provider knows nothing. What comes of the renewal is saved, so that it can be tried again.
    if (!this.isLive) await this.revive().catch(() => undefined);
    const isTold = await this.#flights.after("grant", async () => {
      const { grant } = this.#holding;
      if (grant === undefined) return true;
      return this.isLive ? this.#endThere(grant) : !grant.renewable;
    });
    return isTold && this.signOut(true);
  }

  /** The shared place has changed, or may have: adopts, notices a sign-out elsewhere, or does nothing. */
  look(): Promise<void> {
    return this.#flights.after("grant", () => {
      // Before the keychain has answered nobody knows whether another tool's sign-in is worth more.
      const unread = !this.isSignedIn && !this.isSignedOut;
      return unread ? this.#restore() : this.#lookAround();
    });
  }

  /** Does what is due: after sleep, after a jump of the clock, and once a minute. */
  async sweep(): Promise<void> {
    this.#onAlarm();
    this.#issued.sweep();
    await this.#flights.after("grant", async () => {
      if (!(await this.#holding.saveAgain())) return;
      this.#ports.changed();
      await this.#holding.publish();
    });
  }

  /** Stops, after an exchange that is under way: its outcome must not be lost. The grant stays in the keychain. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#disarm();
    this.#issued.pause();
    this.#signIn?.stop(new EvercredError("cancelled", "Evercred was stopped."));
    const idle = this.#flights.after("grant", () => Promise.resolve());
    await within(this.#ports.clock, patienceMs, idle, undefined);
    this.#life.abort(new EvercredError("cancelled", "Evercred was stopped."));
  }

  /** Sends away the callers that wait. */
  #turnAway(reason: EvercredError): void {
    this.#life.abort(reason);
    this.#life = new AbortController();
  }

  /** Forgets what was given out and listed: it was another person's, or is to be nobody's. */
  #forgetIssued(): void {
    this.#issued.clear();
    this.#listing.clear();
  }

  /** Throws where an organisation does not allow it; all else may have been handed out under another word. */
  #obey(key: string): void {
    this.#followWord();
    const { restraint } = this.source;
    const refusal = restraint?.refusal(this.#holding.grant) ?? restraint?.refusalOf(key);
    if (refusal !== undefined) throw refusal;
  }

  /** What was handed out under another word of an organisation may not be what this one allows. */
  #followWord(): void {
    const word = this.source.restraint?.word;
    if (word === this.#word) return;
    this.#word = word;
    this.#forgetIssued();
  }

  /** Sets the grant aside where it may not be used, and takes it up again where it may. Runs as the grant's only writer. */
  async #followRefusal(): Promise<void> {
    const { grant } = this.#holding;
    const refusal = this.source.restraint?.refusal(grant);
    if (refusal !== undefined) {
      if (grant !== undefined) await this.#holding.saveAgain();
      await this.#forbid(refusal);
    } else if (this.#isForbidden) await this.#restore();
  }

  get #isForbidden(): boolean {
    const standing = standingOf(this.#state);
    return standing.kind === "signed-out" && standing.reason === "forbidden";
  }

  /** It may not be used: nothing of it is in use from now on, and the grant stays where it is kept. */
  async #forbid(refusal: EvercredError): Promise<void> {
    this.#turnAway(refusal);
    this.#forgetIssued();
    const aside = this.#holding.setAside();
    this.#wantedAt = undefined;
    this.#stand({ kind: "signed-out", reason: "forbidden", because: refusal });
    await aside;
  }

  /** What is known of people, and of their sessions, is about another place. */
  #forgetPeople(): void {
    this.#holding.facts.set("account", undefined);
    this.#experience.forget();
  }

  #befell(entry: AuditEntry): void {
    this.#ports.befell({ ...entry, source: this.source.id });
  }

  /** The one setter: enters a state, arms its one timer, publishes. */
  #become(state: SessionState): void {
    const before = this.#state;
    this.#state = state;
    this.#arm();
    if (before.kind !== state.kind) {
      this.#ports.log.info("session: state", { source: this.source.id, state: state.kind });
    }
    this.#ports.changed();
  }

  #arm(): void {
    this.#disarm();
    this.#disarm = () => undefined;
    const at = wakeAt(this.#state);
    if (at === undefined || this.#closed) return;
    this.#disarm = this.#clock.alarm(at, () => {
      this.#onAlarm();
    });
  }

  /** Enters a standing, beside a sign-in that is open. */
  #stand(standing: Standing): void {
    this.#stoodAt = this.#clock.now();
    if (standing.kind === "active" && !this.#closed) {
      this.#issued.resume(standingOf(this.#state).kind !== "active");
    }
    if (standing.kind === "signed-out") this.#issued.pause();
    this.#become(this.#state.kind === "signing-in" ? { ...this.#state, standing } : standing);
  }

  /** Serves from this grant from now on; `newcomer`: nobody has asked yet whose it is. */
  #standActive(grant: Grant, newcomer = false): void {
    const { expiresAt, account } = grant;
    const refusal = this.source.restraint?.refusal(grant);
    if (refusal !== undefined) {
      void this.#forbid(refusal);
      return;
    }
    if (account !== undefined) this.#isOf(account);
    const due = grant.renewable ? renewAt(grant, this.#ports.random) : expiresAt;
    const soonest = plus(this.#clock.now(), renewGapMs);
    this.#wantedAt = undefined;
    this.#timesAsked = 0;
    this.#stand({ kind: "active", expiresAt, renewAt: later(due, soonest) });
    if (newcomer && account === undefined) this.#isNewcomer = true;
  }

  /** It is known whose the grant is: what another person was given is not theirs. */
  #isOf(account: string): void {
    this.#isNewcomer = false;
    const { facts } = this.#holding;
    const before = facts.get("account");
    if (account === before) return;
    if (before !== undefined) this.#forgetIssued();
    facts.set("account", account);
    this.#ports.changed();
  }

  /** Waits for a person, as long as the request says. */
  #ask(request: SignInRequest | undefined, other: OtherPerson | undefined): void {
    const patient = other === undefined ? request?.endsAt : undefined;
    const endsAt = patient ?? plus(this.#clock.now(), signInMs);
    this.#become({
      kind: "signing-in",
      endsAt,
      request,
      other,
      standing: standingOf(this.#state),
    });
  }

  #onAlarm(): void {
    if (this.#closed) return;
    const now = this.#clock.now();
    const state = this.#state;
    if (state.kind === "signing-in" && now >= state.endsAt) {
      const reason =
        state.other === undefined
          ? new EvercredError("timed-out", "Nobody signed in in time.")
          : new EvercredError("cancelled", "Nobody accepted the other person in time.");
      this.#signIn?.stop(reason);
    }
    if (this.#isDue() && !this.#putOff()) void this.#refreshGrant(() => this.#isDue());
    // The provider's clock turned out to be behind what we thought when the alarm was set.
    const at = wakeAt(state);
    if (at !== undefined && now < at) this.#arm();
  }

  /** Whether the standing has to be left now. A clock that was set back says nothing of when. */
  #isDue(): boolean {
    const at = wakeAt(standingOf(this.#state));
    const now = this.#clock.now();
    return at !== undefined && (now >= at || now < plus(this.#stoodAt, -setBackMs));
  }

  /** Puts off a renewal that is due while the provider is known to have a fault; false: it is to be done now. */
  #putOff(): boolean {
    const standing = standingOf(this.#state);
    if (standing.kind !== "active") return false;
    const renewAt = this.#patience.putOff(this.#clock.now(), standing.expiresAt);
    if (renewAt === undefined) return false;
    const later = { ...standing, renewAt };
    this.#become(this.#state.kind === "signing-in" ? { ...this.#state, standing: later } : later);
    return true;
  }

  /** Renews or restores, as the grant's only writer, where that is still wanted when its turn comes. */
  #refreshGrant(isWanted: () => boolean): Promise<void> {
    return this.#flights.after("grant", async () => {
      if (!isWanted()) return;
      const { grant } = this.#holding;
      await (grant === undefined ? this.#restore() : this.#renew(grant));
    });
  }

  async #restore(): Promise<void> {
    const { refusal } = this;
    if (refusal !== undefined) {
      // Only the grant itself tells what of other tools' sight is ours.
      if (this.#holding.isPublished) await this.#holding.restore().catch(() => undefined);
      return this.#forbid(refusal);
    }
    try {
      const found = await this.#holding.restore();
      if (typeof found === "object" && this.#isPutAway(found)) {
        this.#holding.putAway();
        this.#stand({ kind: "signed-out", reason: "ended" });
      } else if (typeof found === "object") {
        // What others keep may be another person's than when we last looked.
        this.#standActive(found, this.source.keptBy !== undefined);
      } else {
        if (found === "changed") this.#forgetPeople();
        this.#stand({ kind: "signed-out", reason: reasons[found] });
      }
    } catch (thrown) {
      this.#fail(errorOf(thrown), this.#clock.now());
      return;
    }
    await this.#lookAround();
  }

  /** Whether it has ended by the configuration's word, and waits in the keychain for another one. */
  #isPutAway(grant: Grant): boolean {
    return this.source.keepsEnded === true && this.#clock.now() >= grant.expiresAt;
  }

  /** The configuration may have put off, or brought forward, the end of what is kept. */
  async #readEnd(): Promise<void> {
    const { grant } = this.#holding;
    const standing = standingOf(this.#state);
    if (grant === undefined) {
      if (standing.kind === "signed-out" && standing.reason === "ended") await this.#restore();
      return;
    }
    const read = this.source.restore(grant.saved);
    if (read === undefined || read.expiresAt === grant.expiresAt) return;
    this.#forgetIssued();
    this.#holding.reread(read);
    if (this.#isPutAway(read)) await this.#end("ended");
    else this.#standActive(read);
  }

  /**
   * Renews, or finds that another tool has; for what is `wanted`, where that is named. Resolves to why that one thing
   * cannot be had, if so. Runs as the grant's only writer; never rejects.
   */
  async #renew(grant: Grant, wanted?: string): Promise<EvercredError | undefined> {
    const refusal = this.source.restraint?.refusal(grant);
    if (refusal !== undefined) {
      await this.#forbid(refusal);
      return undefined;
    }
    if (await this.#adopt(false)) return undefined;
    if (!grant.renewable) {
      if (this.#clock.now() >= grant.expiresAt) await this.#end("ended");
      else this.#standActive(grant);
      return undefined;
    }
    const { signal } = this.#life;
    const wasLost = this.#holding.spent.mayBe(grant);
    try {
      // What comes of it would be lost: the keychain may be the only place for it.
      const refusal = await this.#holding.refusalToKeep(grant);
      if (refusal !== undefined) throw new EvercredError("keychain-locked");
      const next = await this.#dealings.renew(grant, signal, wanted);
      this.#patience.eased();
      await this.#holding.keep(next);
      this.#ports.log.info("session: renewed", { source: this.source.id });
      this.#befell({ event: "renewed", expiresAt: next.expiresAt });
      // Somebody else may have signed in with the tool that keeps it: what the one before was given is not theirs.
      if (this.#isNewcomer && this.source.keptBy !== undefined) {
        await this.#learnAccount(next, undefined);
      }
      this.#experience.goesOn(next);
      this.#standActive(next);
      await this.#holding.publish();
    } catch (thrown) {
      if (signal.aborted) return undefined;
      const error = errorOf(thrown);
      // What one target may not have is no fault of the session.
      if (wanted !== undefined && error.code === "access-denied") return error;
      await this.#notRenewed(grant, error, wasLost);
    }
    return undefined;
  }

  async #notRenewed(grant: Grant, error: EvercredError, wasLost: boolean): Promise<void> {
    this.#ports.log.warn("session: not renewed", { source: this.source.id, code: error.code });
    const { code } = error;
    if (!endings.includes(code)) {
      const { expiresAt } = grant;
      if (standingOf(this.#state).kind !== "failing") {
        this.#befell({ event: "renewal-failed", code, expiresAt });
      }
      this.#fail(error, expiresAt);
      return;
    }
    if (await this.#adopt(true)) return;
    if (code === "grant-rejected" && wasLost) {
      await this.#end("lost");
      return;
    }
    // Of these two it is the time that has run out; all others may come at any time.
    if (code === "grant-rejected" || code === "reauth-needed") {
      this.#experience.ended(grant, this.#clock.now());
    }
    await this.#end(code === "reauth-needed" ? "reauth" : "ended", error);
  }

  /** Takes over another tool's sign-in: one that is worth more, or any where ours is `spent`. */
  async #adopt(spent: boolean): Promise<boolean> {
    const adopted = await this.#holding.adopt(spent, this.#clock.now());
    if (adopted === undefined) return false;
    this.#experience.begun(adopted, undefined);
    this.#befell({ event: "signed-in", code: "elsewhere" });
    this.#standActive(adopted, true);
    await this.#holding.publish();
    return true;
  }

  /** What other tools did: a sign-in to take over, or a sign-out. Runs as the grant's only writer. */
  async #lookAround(): Promise<void> {
    if (await this.#adopt(false)) return;
    const found = await this.#holding.lookAround(this.#clock.now(), this.#life.signal);
    if (found === "gone") await this.#end("elsewhere");
  }

  #fail(error: EvercredError, expiresAt: Instant): void {
    const standing = standingOf(this.#state);
    const now = this.#clock.now();
    const failing = standing.kind === "failing" ? standing : { attempt: 0, since: now };
    const attempt = failing.attempt + 1;
    const next = retryAt(now, attempt, expiresAt, error, this.#ports.random);
    this.#patience.failed(error, next);
    this.#timesAsked = error.code === "throttled" ? this.#timesAsked + 1 : 0;
    this.#askedUntil = plus(now, leaveAloneMs(this.#timesAsked, error));
    this.#stand({
      kind: "failing",
      expiresAt,
      retryAt: next,
      since: failing.since,
      attempt,
      error: error.code,
    });
  }

  /** The grant is over: nothing of it is worth keeping, but credentials already handed out live on. */
  async #end(reason: SignedOutReason, because?: EvercredError): Promise<void> {
    const { grant: ended } = this.#holding;
    this.#befell({ event: "session-ended", code: because?.code ?? reason });
    if (ended !== undefined && this.#isPutAway(ended)) {
      this.#holding.putAway();
      this.#stand({ kind: "signed-out", reason, because });
      return;
    }
    const { grant, borrowed } = this.#holding.drop();
    this.#stand({ kind: "signed-out", reason, because });
    if (grant === undefined || borrowed) return;
    await this.#holding.erase(grant).catch((thrown: unknown) => {
      this.#ports.log.warn("session: keychain not cleared", { code: errorOf(thrown).code });
    });
  }

  /** Resolves, within a bounded time, to whether the provider was told. */
  #endThere(grant: Grant, source = this.source): Promise<boolean> {
    const isOver = this.#clock.now() >= grant.expiresAt;
    return this.#dealings.end(grant, source, isOver, this.#life.signal);
  }

  /** Finds out who is signed in, where there is one by a credential that somebody has asked for. */
  async #learnAccount(grant: Grant, held: Held | undefined): Promise<void> {
    const now = await this.#dealings.identify(grant, this.#life.signal, held);
    const isGone = this.#holding.grant?.signedInAt !== grant.signedInAt;
    if (now !== undefined && !isGone) this.#isOf(now);
  }

  /**
   * One credential, newer than what is `known`. What has little left is taken only for want of something fresher, which
   * is waited for as long as a caller waits who has something.
   */
  async #fetch(key: string, known: Credential | undefined): Promise<Credential> {
    const given = await this.#issue(key, undefined);
    const isLate =
      known === undefined ? isStale(given, this.#clock.now()) : given.issuedAt === known.issuedAt;
    if (!isLate) return given;
    const newer = this.#issue(key, given);
    if (known !== undefined) return newer;
    return within(
      this.#clock,
      fresherWithinMs,
      newer.catch(() => given),
      given,
    );
  }

  /** As the source gives it; where that is no newer than what is `known`, of a fresh one that it is made of, or of a renewal. */
  #issue(key: string, known: Credential | undefined): Promise<Credential> {
    return this.#withGrant(async (grant, signal, isRenewed) => {
      const parents = new Set<string>();
      const issue = (insists: boolean): Promise<Credential> =>
        this.source.issue(grant, key, signal, (name, fresh) => {
          parents.add(name);
          return this.#issued.get(name, fresh || insists);
        });
      const isKnown = ({ issuedAt }: Credential): boolean => issuedAt === known?.issuedAt;
      let credential = await issue(false);
      if (isKnown(credential) && parents.size > 0) credential = await issue(true);
      else if (isKnown(credential) && grant.renewable && !isRenewed) {
        throw new EvercredError("token-rejected");
      }
      const isUnknown = this.#isNewcomer || this.account === undefined;
      if (isUnknown && !this.source.unattended) {
        void this.#flights.run("account", () => this.#learnAccount(grant, { key, credential }));
      }
      return credential;
    }, key);
  }

  #withGrant<T>(work: Work<T>, wanted?: string): Promise<T> {
    const lender: Lender = {
      signal: () => this.#life.signal,
      goodGrant: () => this.#goodGrant(),
      replace: (...refused) => this.#replace(...refused),
      giveUp: (...refused) => this.#giveUp(...refused),
      unusable: () => this.#unusable(),
    };
    return lend(lender, work, wanted).catch((thrown: unknown) => {
      // It may have turned out whose the grant is.
      if (hasCode(thrown, "policy-refused")) {
        void this.#flights.after("grant", () => this.#followRefusal());
      }
      throw thrown;
    });
  }

  #replace(
    ...[refused, because, wanted]: Parameters<Lender["replace"]>
  ): Promise<Grant | undefined> {
    return this.#flights.after("grant", async () => {
      // Somebody else has had it renewed meanwhile, for what they want: it may have nothing for us.
      if (this.#holding.grant !== refused) return undefined;
      // The last attempt has just failed: the next one has its time, however many ask until then.
      if (standingOf(this.#state).kind === "failing" && !this.#mayTry()) return undefined;
      if (refused.renewable) {
        const apart = this.source.renewsApart === true ? wanted : undefined;
        const refusal = await this.#renew(refused, apart);
        if (refusal !== undefined) throw refusal;
      } else if (!(await this.#adopt(true))) await this.#end("ended", because);
      return this.#holding.grant;
    });
  }

  #giveUp(...[refused, because]: Parameters<Lender["giveUp"]>): Promise<void> {
    return this.#flights.after("grant", async () => {
      if (this.#holding.grant === refused) await this.#end("ended", because);
    });
  }

  async #goodGrant(): Promise<Grant> {
    const refusal = this.source.restraint?.refusal(this.#holding.grant);
    if (refusal !== undefined) throw refusal;
    const ready = (): Grant | undefined => (this.isLive ? this.#holding.grant : undefined);
    const held = ready();
    if (held !== undefined) return held;
    if (this.#mayTry()) {
      await this.#refreshGrant(() => ready() === undefined && this.#mayTry());
    }
    const renewed = ready();
    if (renewed !== undefined) return renewed;
    throw this.#unusable();
  }

  /** Whether the provider was last asked about the grant over a minute ago, and may be asked now. */
  get #isUnproven(): boolean {
    const { grant } = this.#holding;
    const standing = standingOf(this.#state);
    if (grant === undefined) return false;
    if (standing.kind !== "failing") return this.#clock.now() - grant.issuedAt >= insistMs;
    const now = this.#clock.now();
    return now - this.#stoodAt >= insistMs && now >= this.#askedUntil;
  }

  /** Whether a caller's need is reason enough to try now: not so soon that callers become a storm. */
  #mayTry(): boolean {
    const standing = standingOf(this.#state);
    if (standing.kind === "active") return true;
    // What a source that needs nobody lacked may be there by now.
    if (standing.kind === "signed-out") {
      const { unattended, mayRecover = unattended } = this.source;
      return mayRecover && this.#isLongAgo;
    }
    if (this.#isDue()) return true;
    return this.#isLongAgo && this.#clock.now() >= this.#askedUntil;
  }

  get #isLongAgo(): boolean {
    return this.#clock.now() - this.#stoodAt >= callerRetryMs;
  }

  #unusable(): EvercredError {
    // Whoever is sent away before `#mayTry` has the time of that: a wait of their own would come on top.
    const callersAt = later(this.#askedUntil, plus(this.#stoodAt, callerRetryMs));
    const isAsked = this.#askedUntil > this.#stoodAt;
    return unusableOf(this.source, this.#state, isAsked ? callersAt - this.#clock.now() : 0);
  }

  async #runSignIn(
    flow: Flow,
    begun: Beginning,
    hands: SignInHands,
    current: () => boolean,
  ): Promise<SignInOutcome> {
    const { signal } = hands;
    const { source } = this;
    let request: SignInRequest | undefined;
    const show = (shown: SignInRequest): void => {
      if (!current()) return;
      request = shown;
      hands.show(shown);
      this.#ask(shown, undefined);
    };
    let grant: Grant | undefined;
    let outcome: SignInOutcome;
    try {
      // The one who made this has to have it in hand before anything is shown.
      await Promise.resolve();
      const { attended } = hands;
      const say = (line: string): void => {
        hands.say(line);
        this.#ports.changed();
      };
      const options = { flow, previous: this.#holding.grant, attended, show, say };
      grant = await source.signIn(options, signal);
      await source.restraint?.admit(grant, signal);
      await this.#receive(grant, request, hands);
      outcome = { kind: "signed-in" };
    } catch (thrown) {
      // Nobody has a use for it: it does not stay open at the provider. What others keep they may well use.
      if (grant !== undefined && source.keptBy === undefined) void this.#endThere(grant, source);
      outcome = current() ? { kind: "failed", error: errorOf(thrown) } : { kind: "replaced" };
    }
    if (!current()) return outcome;
    const wasUnseen = this.#signIn?.unseen === true;
    this.#signIn = undefined;
    this.#endedSignIn = { begun, endedAt: this.#ports.clock.now(), outcome };
    this.#befell(entryOf(outcome));
    if (outcome.kind === "signed-in") this.release();
    else if (wasUnseen && isNobodys(outcome)) this.#wantedAt = this.#clock.now();
    else if (!this.#closed && isNo(outcome)) this.#holding.facts.set("held-back", "yes");
    this.#become(standingOf(this.#state));
    return outcome;
  }

  /** Takes a new grant for ours, once it is clear that whoever signed in is meant. */
  async #receive(
    grant: Grant,
    request: SignInRequest | undefined,
    hands: SignInHands,
  ): Promise<void> {
    const { signal } = hands;
    const { keptBy } = this.source;
    // What others keep is what it is, whoever that may be.
    const before =
      keptBy === undefined
        ? (this.#holding.facts.get("account") ?? this.source.account)
        : undefined;
    // Where nobody is known it is found out later: the first sign-in waits for nothing.
    const now =
      grant.account ??
      (before === undefined ? undefined : await this.#dealings.identify(grant, signal, undefined));
    signal.throwIfAborted();
    const someoneElse =
      before === undefined || now === undefined || now === before ? undefined : { before, now };
    if (someoneElse !== undefined) {
      const asked = hands.ask(someoneElse);
      this.#ask(request, someoneElse);
      await asked;
    }
    await this.#flights.after("grant", async () => {
      signal.throwIfAborted();
      // It may have been found where others keep it, and even renewed, before the sign-in came to its end.
      const isTaken = this.#holding.grant?.signedInAt === grant.signedInAt;
      if (keptBy !== undefined && isTaken) return;
      const refusal = await this.#holding.refusalToKeep(grant);
      if (refusal !== undefined) throw refusal;
      const needed = this.neededAt?.at;
      const isEarly = needed !== undefined && this.#clock.now() < needed;
      await this.#holding.keep(grant);
      if (this.source.enteredBy !== undefined) this.#forgetIssued();
      if (now !== undefined) this.#isOf(now);
      this.#experience.begun(grant, isEarly ? needed : undefined);
      this.#standActive(grant, now === undefined);
      await this.#holding.publish();
    });
  }
}

/** Where nobody is to be asked for a sign-in: the user has said so, or an organisation. */
const settled: ReadonlySet<SignedOutReason> = new Set(["user", "forbidden"]);

/** Why nobody is signed in where no grant could be restored. */
const reasons = { nothing: "never", changed: "changed", left: "user", over: "ended" } as const;

/** The wish, as far as a source can do it: what it cannot do must not put an end to what is open. */
const wishFor = (source: Source, wish: Flow | undefined): Flow | undefined => {
  if (source.byProgram === true) return "program";
  return wish === "device" && source.hasDeviceFlow !== true ? undefined : wish;
};

/** What the record tells of a sign-in that has ended. */
const entryOf = (outcome: SignInOutcome): AuditEntry =>
  outcome.kind === "failed"
    ? { event: "sign-in-failed", code: errorOf(outcome.error).code }
    : { event: "signed-in" };

/** Whether it has failed without anybody's word: its time has run out, or the network was away. Where nobody can have seen it, it is wanted still. */
const isNobodys = (outcome: SignInOutcome): boolean =>
  outcome.kind === "failed" && !hasCode(outcome.error, "sign-in-denied", "cancelled");

/** Whether a person has said no, or nothing: not so where there never was a page to answer. */
const isNo = (outcome: SignInOutcome): boolean =>
  outcome.kind === "failed" && hasCode(outcome.error, "sign-in-denied", "timed-out", "cancelled");
