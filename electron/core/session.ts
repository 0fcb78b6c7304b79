import type { Credential, Grant } from "./credential.ts";
import { EvercredError, errorOf, hasCode } from "./errors.ts";
import { Holding, type HoldingPorts } from "./holding.ts";
import { Issued } from "./issued.ts";
import {
  askAt,
  callerRetryMs,
  patienceMs,
  type Random,
  renewAt,
  renewGapMs,
  retryAt,
  setBackMs,
} from "./policy.ts";
import { SignIn, type SignInOutcome } from "./sign-in.ts";
import { SingleFlight } from "./single-flight.ts";
import type { Flow, SignInRequest, Source } from "./source.ts";
import {
  type SessionState,
  type SignedOutReason,
  type Standing,
  standingOf,
  wakeAt,
} from "./state.ts";
import { type Clock, type Instant, later, plus, shifted, within } from "./time.ts";

/** What a session needs of the world. */
export interface SessionPorts extends HoldingPorts {
  readonly random: Random;
  /** Called after each change of anything that `Session` shows. */
  changed(): void;
}

/** How long we wait for a person, in milliseconds, before the provider has said how long it does. */
const signInMs = 10 * 60_000;

/** How long the provider's sessions last until experience says otherwise: Identity Center's default. */
const usualSessionMs = 8 * 60 * 60_000;

/** The life of one source's grant: a state machine with one setter, one timer and one writer. */
export class Session {
  readonly #ports: SessionPorts;
  readonly #holding: Holding;
  readonly #clock: Clock;
  readonly #flights = new SingleFlight();
  readonly #issued: Issued;
  #life = new AbortController();
  #state: SessionState = { kind: "signed-out", reason: "never" };
  #signIn: SignIn | undefined;
  #wantedAt: Instant | undefined;
  /** When the standing was entered. */
  #stoodAt: Instant;
  #closed = false;
  #disarm: () => void = () => undefined;

