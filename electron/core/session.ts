import type { Credential, Grant } from "./credential.ts";
import { Dealings } from "./dealings.ts";
import { EvercredError, hasCode } from "./errors.ts";
import { type Expected, Experience } from "./experience.ts";
import { GrantWriter } from "./grant-writer.ts";
import { Holding } from "./holding.ts";
import { Issued } from "./issued.ts";
import { lend, type Work } from "./lending.ts";
import { Listing } from "./listing.ts";
import { Patience } from "./patience.ts";
import { fresherWithinMs, isStale, patienceMs } from "./policy.ts";
import type { SessionPorts } from "./session-ports.ts";
import { type EndedSignIn, SignInDesk } from "./sign-in-desk.ts";
import type { SignIn, Starter } from "./sign-in.ts";
import type { Account, Flow, Source } from "./source.ts";
import type { SessionState, SignedOutReason } from "./state.ts";
import { type Clock, type Instant, never, plus, shifted, within } from "./time.ts";
import { Watch } from "./watch.ts";

/**
 * The life of one source's grant, as all others see it. Its state is in `Watch`, its grant in `Holding`, which only `GrantWriter`
 * changes; people are asked at its `SignInDesk`, and what it hands out is in `Issued`.
 */
export class Session {
  readonly #ports: SessionPorts;
  /** The provider's. */
  readonly #clock: Clock;
  readonly #holding: Holding;
  readonly #watch: Watch;
  readonly #writer: GrantWriter;
  readonly #desk: SignInDesk;
  readonly #issued: Issued;
  readonly #listing: Listing;
  readonly #experience: Experience;
  /** Under which word of an organisation all was handed out that is in memory. */
  #word: object | undefined;

