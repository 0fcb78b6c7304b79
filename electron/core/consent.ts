import { Annoyance } from "./annoyance.ts";
import { Answers, type AnswerStore, type KeptAnswer } from "./answers.ts";
import type { Audit } from "./audit.ts";
import { type Caller, callerName, identityOf, recordOf } from "./caller.ts";
import {
  faceless,
  flooded,
  refusedBefore,
  refusedNow,
  turnedOff,
  unanswered,
} from "./consent-errors.ts";
import { EvercredError } from "./errors.ts";
import type { Target } from "./source.ts";
import { type Clock, type Instant, never, plus } from "./time.ts";

/** What a person answers. `once` is for the requests that wait, or else for the next one; `not now` refuses those alone. */
export type Answer = "once" | "today" | "always" | "never" | "not now";

/** How long a request waits for a person. */
export interface Patience {
  /** In milliseconds; a minute at most. */
  readonly ms: number;
  /** Aborted where whoever asks has gone; left out where nothing tells. */
  readonly signal?: AbortSignal;
}

/** What a person is asked. */
export interface Question {
  readonly id: string;
  readonly caller: Caller;
  readonly target: Target;
  readonly since: Instant;
  /** Whether the answer can hold for later: not where nothing tells the program from others. */
  readonly mayRemember: boolean;
  /** Whether it is shown without calling for attention: too much has been asked. */
  readonly isQuiet: boolean;
}

/** What consent needs of the world. */
export interface ConsentPorts {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly store: AnswerStore;
  /** Whether there is anything that can ask a person. */
  readonly hasFace: boolean;
  /** Whether people are to be asked at all. */
  isOn(): boolean;
  /** The end of this day, where the person lives. */
  endOfDay(now: Instant): Instant;
  /** Called after each change of `questions`. */
  changed(): void;
}

/** The longest that a request waits for a person, in milliseconds: whoever runs it may well have a limit. */
const longestWaitMs = 60_000;

/** How long a question stays, though nobody waits: its answer counts for the next request. In milliseconds. */
const openMs = 5 * 60_000;

/** So many questions can be open, and so many of one program: nobody reads more. */
const most = 5;
const mostOfOne = 3;

/** Whoever starts copies of itself calls for attention no more often than this either, in milliseconds. */
const callGapMs = 10_000;

/** A request that waits. */
interface Waiter {
  /** Lets it through, or refuses it. */
  settle(error: Error | undefined): void;
}

interface Open {
  readonly question: Question;
  /** What others may share it by; undefined: it is one request's own. */
  readonly key: string | undefined;
  readonly waiters: Set<Waiter>;
  /** Whether somebody has waited for it in vain, and may come back. */
  isAwaited: boolean;
  readonly disarm: () => void;
}

/** Whether programs may have what they want: a person says so, program by program and target by target. */
export class Consent {
  readonly #ports: ConsentPorts;
  readonly #answers: Answers;
  readonly #annoyance: Annoyance;
  readonly #refusals: Annoyance;
  readonly #open = new Map<string, Open>();
  /** What was allowed once while nobody waited: until when it is there to be used. */
  readonly #passes = new Map<string, Instant>();
  #count = 0;
  #calledAt: Instant | undefined;
  #isOn: boolean;

  constructor(ports: ConsentPorts) {
    this.#ports = ports;
    this.#answers = new Answers(ports.store, ports.clock);
    this.#annoyance = new Annoyance(ports.clock);
    this.#refusals = new Annoyance(ports.clock);
    this.#isOn = ports.isOn();
  }

