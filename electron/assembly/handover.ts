import type { Outlived } from "../commands/verb.ts";
import type { Log } from "../core/log.ts";
import { type Clock, type Instant, plus } from "../core/time.ts";

/** What a hand-over needs to know, and to do. */
export interface HandoverPorts {
  /** What this process was started from. */
  readonly footprint: { isReplaced(): boolean };
  readonly clock: Clock;
  /** Why it may not be at all, as far as can be told now. */
  forbidden(): Extract<Outlived, "memory" | "by-hand"> | undefined;
  /** What would be cut off, and cannot simply be done again. */
  work(): Extract<Outlived, "renewal" | "sign-in" | "draft"> | undefined;
  /** Stops. `isAsked`: its successor is there already and waits; else it has to be started. */
  leave(isAsked: boolean): void;
  /** Called after each change of `outlived`. */
  changed(): void;
  readonly log: Log;
}

/** So long requests are waited for, in milliseconds: some go on until their caller has had enough. */
const patienceMs = 5 * 60_000;

/** Likewise where the successor, and a person, wait. Who has to wait longer for the place does not get it. */
export const askedPatienceMs = 10_000;

/** Goes over to the successor that has been installed in this one's place, or asks for it, once nothing is under way. */
export class Handover {
  readonly #ports: HandoverPorts;
  #requests = 0;
  #noticedAt: Instant | undefined;
  #askedAt: Instant | undefined;
  #disarm: () => void = () => undefined;
  #outlived: Outlived | undefined;
  #hasLeft = false;
  #isClosed = false;

  constructor(ports: HandoverPorts) {
    this.#ports = ports;
  }

  /** Why the one that runs is not the one that is installed; undefined where it is, or goes at once. */
  get outlived(): Outlived | undefined {
    return this.#outlived;
  }

  /** Whether it has begun: what is asked now is for the successor. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** A request has come. The returned function is to be called once it needs nobody any more; again, it does nothing. */
  enter(): () => void {
    this.#requests += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#requests -= 1;
      this.settled();
    };
  }

  /**
   * Another daemon of the same user asks for the place. Returns why it cannot have it; undefined: it gets it if nothing is
   * under way any more within `askedPatienceMs`.
   */
  giveWay(): "memory" | undefined {
    const { clock, log } = this.#ports;
    if (this.#ports.forbidden() === "memory") return "memory";
    if (this.#askedAt === undefined) log.info("daemon: asked to give way");
    this.#askedAt = clock.now();
    this.#disarm();
    this.#disarm = clock.alarm(plus(this.#askedAt, askedPatienceMs), () => {
      this.#decide();
      // Who has asked waits no longer: if this one went later, nobody would follow.
      this.#askedAt = undefined;
      this.look();
    });
    setImmediate(() => this.#decide());
    return undefined;
  }

  /** The daemon is told to end: nobody follows, whatever is found or asked from now on. */
  close(): void {
    this.#isClosed = true;
    this.#disarm();
  }

  /** Looks at the disk: each minute, and where a client of another version asks. */
  look(): void {
    if (this.#hasLeft || this.#isClosed) return;
    if (this.#ports.footprint.isReplaced()) {
      if (this.#noticedAt === undefined) this.#ports.log.info("daemon: replaced on the disk");
      this.#noticedAt ??= this.#ports.clock.now();
    } else {
      this.#noticedAt = undefined;
    }
    this.#decide();
  }

  /** Something has ended, which may have been waited for. */
  settled(): void {
    // What has ended says so a little before it has.
    if (this.#wantedAt !== undefined) setImmediate(() => this.#decide());
  }

  /** Since when somebody else should be here. */
  get #wantedAt(): Instant | undefined {
    return this.#askedAt ?? this.#noticedAt;
  }

  #decide(): void {
    if (this.#hasLeft || this.#isClosed) return;
    const before = this.#outlived;
    const wantedAt = this.#wantedAt;
    const isAsked = this.#askedAt !== undefined;
    this.#outlived = wantedAt === undefined ? undefined : this.#whyNot(wantedAt, isAsked);
    if (wantedAt !== undefined && this.#outlived === undefined) {
      // While it waited, the next one may have begun to come.
      if (!isAsked && !this.#ports.footprint.isReplaced()) return;
      this.#hasLeft = true;
      this.#ports.log.info("daemon: hands over");
      this.#ports.leave(isAsked);
    } else if (this.#outlived !== before) {
      if (this.#outlived !== undefined) {
        this.#ports.log.info("daemon: goes on for now", { because: this.#outlived });
      }
      this.#ports.changed();
    }
  }

  #whyNot(wantedAt: Instant, isAsked: boolean): Outlived | undefined {
    const ports = this.#ports;
    const waited = ports.clock.now() - wantedAt;
    const longest = isAsked ? askedPatienceMs : patienceMs;
    const request = this.#requests > 0 && waited < longest ? "request" : undefined;
    const forbidden = ports.forbidden();
    // Who asks has seen to the successor.
    const isForbidden = !(isAsked && forbidden === "by-hand");
    return (isForbidden ? forbidden : undefined) ?? ports.work() ?? request;
  }
}
