import { EvercredError, type ErrorCode } from "../../../electron/core/errors.ts";
import { type Answer, type Machine, type Name, type Place, targets } from "./machine.ts";

const second = 1_000;
const minute = 60 * second;

/** What a user would say of one source: whether they are signed in, as far as they can know. */
interface Known {
  signedIn: "yes" | "no" | "unsure";
  /** Whether the keychain has taken all since. */
  saved: boolean;
  /** Nothing from before this is handed out. */
  since: number;
  /** Until when an outage that is over may still be felt. */
  uneasyUntil: number;
  outage: ErrorCode | undefined;
  configured: boolean;
  /** Whether a sign-out may still be under way: until it is done what there is is handed out, and then forgotten. */
  leaving: boolean;
}

/** The reference: a table of what each source owes its callers, by the words of the documentation and not of the code. */
export class Reference {
  readonly #known: Readonly<Record<Place, Known>>;
  /** The end of what each target was given last. */
  readonly #given = new Map<Name, number>();
  readonly #denied = new Set<Name>();
  mood: Machine["store"]["mood"] = "well";
  latencyMs = 0;
  pages = 0;

  constructor() {
    const unknown = (): Known => ({
      signedIn: "no",
      saved: true,
      since: 0,
      uneasyUntil: 0,
      outage: undefined,
      configured: true,
      leaving: false,
    });
    this.#known = { corp: unknown(), lab: unknown() };
  }

  of(place: Place): Known {
    return this.#known[place];
  }

  /** Why an answer is wrong; undefined where it is one of those that may be given. */
  judge(
    name: Name,
    fresh: boolean,
    answer: Answer,
    isLate: boolean,
    now: number,
  ): string | undefined {
    const known = this.#known[targets[name].place];
    if (!known.configured && !isLate) {
      const isUnknown = answer instanceof EvercredError && answer.code === "unknown-name";
      return isUnknown ? undefined : "what is not configured was answered for";
    }
    if (!(answer instanceof EvercredError)) {
      if (answer.issuedAt < known.since) return "something from before the sign-out";
      if (known.signedIn === "no") return "something for nobody";
      if (known.configured && !known.leaving) this.#given.set(name, answer.expiresAt);
      return undefined;
    }
    const { code } = answer;
    const isGood = (this.#given.get(name) ?? 0) > now;
    if (isGood && !fresh) return `${code}, though what was given out before is still good`;
    // Of what was asked in another situation nothing can be said.
    if (isLate) return undefined;
    if (known.signedIn === "no") {
      return code === "sign-in-needed" ? undefined : `${code} instead of: sign in`;
    }
    if (known.signedIn === "unsure" || !this.#isCalm(known, now)) return undefined;
    if (this.#denied.has(name)) {
      return code === "access-denied" ? undefined : `${code} instead of: denied`;
    }
    return `${code}, though all is well`;
  }

  /** Whether an answer has to be there at once. */
  isPrompt(name: Name, now: number): boolean {
    const known = this.#known[targets[name].place];
    return this.#isCalm(known, now) && known.signedIn !== "unsure";
  }

  signedIn(place: Place, now: number): void {
    const known = this.#known[place];
    const isQuick = this.latencyMs === 0 && this.mood !== "hanging";
    const isSure = isQuick && now >= known.uneasyUntil;
    if (isSure) known.leaving = false;
    known.signedIn = isSure ? "yes" : "unsure";
    known.saved = this.mood === "well";
  }

  /** Somebody has signed out, or is doing so: what was given out goes with it. */
  signedOut(place: Place, now: number): void {
    const known = this.#known[place];
    this.#forget(place);
    known.leaving = true;
    // While something is under way a sign-out waits for it; what others have left may be found after it.
    const isSure = this.latencyMs === 0 && this.mood !== "hanging" && now >= known.uneasyUntil;
    known.signedIn = isSure ? "no" : "unsure";
    if (isSure) known.since = now;
  }

  /** Something that only the next use or renewal will show. */
  doubt(place: Place): void {
    this.#known[place].signedIn = "unsure";
  }

  /** Another tool has left a sign-in, which nobody has looked at yet. */
  left(place: Place): void {
    const known = this.#known[place];
    if (known.signedIn === "no") known.signedIn = "unsure";
    known.since = 0;
  }

  outage(place: Place, code: ErrorCode | undefined, now: number): void {
    const known = this.#known[place];
    const isOver = code === undefined && known.outage !== undefined;
    if (isOver) {
      const longMs = known.outage === "throttled" ? 6 * minute : 6 * second;
      known.uneasyUntil = Math.max(known.uneasyUntil, now + longMs);
    }
    known.outage = code;
  }

  deny(name: Name): void {
    this.#denied.add(name);
  }

  allow(): void {
    this.#denied.clear();
  }

  keychain(mood: Machine["store"]["mood"], now: number): void {
    const wasHanging = this.mood === "hanging";
    this.mood = mood;
    for (const known of Object.values(this.#known)) {
      if (mood !== "well") known.saved = false;
      if (wasHanging) known.uneasyUntil = Math.max(known.uneasyUntil, now + minute);
    }
  }

  latency(ms: number, now: number): void {
    if (ms < this.latencyMs) {
      for (const known of Object.values(this.#known)) {
        known.uneasyUntil = Math.max(known.uneasyUntil, now + minute);
      }
    }
    this.latencyMs = ms;
  }

  /** A daemon has come after another, or a source has come back. */
  reopened(place: Place): void {
    this.#forget(place);
    const known = this.#known[place];
    known.leaving = false;
    const isKept = known.saved && this.mood === "well" && this.latencyMs === 0;
    if (!isKept) known.signedIn = "unsure";
  }

  #forget(place: Place): void {
    for (const name of this.#given.keys()) {
      if (targets[name].place === place) this.#given.delete(name);
    }
  }

  #isCalm(known: Known, now: number): boolean {
    const isQuick = this.latencyMs === 0 && this.mood !== "hanging";
    return isQuick && known.outage === undefined && now >= known.uneasyUntil;
  }
}
