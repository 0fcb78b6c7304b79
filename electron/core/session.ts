import type { Credential, Grant } from "./credential.ts";
import { EvercredError, errorOf, hasCode } from "./errors.ts";
import { Issued } from "./issued.ts";
import type { Log } from "./log.ts";
import { callerRetryMs, patienceMs, type Random, renewAt, retryAt } from "./policy.ts";
import { SignIn, type SignInOutcome } from "./sign-in.ts";
import { SingleFlight } from "./single-flight.ts";
import type { Flow, SharedPlace, SignInRequest, Source } from "./source.ts";
import { type SessionState, type SignedOutReason, type Standing, standingOf, wakeAt } from "./state.ts";
import type { Memo, SecretStore } from "./store.ts";
import { type Clock, type Instant, later, plus, shifted, within } from "./time.ts";

/** What a session needs of the world. */
export interface SessionPorts {
  readonly store: SecretStore;
  readonly memo: Memo;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
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
  readonly #clock: Clock;
  readonly #flights = new SingleFlight();
  readonly #issued: Issued;
  #life = new AbortController();
  #source: Source;
  #state: SessionState = { kind: "signed-out", reason: "never" };
  #grant: Grant | undefined;
  /** Whether the keychain has the grant that we use. A borrowed one is not ours to save. */
  #kept: "saved" | "unsaved" | "borrowed" = "saved";
  #signIn: SignIn | undefined;
  #wantedAt: Instant | undefined;
  #triedAt: Instant | undefined;
  #closed = false;
  #disarm: () => void = () => undefined;

  private constructor(source: Source, ports: SessionPorts) {
    this.#source = source;
    this.#ports = ports;
    this.#clock = shifted(ports.clock, () => this.#source.offsetMs());
    this.#issued = new Issued((key) => this.#fetch(key), this.#clock, ports.random, ports.log);
  }

  /** The session of a source, with the grant that the keychain has of it, or that other tools left. */
  static async open(source: Source, ports: SessionPorts): Promise<Session> {
    const session = new Session(source, ports);
    await session.#flights.run("grant", () => session.#restore());
    return session;
  }

  get source(): Source {
    return this.#source;
  }

  get state(): SessionState {
    return this.#state;
  }

  get issued(): Issued {
    return this.#issued;
  }

