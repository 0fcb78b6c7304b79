import type { EvercredError } from "./errors.ts";
import type { Issued } from "./issued.ts";
import type { Log } from "./log.ts";
import type { Patience } from "./patience.ts";
import { callerRetryMs, leaveAloneMs, type Random, retryAt, setBackMs } from "./policy.ts";
import type { OtherPerson } from "./sign-in.ts";
import type { SignInRequest, Source } from "./source.ts";
import { type SessionState, type Standing, standingOf, wakeAt } from "./state.ts";
import { type Clock, type Instant, later, plus } from "./time.ts";
import { unusableOf } from "./unusable.ts";

/** What the watch over a session's state needs of it. */
export interface WatchPorts {
  source(): Source;
  /** The provider's. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly patience: Patience;
  /** Fetched ahead while it is active. */
  readonly issued: Issued;
  /** Called after each change. */
  changed(): void;
  /** Called when the state is to be left, or may be. */
  rang(): void;
}

/** How long we wait for a person, in milliseconds, where the provider does not say how long it does. */
const signInMs = 10 * 60_000;

/** A session's state: one setter, one timer, and when what may be tried again. */
export class Watch {
  readonly #ports: WatchPorts;
  readonly #clock: Clock;
  #state: SessionState = { kind: "signed-out", reason: "never" };
  /** When the standing was entered. */
  #stoodAt: Instant;
  /** Before then the provider does not want to be asked again, */
  #askedUntil: Instant;
  /** and how often in a row it has said so. */
  #timesAsked = 0;
  #closed = false;
  #disarm: () => void = () => undefined;
  /** When a program first wanted something that only a sign-in can give. */
  wantedAt: Instant | undefined;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
    this.#clock = ports.clock;
    this.#stoodAt = this.#clock.now();
    this.#askedUntil = this.#stoodAt;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The state, apart from a sign-in that is open. */
  get standing(): Standing {
    return standingOf(this.#state);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** For how long the standing has been what it is, in milliseconds. */
  get stoodMs(): number {
    return this.#clock.now() - this.#stoodAt;
  }

  /** Whether the provider does not mind being asked. */
  get mayAsk(): boolean {
    return this.#clock.now() >= this.#askedUntil;
  }

  /** Enters a standing, beside a sign-in that is open. */
  stand(standing: Standing): void {
    const { issued } = this.#ports;
    this.#stoodAt = this.#clock.now();
    if (standing.kind === "active") {
      this.#timesAsked = 0;
      if (!this.#closed) issued.resume(this.standing.kind !== "active");
    }
    if (standing.kind === "signed-out") issued.pause();
    this.#become(this.#beside(standing));
  }

  /** A renewal has failed: what is there is served until `expiresAt`, and it is tried again. */
  fail(error: EvercredError, expiresAt: Instant): void {
    const { standing } = this;
    const { random, patience } = this.#ports;
    const now = this.#clock.now();
    const failing = standing.kind === "failing" ? standing : { attempt: 0, since: now };
    const attempt = failing.attempt + 1;
    const next = retryAt(now, attempt, expiresAt, error, random);
    patience.failed(error, next);
    this.#timesAsked = error.code === "throttled" ? this.#timesAsked + 1 : 0;
    this.#askedUntil = plus(now, leaveAloneMs(this.#timesAsked, error));
    this.stand({
      kind: "failing",
      expiresAt,
      retryAt: next,
      since: failing.since,
      attempt,
      error: error.code,
    });
  }

  /** Waits for a person, as long as the request says. */
  ask(request: SignInRequest | undefined, other: OtherPerson | undefined): void {
    const patient = other === undefined ? request?.endsAt : undefined;
    const endsAt = patient ?? plus(this.#clock.now(), signInMs);
    this.#become({ kind: "signing-in", endsAt, request, other, standing: this.standing });
  }

  /** The sign-in that was open has ended: what stood beside it goes on. */
  settle(): void {
    this.#become(this.standing);
  }

  /** Whether the standing has to be left now. A clock that was set back says nothing of when. */
  get isDue(): boolean {
    const at = wakeAt(this.standing);
    const now = this.#clock.now();
    return at !== undefined && (now >= at || now < plus(this.#stoodAt, -setBackMs));
  }

  /** Puts off a renewal that is due while the provider is known to have a fault. */
  putOff(): void {
    const { standing } = this;
    if (standing.kind !== "active") return;
    const renewAt = this.#ports.patience.putOff(this.#clock.now(), standing.expiresAt);
    if (renewAt !== undefined) this.#become(this.#beside({ ...standing, renewAt }));
  }

  /** Sets the timer anew where it has rung for a state before its time: the provider's clock turned out to be behind what we thought. */
  rearm(state: SessionState): void {
    const at = wakeAt(state);
    if (at !== undefined && this.#clock.now() < at) this.#arm();
  }

  /** Whether a caller's need is reason enough to try now: not so soon that callers become a storm. */
  get mayTry(): boolean {
    const { standing } = this;
    if (standing.kind === "active") return true;
    const isLongAgo = this.stoodMs >= callerRetryMs;
    // What a source that needs nobody lacked may be there by now.
    if (standing.kind === "signed-out") {
      const { unattended, mayRecover = unattended } = this.#ports.source();
      return mayRecover && isLongAgo;
    }
    return this.isDue || (isLongAgo && this.mayAsk);
  }

  /** Why there is nothing to serve, and what a person can do. */
  unusable(): EvercredError {
    // Whoever is sent away before `mayTry` has the time of that: a wait of their own would come on top.
    const callersAt = later(this.#askedUntil, plus(this.#stoodAt, callerRetryMs));
    const isAsked = this.#askedUntil > this.#stoodAt;
    const waitMs = isAsked ? callersAt - this.#clock.now() : 0;
    return unusableOf(this.#ports.source(), this.#state, waitMs);
  }

  /** Nothing rings any more. */
  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  #beside(standing: Standing): SessionState {
    return this.#state.kind === "signing-in" ? { ...this.#state, standing } : standing;
  }

  /** The one setter: enters a state, arms its one timer, publishes. */
  #become(state: SessionState): void {
    const before = this.#state;
    this.#state = state;
    this.#arm();
    if (before.kind !== state.kind) {
      const { id } = this.#ports.source();
      this.#ports.log.info("session: state", { source: id, state: state.kind });
    }
    this.#ports.changed();
  }

  #arm(): void {
    this.#disarm();
    this.#disarm = () => undefined;
    const at = wakeAt(this.#state);
    if (at === undefined || this.#closed) return;
    this.#disarm = this.#clock.alarm(at, () => {
      this.#ports.rang();
    });
  }
}