  private constructor(source: Source, ports: SessionPorts) {
    this.#ports = ports;
    this.#holding = new Holding(source, ports);
    this.#clock = shifted(ports.clock, () => this.source.offsetMs());
    this.#stoodAt = this.#clock.now();
    this.#issued = new Issued((key) => this.#fetch(key), this.#clock, ports.random, ports.log);
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

  /** Whether it is known that nobody is signed in: not so while the keychain has not answered. */
  get isSignedOut(): boolean {
    return standingOf(this.#state).kind === "signed-out";
  }

  /** Whether the access token is good now. */
  get isLive(): boolean {
    const { grant } = this.#holding;
    return grant !== undefined && this.#clock.now() < grant.expiresAt;
  }

  /** The sign-in that is open. */
  get signInOpen(): SignIn | undefined {
    return this.#signIn;
  }

  /** After a sign-in that came to nothing only a person may cause another page to be opened. */
  get heldBack(): boolean {
    return this.#holding.fact("held-back") !== undefined;
  }

  /** When a program first wanted something that only a sign-in can give. */
  get wantedAt(): Instant | undefined {
    return this.#wantedAt;
  }

  /** Until when nobody is needed: exact for a grant that cannot be renewed, else by experience. */
  get neededAt(): { readonly at: Instant; readonly exact: boolean } | undefined {
    const { grant } = this.#holding;
    if (grant === undefined) return undefined;
    if (!grant.renewable) return { at: grant.expiresAt, exact: true };
    const lengthMs = Number(this.#holding.fact("session-ms") ?? usualSessionMs);
    return { at: later(plus(grant.signedInAt, lengthMs), grant.expiresAt), exact: false };
  }

  /** When to ask a person ahead of the end; undefined where neither the provider nor experience tells the end. */
  askAt(beforeMs: number): Instant | undefined {
    const { grant } = this.#holding;
    const needed = this.neededAt;
    if (grant === undefined || needed === undefined) return undefined;
    const guessed = !needed.exact && this.#holding.fact("session-ms") === undefined;
    // A session that outlives experience may end at any time, or go on for long.
    const outlived = !needed.exact && needed.at <= grant.expiresAt;
    return guessed || outlived ? undefined : askAt(grant.signedInAt, needed.at, beforeMs);
  }

  /** A credential that is good now. Never asks a person. */
  async issue(key: string, fresh = false): Promise<Credential> {
    try {
      return await this.#issued.get(key, fresh);
    } catch (thrown) {
      const isNeeded = hasCode(thrown, "sign-in-needed") && this.isSignedOut;
      if (isNeeded && this.#wantedAt === undefined) {
        this.#wantedAt = this.#clock.now();
        this.#ports.changed();
      }
      throw thrown;
    }
  }

  /** Sees to it that the access token is good. Rejects with why it is not. */
  async revive(): Promise<void> {
    await this.#goodGrant();
  }

  /** Takes a new version of its source. One that names another organisation, region or scopes ends the grant. */
  async replaceSource(source: Source): Promise<void> {
    await this.#flights.after("grant", async () => {
      const same = source.boundTo === this.source.boundTo;
      this.#holding.source = source;
      if (same) {
        this.#ports.changed();
        return;
      }
      const reason = new EvercredError("cancelled", "The configuration has changed.");
      this.#signIn?.stop(reason);
      this.#dismiss(reason);
      await this.#restore();
    });
  }

  /**
   * Asks a person to sign in: joins the request that is open, or makes one, also over a live grant,
   * which goes on until a new one is there. A wish for the other flow replaces the open request.
   */
  signIn(flow: Flow | undefined): SignIn {
    const open = this.#signIn;
    if (open !== undefined && (flow === undefined || flow === open.flow)) return open;
    open?.stop(new EvercredError("cancelled", "Another way to sign in was chosen."));
    const signIn: SignIn = new SignIn(flow ?? "code", (show, signal) =>
      this.#runSignIn(flow ?? "code", show, signal, () => this.#signIn === signIn),
    );
    this.#signIn = signIn;
    this.#wantedAt = undefined;
    this.#ask(plus(this.#clock.now(), signInMs), undefined);
    return signIn;
  }

  /** It is a time at which a person wants to be asked for sign-ins that are needed. */
  remind(): void {
    const standing = standingOf(this.#state);
    if (standing.kind !== "signed-out" || standing.reason === "user") return;
    this.#wantedAt = this.#clock.now();
    this.#ports.changed();
  }

  /** A person has acted: the next sign-in may open a page again. */
  release(): void {
    this.#holding.note("held-back", undefined);
  }

  /** Ends the open sign-in. A grant that was there before it stays. */
  cancelSignIn(): void {
    this.#signIn?.stop(new EvercredError("cancelled", "The sign-in was cancelled."));
  }

  /**
   * Forgets the grant and all credentials, here, in the keychain and at the provider. Rejects where the
   * keychain could not be cleared; resolves to false where the provider could not be told.
   */
  async signOut(): Promise<boolean> {
    this.cancelSignIn();
    const reason = new EvercredError("sign-in-needed", `Signed out of ${this.source.id}.`);
    this.#dismiss(reason);
    return this.#flights.after("grant", async () => {
      const { grant } = this.#holding.drop();
      // Again: until here the grant was there for whoever asked.
      this.#dismiss(reason);
      this.#stand({ kind: "signed-out", reason: "user" });
      const told = grant === undefined || (await this.#tellProvider(grant));
      await this.#holding.erase(undefined);
      return told;
    });
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

  /** Sends away the callers that wait, and forgets what others were given. */
  #dismiss(reason: EvercredError): void {
    this.#life.abort(reason);
    this.#life = new AbortController();
    this.#issued.clear();
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
    if (standing.kind === "active" && !this.#closed) this.#issued.resume();
    if (standing.kind === "signed-out") this.#issued.pause();
    this.#become(this.#state.kind === "signing-in" ? { ...this.#state, standing } : standing);
  }

  #standActive(grant: Grant): void {
    const { expiresAt } = grant;
    const due = grant.renewable ? renewAt(grant, this.#ports.random) : expiresAt;
    const soonest = plus(this.#clock.now(), renewGapMs);
    this.#wantedAt = undefined;
    this.#stand({ kind: "active", expiresAt, renewAt: later(due, soonest) });
  }

  #ask(endsAt: Instant, request: SignInRequest | undefined): void {
    this.#become({ kind: "signing-in", endsAt, request, standing: standingOf(this.#state) });
  }

  #onAlarm(): void {
    if (this.#closed) return;
    const now = this.#clock.now();
    const state = this.#state;
    if (state.kind === "signing-in" && now >= state.endsAt) {
      this.#signIn?.stop(new EvercredError("timed-out", "Nobody signed in in time."));
    }
    if (this.#isDue()) void this.#refreshGrant(() => this.#isDue());
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

  /** Renews or restores, as the grant's only writer, where that is still wanted when its turn comes. */
  #refreshGrant(isWanted: () => boolean): Promise<void> {
    return this.#flights.after("grant", async () => {
      if (!isWanted()) return;
      const { grant } = this.#holding;
      await (grant === undefined ? this.#restore() : this.#renew(grant));
    });
  }

  async #restore(): Promise<void> {
    try {
      const found = await this.#holding.restore();
      const { grant } = this.#holding;
      if (grant !== undefined) this.#standActive(grant);
      else {
        const reason = found === "changed" ? "changed" : "never";
        this.#stand({ kind: "signed-out", reason });
      }
    } catch (thrown) {
      this.#fail(errorOf(thrown), this.#clock.now());
      return;
    }
    await this.#lookAround();
  }

  /** Renews, or finds that another tool has. Runs as the grant's only writer; never rejects. */
  async #renew(grant: Grant): Promise<void> {
    if (await this.#adopt(false)) return;
    if (!grant.renewable) {
      if (this.#clock.now() >= grant.expiresAt) await this.#end("ended");
      else this.#standActive(grant);
      return;
    }
    const { signal } = this.#life;
    try {
      const next = await this.source.renew(grant, signal);
      await this.#holding.keep(next);
      this.#ports.log.info("session: renewed", { source: this.source.id });
      this.#standActive(next);
      await this.#holding.publish();
    } catch (thrown) {
      if (!signal.aborted) await this.#notRenewed(grant, errorOf(thrown));
    }
  }

  async #notRenewed(grant: Grant, error: EvercredError): Promise<void> {
    this.#ports.log.warn("session: not renewed", { source: this.source.id, code: error.code });
    if (error.code !== "grant-rejected" && error.code !== "registration-rejected") {
      this.#fail(error, grant.expiresAt);
      return;
    }
    if (await this.#adopt(true)) return;
    const lastedMs = this.#clock.now() - grant.signedInAt;
    if (lastedMs > 0) this.#holding.note("session-ms", String(lastedMs));
    await this.#end("ended");
  }

  /** Takes over another tool's sign-in: one that is worth more, or any where ours is `spent`. */
  async #adopt(spent: boolean): Promise<boolean> {
    const adopted = await this.#holding.adopt(spent, this.#clock.now());
    if (adopted === undefined) return false;
    this.#standActive(adopted);
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
    this.#stand({
      kind: "failing",
      expiresAt,
      retryAt: retryAt(now, attempt, expiresAt, error.retryAfterMs, this.#ports.random),
      since: failing.since,
      attempt,
      error: error.code,
    });
  }