  /** What is asked now, the oldest first. */
  get questions(): readonly Question[] {
    return [...this.#open.values()].map(({ question }) => question);
  }

  /** The answers that are kept, the newest last. */
  get answers(): readonly KeptAnswer[] {
    return this.#answers.all;
  }

  /** As `Gate.admit`. */
  admit(caller: Caller, target: Target, patience: Patience): Promise<void> {
    if (!this.#ports.isOn()) return Promise.resolve();
    const who = identityOf(caller);
    const known = who === undefined ? undefined : this.#answers.find(who, target);
    if (known === "never") return Promise.reject(refusedBefore(caller, target));
    if (known !== undefined) return Promise.resolve();
    const key = who === undefined ? undefined : `${who}\n${target}`;
    if (key !== undefined && this.#usePass(key)) return Promise.resolve();
    if (patience.signal?.aborted === true) return Promise.reject(reasonOf(patience.signal));
    const asked = this.#sharedBy(key) ?? this.#ask(caller, target, key);
    return asked instanceof EvercredError ? Promise.reject(asked) : this.#wait(asked, patience);
  }

  /**
   * A person has answered. Throws `unknown-name` where the question is not open any more, `usage` where that cannot be
   * remembered.
   */
  answer(id: string, answer: Answer): void {
    const open = this.#open.get(id);
    if (open === undefined) {
      throw new EvercredError("unknown-name", "That is asked no more.", {
        remedy: "Whoever wanted it can ask again.",
      });
    }
    const { question, key } = open;
    const { caller, target } = question;
    const who = identityOf(caller);
    const isYes = answer !== "never" && answer !== "not now";
    if (answer !== "once" && answer !== "not now") this.#keep(question, who, answer);
    if (isYes) {
      this.#annoyance.forgive(groupOf(caller));
      this.#refusals.forgive(refusalKey(question));
    } else if (answer === "not now") this.#refusals.add(refusalKey(question));
    if (answer === "once" && key !== undefined && open.waiters.size === 0) {
      this.#passes.set(key, plus(this.#ports.clock.now(), openMs));
    }
    this.#end(open, isYes ? undefined : refusedNow(caller, target), answer);
  }

  /**
   * Forgets answers, and gives them: the next request is asked about again. The record has each, and `by` whom, where
   * somebody has asked for it.
   */
  forget(isMeant: (answer: KeptAnswer) => boolean, by: Caller | undefined): readonly KeptAnswer[] {
    const forgotten = this.#answers.forget(isMeant);
    for (const { name, target, answer } of forgotten) {
      const event = "consent-forgotten";
      this.#ports.audit.note({ event, ...(by && recordOf(by)), of: name, target, answer });
    }
    return forgotten;
  }

  /**
   * The configuration may have changed, `by` whom, where that is known. Where nobody is to be asked any more, who waits
   * is turned away: what was being asked about is not let through by another way than an answer.
   */
  look(by: Caller | undefined): void {
    const isOn = this.#ports.isOn();
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    const event = isOn ? "consent-on" : "consent-off";
    this.#ports.audit.note({ event, ...(by && recordOf(by)) });
    if (isOn) return;
    this.#passes.clear();
    for (const open of this.#open.values()) {
      const { caller, target } = open.question;
      this.#end(open, turnedOff(caller, target), undefined);
    }
  }

  /** Ends all questions: who waits is turned away. */
  close(): void {
    const stopped = new EvercredError("cancelled", "Evercred was stopped.");
    for (const open of this.#open.values()) this.#end(open, stopped, undefined);
  }

  #sharedBy(key: string | undefined): Open | undefined {
    if (key === undefined) return undefined;
    return [...this.#open.values()].find((open) => open.key === key);
  }

  #usePass(key: string): boolean {
    const until = this.#passes.get(key);
    this.#passes.delete(key);
    return until !== undefined && this.#ports.clock.now() < until;
  }

  #keep({ caller, target }: Question, who: string | undefined, answer: KeptAnswer["answer"]): void {
    if (who === undefined) {
      throw new EvercredError("usage", "Nothing tells this program from others.", {
        remedy: "Allow it once, or not.",
      });
    }
    const at = this.#ports.clock.now();
    const until = answer === "today" ? this.#ports.endOfDay(at) : never;
    this.#answers.keep({ who, name: callerName(caller), target, answer, at, until });
  }

  /** A new question; or why it is not asked. */
  #ask(caller: Caller, target: Target, key: string | undefined): Open | EvercredError {
    const { clock, hasFace } = this.#ports;
    if (!hasFace) return faceless(caller, target);
    const group = groupOf(caller);
    if (this.#refusals.until(refusalKey({ caller, target })) !== undefined) {
      return refusedNow(caller, target);
    }
    if (!this.#hasRoom(group)) return flooded(caller, target);
    const now = clock.now();
    const isEarly = this.#calledAt !== undefined && now < plus(this.#calledAt, callGapMs);
    const isQuiet = isEarly || this.#annoyance.until(group) !== undefined;
    if (!isQuiet) this.#calledAt = now;
    this.#count += 1;
    const id = String(this.#count);
    const mayRemember = key !== undefined;
    const open: Open = {
      question: { id, caller, target, since: now, mayRemember, isQuiet },
      key,
      waiters: new Set(),
      isAwaited: false,
      disarm: clock.alarm(plus(now, openMs), () => {
        this.#lapse(open);
      }),
    };
    this.#open.set(id, open);
    this.#ports.changed();
    return open;
  }

  /** Whether one more question of theirs may be asked: one that nobody waits for makes room for it, the oldest first. */
  #hasRoom(group: string): boolean {
    const all = [...this.#open.values()];
    const ofOne = all.filter(({ question }) => groupOf(question.caller) === group);
    const isFull = all.length >= most;
    const crowd = ofOne.length >= mostOfOne ? ofOne : isFull ? all : [];
    if (crowd.length === 0) return true;
    const abandoned = crowd.find(({ waiters }) => waiters.size === 0);
    if (abandoned !== undefined) this.#lapse(abandoned);
    return abandoned !== undefined;
  }

  #wait(open: Open, { ms, signal }: Patience): Promise<void> {
    const { clock } = this.#ports;
    const { caller, target } = open.question;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiter.settle(reasonOf(signal));
        if (open.waiters.size === 0 && !open.isAwaited) this.#lapse(open);
      };
      const waiter: Waiter = {
        settle: (error) => {
          disarm();
          signal?.removeEventListener("abort", leave);
          open.waiters.delete(waiter);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const disarm = clock.alarm(plus(clock.now(), Math.min(ms, longestWaitMs)), () => {
        waiter.settle(unanswered(caller, target));
        if (open.key === undefined) this.#lapse(open);
        else open.isAwaited = true;
      });
      signal?.addEventListener("abort", leave);
      open.waiters.add(waiter);
    });
  }

  /** Nobody has answered. */
  #lapse(open: Open): void {
    const { caller, target, isQuiet } = open.question;
    // What called for nobody's attention makes the silence no longer.
    if (!isQuiet) this.#annoyance.add(groupOf(caller));
    this.#end(open, unanswered(caller, target), "nothing");
  }

  #end(open: Open, error: Error | undefined, answer: Answer | "nothing" | undefined): void {
    const { id, caller, target } = open.question;
    open.disarm();
    this.#open.delete(id);
    for (const waiter of open.waiters) waiter.settle(error);
    if (answer !== undefined) {
      this.#ports.audit.note({ event: "consent", ...recordOf(caller), target, answer });
    }
    this.#ports.changed();
  }
}

/** Those who share one measure: what nobody can tell apart is one. */
const groupOf = (caller: Caller): string =>
  identityOf(caller) ?? (caller.kind === "program" ? `? ${caller.program.path}` : "?");

const refusalKey = ({ caller, target }: Pick<Question, "caller" | "target">): string =>
  `${groupOf(caller)}\n${target}`;

const reasonOf = (signal: AbortSignal | undefined): Error =>
  signal?.reason instanceof Error ? signal.reason : new EvercredError("cancelled");