  /** Whether a crash now would cost the sign-in. */
  get durable(): boolean {
    if (this.#grant === undefined || this.#kept === "borrowed") return true;
    return this.#kept === "saved" && this.#ports.store.durability === "persisted";
  }

  get grant(): Grant | undefined {
    return this.#grant;
  }

  /** The sign-in that is open. */
  get signInOpen(): SignIn | undefined {
    return this.#signIn;
  }

  /** After a sign-in that came to nothing only a person may cause another page to be opened. */
  get heldBack(): boolean {
    return this.#ports.memo.get(this.#fact("held-back")) !== undefined;
  }

  /** When a program last wanted something that only a sign-in can give. */
  get wantedAt(): Instant | undefined {
    return this.#wantedAt;
  }

  /** The provider's present time, as far as we know it. */
  now(): Instant {
    return this.#clock.now();
  }

  /** Until when nobody is needed: exact for a grant that cannot be renewed, else by experience. */
  get neededAt(): { readonly at: Instant; readonly exact: boolean } | undefined {
    const grant = this.#grant;
    if (grant === undefined) return undefined;
    if (!grant.renewable) return { at: grant.expiresAt, exact: true };
    const lengthMs = Number(this.#ports.memo.get(this.#fact("session-ms")) ?? usualSessionMs);
    return { at: later(plus(grant.signedInAt, lengthMs), grant.expiresAt), exact: false };
  }

  /** A credential that is good now. Never asks a person. */
  async issue(key: string, fresh = false): Promise<Credential> {
    try {
      return await this.#issued.get(key, fresh);
    } catch (thrown) {
      if (hasCode(thrown, "sign-in-needed") && this.#wantedAt === undefined) {
        this.#wantedAt = this.#clock.now();
        this.#ports.changed();
      }
      throw thrown;
    }
  }

  /** Takes a new version of its source. One that names another organisation, region or scopes ends the grant. */
  async replaceSource(source: Source): Promise<void> {
    const same = source.boundTo === this.#source.boundTo;
    this.#source = source;
    if (same) {
      this.#ports.changed();
      return;
    }
    this.#signIn?.stop(new EvercredError("cancelled", "The configuration has changed."));
    this.#issued.clear();
    await this.#flights.after("grant", () => this.#restore());
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
    const endsAt = plus(this.#clock.now(), signInMs);
    this.#become({
      kind: "signing-in",
      endsAt,
      request: undefined,
      standing: standingOf(this.#state),
    });
    return signIn;
  }

  /** A person has acted: the next sign-in may open a page again. */
  release(): void {
    this.#note("held-back", undefined);
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
    this.#life.abort(new EvercredError("sign-in-needed", `Signed out of ${this.#source.id}.`));
    this.#life = new AbortController();
    this.#issued.clear();
    return this.#flights.after("grant", async () => {
      const grant = this.#grant;
      this.#forget("user");
      const told =
        grant === undefined ||
        (await this.#bounded(this.#source.revoke(grant, this.#life.signal)).then(
          () => true,
          () => false,
        ));
      await this.#source.shared?.withdraw(undefined);
      this.#note("published", undefined);
      await this.#bounded(this.#ports.store.delete(this.#key));
      return told;
    });
  }

  /** The shared place has changed, or may have: adopts, notices a sign-out elsewhere, or does nothing. */
  async look(): Promise<void> {
    if (this.#source.shared === undefined) return;
    await this.#flights.after("grant", () => this.#lookAround());
  }

  /** Does what is due: after sleep, after a jump of the clock, and once a minute. */
  async sweep(): Promise<void> {
    this.#onAlarm();
    this.#issued.sweep();
    if (this.#grant !== undefined && this.#kept === "unsaved")
      await this.#flights.after("grant", () => this.#save());
    this.#arm();
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
    this.#disarm();
  }

  get #key(): string {
    return `grant/${this.#source.id}`;
  }

  #fact(name: string): string {
    return `${name}:${this.#source.id}`;
  }

  #note(name: string, fact: string | undefined): void {
    this.#ports.memo.set(this.#fact(name), fact);
  }

  /** The one setter: enters a state, arms its one timer, publishes. */
  #become(state: SessionState): void {
    const before = this.#state;
    this.#state = state;
    this.#arm();
    if (before.kind !== state.kind)
      this.#ports.log.info("session: state", { source: this.#source.id, state: state.kind });
    this.#ports.changed();
  }

  #arm(): void {
    this.#disarm();
    this.#disarm = () => undefined;
    const at = wakeAt(this.#state);
    if (at !== undefined && !this.#closed)
      this.#disarm = this.#clock.alarm(at, () => {
        this.#onAlarm();
      });
  }

  #stand(standing: Standing): void {
    if (standing.kind === "active") this.#issued.resume();
    if (standing.kind === "signed-out") this.#issued.pause();
    this.#become(
      this.#state.kind === "signing-in" ? { ...this.#state, standing } : standing,
    );
  }

  #onAlarm(): void {
    const now = this.#clock.now();
    const state = this.#state;
    if (state.kind === "signing-in" && now >= state.endsAt)
      this.#signIn?.stop(new EvercredError("timed-out", "Nobody signed in in time."));
    const at = wakeAt(standingOf(state));
    if (at !== undefined && now >= at) void this.#refreshGrant();
  }

  #refreshGrant(): Promise<void> {
    return this.#flights.run("grant", () =>
      this.#grant === undefined ? this.#restore() : this.#renew(this.#grant),
    );
  }

  async #restore(): Promise<void> {
    let saved;
    try {
      saved = await this.#bounded(this.#ports.store.get(this.#key));
    } catch (thrown) {
      if (this.#ports.store.durability === "persisted" && hasCode(thrown, "keychain-unavailable")) {
        this.#forget("never");
        await this.#lookAround();
        return;
      }
      this.#fail(errorOf(thrown), this.#clock.now());
      return;
    }
    const grant = saved === undefined ? undefined : this.#source.restore(saved);
    if (grant === undefined) this.#forget("never");
    else if (grant.boundTo !== this.#source.boundTo) this.#forget("changed");
    else {
      this.#grant = grant;
      this.#kept = "saved";
      this.#stand(this.#activeWith(grant));
    }
    await this.#lookAround();
  }

  #activeWith(grant: Grant): Standing {
    const { expiresAt } = grant;
    const due = grant.renewable ? renewAt(grant, this.#ports.random) : expiresAt;
    return { kind: "active", expiresAt, renewAt: due };
  }

  /** Renews, or finds that another tool has. Runs as the grant's only writer; never rejects. */
  async #renew(grant: Grant): Promise<void> {
    if (await this.#adoptForeign(grant)) return;
    const now = this.#clock.now();
    if (!grant.renewable) {
      if (now >= grant.expiresAt) await this.#end("ended");
      else this.#stand({ kind: "active", expiresAt: grant.expiresAt, renewAt: grant.expiresAt });
      return;
    }
    const { signal } = this.#life;
    this.#triedAt = now;
    let next: Grant;
    try {
      next = await this.#source.renew(grant, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      const error = errorOf(thrown);
      this.#ports.log.warn("session: not renewed", { source: this.#source.id, code: error.code });
      if (error.code === "grant-rejected" || error.code === "registration-rejected") {
        if (await this.#adoptForeign(undefined)) return;
        const lastedMs = this.#clock.now() - grant.signedInAt;
        if (lastedMs > 0) this.#note("session-ms", String(lastedMs));
        await this.#end("ended");
      } else this.#fail(error, grant.expiresAt);
      return;
    }
    if (signal.aborted) {
      // The old one is spent: what came for a session that has been left must still not be lost.
      if (this.#grant === grant) await this.#keep(next);
      return;
    }
    await this.#keep(next);
    this.#ports.log.info("session: renewed", { source: this.#source.id });
  }

  /** Saves, then uses. */
  async #keep(grant: Grant): Promise<void> {
    const kept = await this.#write(grant);
    this.#grant = grant;
    this.#kept = kept ? "saved" : "unsaved";
    this.#wantedAt = undefined;
    this.#stand(this.#activeWith(grant));
    if (kept) await this.#publish(grant);
  }

  async #write(grant: Grant): Promise<boolean> {
    try {
      await this.#bounded(this.#ports.store.set(this.#key, grant.saved));
      return true;
    } catch (thrown) {
      const { code } = errorOf(thrown);
      this.#ports.log.error("session: grant not saved", { source: this.#source.id, code });
      return false;
    }
  }

  async #save(): Promise<void> {
    const grant = this.#grant;
    if (grant === undefined || this.#kept !== "unsaved" || !(await this.#write(grant))) return;
    this.#kept = "saved";
    this.#ports.changed();
    await this.#publish(grant);
  }

  async #publish(grant: Grant): Promise<void> {
    const { shared } = this.#source;
    if (shared === undefined || !this.#mayKeep(shared)) return;
    this.#note("published", "yes");
    await shared.publish(grant);
  }

  /** What other tools did: a sign-in to take over, or a sign-out. Runs as the grant's only writer. */
  async #lookAround(): Promise<void> {
    const { shared } = this.#source;
    const grant = this.#grant;
    if (shared === undefined || (await this.#adoptForeign(grant)) || grant === undefined) return;
    const found = await shared.look(grant, this.#mayKeep(shared));
    if (found.kind !== "absent") return;
    if (this.#kept === "borrowed") {
      await this.#end("elsewhere");
      return;
    }
    const published = this.#ports.memo.get(this.#fact("published"));
    if (published === undefined && this.#kept === "saved") await this.#publish(grant);
    if (published !== "yes") return;
    // It was there and is gone: a sign-out with another tool, or a clean-up. Only the provider knows.
    try {
      await this.#source.probe(grant, this.#life.signal);
      this.#note("published", "gone");
    } catch (thrown) {
      if (hasCode(thrown, "token-rejected")) await this.#end("elsewhere");
    }
  }

  #mayKeep(shared: SharedPlace): boolean {
    return shared.writable && this.#ports.store.durability === "persisted";
  }

  /** Takes over a sign-in that another tool has left, if there is one and it is worth more than ours. */
  async #adoptForeign(ours: Grant | undefined): Promise<boolean> {
    const { shared } = this.#source;
    if (shared === undefined) return false;
    const found = await shared.look(ours, this.#mayKeep(shared));
    if (found.kind !== "foreign") return false;
    const { grant } = found;
    if (this.#clock.now() >= grant.expiresAt && !grant.renewable) return false;
    if (ours?.renewable === true && !grant.renewable) return false;
    // Until the keychain has it, the file is all there is: it is left alone.
    if (grant.renewable && !(await this.#write(grant))) return false;
    this.#grant = grant;
    this.#kept = grant.renewable ? "saved" : "borrowed";
    this.#wantedAt = undefined;
    this.#ports.log.info("session: adopted a sign-in of another tool", { source: this.#source.id });
    this.#stand(this.#activeWith(grant));
    if (grant.renewable) await this.#publish(grant);
    return true;
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

  #forget(reason: SignedOutReason): void {
    this.#grant = undefined;
    this.#kept = "saved";
    this.#stand({ kind: "signed-out", reason });
  }

  /** The grant is over: nothing of it is worth keeping, but credentials already handed out live on. */
  async #end(reason: SignedOutReason): Promise<void> {
    const grant = this.#grant;
    const borrowed = this.#kept === "borrowed";
    this.#forget(reason);
    if (borrowed) return;
    this.#note("published", undefined);
    if (grant !== undefined) await this.#source.shared?.withdraw(grant);
    await this.#bounded(this.#ports.store.delete(this.#key)).catch((thrown: unknown) => {
      this.#ports.log.warn("session: keychain not cleared", { code: errorOf(thrown).code });
    });
  }

  /** One try for one key: renews first where the access token has ended, and once where it is refused. */
  async #fetch(key: string): Promise<Credential> {
    const grant = await this.#goodGrant();
    const { signal } = this.#life;
    try {
      return await this.#source.issue(grant, key, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!hasCode(thrown, "token-rejected")) throw thrown;
    }
    await this.#flights.after("grant", async () => {
      if (this.#grant === grant) await this.#renewRejected(grant);
    });
    const next = await this.#goodGrant();
    if (next === grant) throw this.#unusable();
    try {
      return await this.#source.issue(next, key, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!hasCode(thrown, "token-rejected")) throw thrown;
    }
    await this.#flights.after("grant", async () => {
      if (this.#grant === next) await this.#end("ended");
    });
    throw this.#signInNeeded();
  }

  async #renewRejected(grant: Grant): Promise<void> {
    if (grant.renewable) await this.#renew(grant);
    else if (!(await this.#adoptForeign(undefined))) await this.#end("ended");
  }

  async #goodGrant(): Promise<Grant> {
    const ready = (): Grant | undefined =>
      this.#grant !== undefined && this.#clock.now() < this.#grant.expiresAt
        ? this.#grant
        : undefined;
    const held = ready();
    if (held !== undefined) return held;
    if (this.#mayTry()) await this.#refreshGrant();
    const renewed = ready();
    if (renewed !== undefined) return renewed;
    throw this.#unusable();
  }

  /** Whether a caller's need is reason enough to try now: not so soon that callers become a storm. */
  #mayTry(): boolean {
    const standing = standingOf(this.#state);
    if (standing.kind !== "failing") return standing.kind === "active";
    const now = this.#clock.now();
    if (now >= standing.retryAt) return true;
    const recent = this.#triedAt !== undefined && now - this.#triedAt < callerRetryMs;
    return !recent && standing.error !== "throttled";
  }

  #unusable(): EvercredError {
    const standing = standingOf(this.#state);
    return standing.kind === "failing" ? new EvercredError(standing.error) : this.#signInNeeded();
  }

  #signInNeeded(): EvercredError {
    const { id } = this.#source;
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
      const { endsAt } = request;
      this.#become({
        kind: "signing-in",
        endsAt,
        request,
        standing: standingOf(this.#state),
      });
    };
    let outcome: SignInOutcome;
    try {
      // The one who made this has to have it in hand before anything is shown.
      await Promise.resolve();
      const options = { flow, previous: this.#grant, show: shown };
      const grant = await this.#source.signIn(options, signal);
      await this.#flights.after("grant", () => this.#keep(grant));
      outcome = { kind: "signed-in" };
    } catch (thrown) {
      outcome = current()
        ? { kind: "failed", error: errorOf(thrown) }
        : { kind: "replaced" };
    }
    if (!current()) return outcome;
    this.#signIn = undefined;
    this.#note("held-back", outcome.kind === "failed" ? "yes" : undefined);
    this.#become(standingOf(this.#state));
    return outcome;
  }

  #bounded<T>(work: Promise<T>): Promise<T> {
    const late = Symbol("late");
    return within(this.#ports.clock, patienceMs, work, late).then((result) => {
      if (result === late) throw new EvercredError("keychain-locked");
      return result as T;
    });
  }
}