  /** The grant is over: nothing of it is worth keeping, but credentials already handed out live on. */
  async #end(reason: SignedOutReason): Promise<void> {
    const { grant, borrowed } = this.#holding.drop();
    this.#stand({ kind: "signed-out", reason });
    if (grant === undefined || borrowed) return;
    await this.#holding.erase(grant).catch((thrown: unknown) => {
      this.#ports.log.warn("session: keychain not cleared", { code: errorOf(thrown).code });
    });
  }

  async #tellProvider(grant: Grant): Promise<boolean> {
    const told = this.source.revoke(grant, this.#life.signal).then(
      () => true,
      () => false,
    );
    return within(this.#ports.clock, patienceMs, told, false);
  }

  /** One credential: renews first where the access token has ended, and once where it is refused. */
  async #fetch(key: string): Promise<Credential> {
    const first = await this.#goodGrant();
    const issued = await this.#tryIssue(first, key);
    if (issued !== undefined) return issued;
    await this.#flights.after("grant", async () => {
      if (this.#holding.grant !== first) return;
      if (first.renewable) await this.#renew(first);
      else if (!(await this.#adopt(true))) await this.#end("ended");
    });
    const second = await this.#goodGrant();
    if (second === first) throw this.#unusable();
    const retried = await this.#tryIssue(second, key);
    if (retried !== undefined) return retried;
    await this.#flights.after("grant", async () => {
      if (this.#holding.grant === second) await this.#end("ended");
    });
    throw this.#unusable();
  }

  /** What the source issues; undefined where the provider does not accept the access token. */
  async #tryIssue(grant: Grant, key: string): Promise<Credential | undefined> {
    const { signal } = this.#life;
    try {
      return await this.source.issue(grant, key, signal, (other, fresh) =>
        this.#issued.get(other, fresh),
      );
    } catch (thrown) {
      signal.throwIfAborted();
      if (hasCode(thrown, "token-rejected")) return undefined;
      throw thrown;
    }
  }

  async #goodGrant(): Promise<Grant> {
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

  /** Whether a caller's need is reason enough to try now: not so soon that callers become a storm. */
  #mayTry(): boolean {
    const standing = standingOf(this.#state);
    if (standing.kind !== "failing") return standing.kind === "active";
    if (this.#isDue()) return true;
    const recent = this.#clock.now() - this.#stoodAt < callerRetryMs;
    return !recent && standing.error !== "throttled";
  }

  #unusable(): EvercredError {
    const standing = standingOf(this.#state);
    if (standing.kind === "failing") return new EvercredError(standing.error);
    const { id } = this.source;
    const open = this.#state.kind === "signing-in";
    return new EvercredError(
      "sign-in-needed",
      open ? `A sign-in to ${id} is open and waits for you.` : `You are not signed in to ${id}.`,
      { remedy: `Run: evercred login ${id}` },
    );
  }

  async #runSignIn(
    flow: Flow,
    show: (request: SignInRequest) => void,
    signal: AbortSignal,
    current: () => boolean,
  ): Promise<SignInOutcome> {
    const shown = (request: SignInRequest): void => {
      if (!current()) return;
      show(request);
      this.#ask(request.endsAt, request);
    };
    let outcome: SignInOutcome;
    try {
      // The one who made this has to have it in hand before anything is shown.
      await Promise.resolve();
      const options = { flow, previous: this.#holding.grant, show: shown };
      const grant = await this.source.signIn(options, signal);
      await this.#flights.after("grant", async () => {
        signal.throwIfAborted();
        await this.#holding.keep(grant);
        this.#standActive(grant);
        await this.#holding.publish();
      });
      outcome = { kind: "signed-in" };
    } catch (thrown) {
      outcome = current() ? { kind: "failed", error: errorOf(thrown) } : { kind: "replaced" };
    }
    if (!current()) return outcome;
    this.#signIn = undefined;
    if (outcome.kind === "signed-in") this.release();
    else if (!this.#closed && isNo(outcome)) this.#holding.note("held-back", "yes");
    this.#become(standingOf(this.#state));
    return outcome;
  }
}

/** Whether a person has said no, or nothing: not so where there never was a page to answer. */
const isNo = (outcome: SignInOutcome): boolean =>
  outcome.kind === "failed" && hasCode(outcome.error, "sign-in-denied", "timed-out", "cancelled");