  private constructor(source: Source, ports: SessionPorts) {
    const { random, log } = ports;
    const holding = new Holding(source, ports);
    const clock = shifted(ports.clock, () => holding.source.offsetMs());
    const patience = new Patience(random);
    const dealings = new Dealings(holding, ports.clock);
    const changed = (): void => {
      ports.changed();
    };
    this.#ports = ports;
    this.#clock = clock;
    this.#holding = holding;
    this.#word = source.restraint?.word;
    const fetch = (key: string, known: Credential | undefined): Promise<Credential> =>
      this.#fetch(key, known);
    this.#issued = new Issued(fetch, clock, random, patience, log);
    this.#listing = new Listing(
      () => this.source,
      (work) => this.#withGrant(work),
      clock,
    );
    this.#experience = new Experience(holding.facts);
    this.#watch = new Watch({
      source: () => this.source,
      clock,
      random,
      log,
      patience,
      issued: this.#issued,
      changed,
      rang: () => {
        this.#onAlarm();
      },
    });
    const experience = this.#experience;
    const watch = this.#watch;
    const forgetIssued = (): void => {
      this.#forgetIssued();
    };
    const writer = new GrantWriter({
      ports,
      holding,
      dealings,
      experience,
      watch,
      patience,
      clock,
      forgetIssued,
    });
    this.#writer = writer;
    this.#desk = new SignInDesk({
      holding,
      dealings,
      writer,
      watch,
      changed,
      clock: ports.clock,
      providerClock: clock,
    });
  }

  /** The session of a source, with the grant that the keychain has of it, or that other tools left. */
  static async open(source: Source, ports: SessionPorts): Promise<Session> {
    const session = new Session(source, ports);
    await session.#writer.alone(() => session.#writer.restore());
    return session;
  }

  get source(): Source {
    return this.#holding.source;
  }

  get state(): SessionState {
    return this.#watch.state;
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
    return this.#watch.standing.kind === "signed-out";
  }

  /** Whether the access token is good now. */
  get isLive(): boolean {
    return this.#writer.isLive;
  }

  /** Whether the grant's writer is at work: an exchange that is cut off may cost it. */
  get isAtWork(): boolean {
    return this.#writer.isAtWork;
  }

  /** The sign-in that is open. */
  get signInOpen(): SignIn | undefined {
    return this.#desk.open;
  }

  /** The sign-in that has ended last, until the next one is made. */
  get endedSignIn(): EndedSignIn | undefined {
    return this.#desk.ended;
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
    return this.#desk.heldBack;
  }

  /** Why an organisation does not allow any use of its source. */
  get refusal(): EvercredError | undefined {
    return this.#writer.refusal;
  }

  /** When a program first wanted something that only a sign-in can give. */
  get wantedAt(): Instant | undefined {
    return this.#watch.wantedAt;
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
      if (isNeeded && !this.source.unattended && this.wantedAt === undefined) this.#want();
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
    await this.#writer.goodGrant();
  }

  /**
   * As `revive`, and has the provider confirm the grant where it has not for a minute: other programs that hold it
   * may be refused while our access token is still good.
   */
  async prove(): Promise<void> {
    if (this.#writer.isUnproven) {
      const proven = this.#writer.refresh(() => this.#writer.isUnproven);
      await within(this.#ports.clock, patienceMs, proven, undefined);
    }
    await this.revive();
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
    const writer = this.#writer;
    const forbidden = source.restraint?.refusal(undefined);
    if (forbidden !== undefined) this.#desk.stop(forbidden);
    await writer.alone(async () => {
      const same = source.boundTo === this.source.boundTo;
      this.#holding.source = source;
      if (same) {
        this.#followWord();
        await writer.followRefusal();
        if (source.keepsEnded === true) await writer.readEnd();
        // Other tools may have it now, or have it no more.
        if (this.isSignedIn) await writer.lookAround();
        this.#ports.changed();
        return;
      }
      const reason = new EvercredError("cancelled", "The configuration has changed.");
      this.#desk.stop(reason);
      writer.turnAway(reason);
      this.#forgetIssued();
      writer.forgetPeople();
      await writer.restore();
    });
  }

  /**
   * Asks a person to sign in: joins the request that is open, or makes one, also over a live grant,
   * which goes on until a new one is there. A wish that the open request does not meet replaces it. Never of
   * a source that needs nobody: see `takeUp`. `starter` is remembered of a request that is made.
   */
  signIn(wish: Flow | undefined, starter: Starter = { kind: "person" }): SignIn {
    return this.#desk.ask(wish, starter);
  }

  /**
   * Takes up a source that needs nobody: again after the user has signed out of it, or it was found wanting.
   * Rejects with what it lacks.
   */
  async takeUp(): Promise<void> {
    this.#holding.facts.set("left", undefined);
    await this.#writer.alone(async () => {
      if (!this.isSignedIn) await this.#writer.restore();
    });
    await this.revive();
  }

  /** It is a time at which a person wants to be asked for sign-ins that are needed. */
  remind(): void {
    const { standing } = this.#watch;
    if (standing.kind === "signed-out" && !settled.has(standing.reason)) this.#want();
  }

  /** A person has acted: the next sign-in may open a page again. */
  release(): void {
    this.#desk.release();
  }

  /** A person goes on with the open sign-in, though its page's address is doubtful. */
  trustPage(): void {
    this.#desk.trustPage();
  }

  /** Ends the open sign-in. A grant that was there before it stays. */
  cancelSignIn(): void {
    this.#desk.stop(new EvercredError("cancelled", "The sign-in was cancelled."));
  }

  /**
   * Forgets what other tools see of the grant, ends the session at the provider, then forgets the grant and the credentials;
   * those are served until then. Rejects, with the rest done, where the keychain could not be cleared; resolves to false
   * where the provider could not be told. What others keep is ended for them too, unless it is only to be `left`.
   */
  async signOut(left = false): Promise<boolean> {
    const writer = this.#writer;
    this.cancelSignIn();
    const reason = new EvercredError("sign-in-needed", `Signed out of ${this.source.id}.`);
    writer.turnAway(reason);
    return writer.alone(async () => {
      // What was set aside has to be ended, too. Where it cannot be read it is erased all the same.
      if (writer.isForbidden) await this.#holding.restore().catch(() => undefined);
      if (this.source.keptBy !== undefined) this.#holding.facts.set("left", "yes");
      // Before it is noted as over: the next start, which finishes that, cannot tell a sign-out from the provider's own end.
      await this.#holding.withdraw(undefined);
      const grant = writer.drop(reason);
      const told = grant === undefined || left || (await writer.endThere(grant));
      try {
        await this.#holding.erase();
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
    await this.revive().catch(() => undefined);
    const isTold = await this.#writer.alone(async () => {
      const { grant } = this.#holding;
      if (grant === undefined) return true;
      return this.isLive ? this.#writer.endThere(grant) : !grant.renewable;
    });
    return isTold && this.signOut(true);
  }

  /** The shared place has changed, or may have: adopts, notices a sign-out elsewhere, or does nothing. */
  look(): Promise<void> {
    const writer = this.#writer;
    return writer.alone(() => {
      // Before the keychain has answered nobody knows whether another tool's sign-in is worth more.
      const unread = !this.isSignedIn && !this.isSignedOut;
      return unread ? writer.restore() : writer.lookAround();
    });
  }

  /** Does what is due: after sleep, after a jump of the clock, and once a minute. */
  async sweep(): Promise<void> {
    this.#onAlarm();
    this.#issued.sweep();
    await this.#writer.alone(async () => {
      if (!(await this.#holding.saveAgain())) return;
      this.#ports.changed();
      await this.#holding.publish();
    });
  }

  /** Stops, after an exchange that is under way: its outcome must not be lost. The grant stays in the keychain. */
  async close(): Promise<void> {
    const reason = new EvercredError("cancelled", "Evercred was stopped.");
    this.#watch.close();
    this.#issued.pause();
    this.#desk.stop(reason);
    const idle = this.#writer.alone(() => Promise.resolve());
    await within(this.#ports.clock, patienceMs, idle, undefined);
    this.#writer.close(reason);
  }

  /** Something is wanted that only a sign-in can give. */
  #want(): void {
    this.#watch.wantedAt = this.#clock.now();
    this.#ports.changed();
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

  #onAlarm(): void {
    const watch = this.#watch;
    if (watch.isClosed) return;
    const { state } = watch;
    if (state.kind === "signing-in" && this.#clock.now() >= state.endsAt) {
      const reason =
        state.other === undefined
          ? new EvercredError("timed-out", "Nobody signed in in time.")
          : new EvercredError("cancelled", "Nobody accepted the other person in time.");
      this.#desk.stop(reason);
    }
    if (watch.isDue) {
      watch.putOff();
      void this.#writer.refresh(() => watch.isDue);
    }
    watch.rearm(state);
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
      const isUnknown = this.#writer.isNewcomer || this.account === undefined;
      if (isUnknown && !this.source.unattended) {
        void this.#writer.learnAccount(grant, { key, credential });
      }
      return credential;
    }, key);
  }

  #withGrant<T>(work: Work<T>, wanted?: string): Promise<T> {
    const writer = this.#writer;
    return lend(writer, work, wanted).catch((thrown: unknown) => {
      // It may have turned out whose the grant is.
      if (hasCode(thrown, "policy-refused")) void writer.alone(() => writer.followRefusal());
      throw thrown;
    });
  }
}

/** Where nobody is to be asked for a sign-in: the user has said so, or an organisation. */
const settled: ReadonlySet<SignedOutReason> = new Set(["user", "forbidden"]);
