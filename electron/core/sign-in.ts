import { EvercredError } from "./errors.ts";
import type { Flow, SignInRequest } from "./source.ts";
import type { Instant } from "./time.ts";

/**
 * Who has asked for a sign-in: a person in the tray or the window, or in a terminal; a program, by the name that people
 * know it by; or nobody, since it was due.
 */
export type Starter =
  | { readonly kind: "person" }
  | { readonly kind: "terminal" }
  | { readonly kind: "program"; readonly name: string }
  | { readonly kind: "due" };

/** How a sign-in began: who asked for it, and when, by our own clock. */
export interface Beginning {
  readonly by: Starter;
  readonly at: Instant;
}

/** How a sign-in came to its end. */
export type SignInOutcome =
  | { readonly kind: "signed-in" }
  | { readonly kind: "replaced" }
  | { readonly kind: "failed"; readonly error: Error };

/** Somebody has signed in who is not the one before: the names of both. */
export interface OtherPerson {
  readonly before: string;
  readonly now: string;
}

/** What the one who runs a sign-in can do with it. */
export interface SignInHands {
  /** Aborted where the sign-in is to end, with the reason. */
  readonly signal: AbortSignal;
  /** Settles once somebody is there, or acts on it; at the latest when the sign-in is to end. */
  readonly attended: Promise<void>;
  /** There is something to open, or to type. */
  show(request: SignInRequest): void;
  /** The program that signs in has printed a line. */
  say(line: string): void;
  /** Asks, while the signal is not aborted, whether this other person is meant. Resolves at yes; rejects as the signal does at no. */
  ask(other: OtherPerson): Promise<void>;
}

/** How many lines of a program are kept. */
const mostLines = 200;

/** One open request to a person. Any number of callers share it; none of them can end it by leaving. */
export class SignIn {
  /** What was wished; `request` says what it has become. */
  readonly flow: Flow;
  /** The request, as soon as the source has it; rejects where the sign-in ends before that. */
  readonly request: Promise<SignInRequest>;
  /** The question whether another person is meant, once it is asked; undefined where the sign-in ends without. Never rejects. */
  readonly question: Promise<OtherPerson | undefined>;
  /** Never rejects. */
  readonly outcome: Promise<SignInOutcome>;
  readonly begun: Beginning;
  /** Whether its page has been opened on this machine. */
  opened = false;
  /** Whether its page waits for somebody: so far nobody can have seen it. */
  unseen = false;
  /** Whether its page has waited for somebody, and was then opened by itself. */
  belated = false;
  /** Whether a person goes on though the page's address is doubtful. */
  trusted = false;
  readonly #controller = new AbortController();
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #attended = settable<undefined>();
  /** What joins it: the wish, and what became of it. */
  readonly #flows: Set<Flow>;
  #asked = false;
  #accept: () => void = () => undefined;

  constructor(flow: Flow, begun: Beginning, run: (hands: SignInHands) => Promise<SignInOutcome>) {
    this.flow = flow;
    this.begun = begun;
    this.#flows = new Set([flow]);
    const { signal } = this.#controller;
    const request = settable<SignInRequest>();
    const question = settable<OtherPerson | undefined>();
    this.request = request.promise;
    this.request.catch(() => undefined);
    this.question = question.promise;
    const show = (shown: SignInRequest): void => {
      this.#flows.add(shown.flow);
      request.resolve(shown);
    };
    const ask = (other: OtherPerson): Promise<void> =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
        this.#accept = resolve;
        this.#asked = true;
        question.resolve(other);
      });
    const say = (line: string): void => {
      this.#lines.push(line);
      if (this.#lines.length > mostLines) this.#lines.shift();
      for (const listener of this.#listeners) listener(line);
    };
    const attended = this.#attended.promise;
    signal.addEventListener("abort", () => {
      this.attend();
    });
    this.outcome = run({ signal, attended, show, say, ask }).then((outcome) => {
      // Of no effect where there was a request.
      request.reject(
        outcome.kind === "failed" ? outcome.error : new Error("there was nothing to open"),
      );
      question.resolve(undefined);
      return outcome;
    });
  }

  /** Whether this wish is met by it: what is entered here, and a question that is open, are not given up for another page. */
  meets(flow: Flow | undefined): boolean {
    const isEntered = this.#flows.has("mfa") || this.#flows.has("secret");
    return flow === undefined || this.#asked || this.#flows.has(flow) || isEntered;
  }

  /** What the program that signs in has printed: the last lines. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Calls `listener` with each line so far, and with each new one until the returned function is called. */
  follow(listener: (line: string) => void): () => void {
    for (const line of this.#lines) listener(line);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody is there, or acts on it. */
  attend(): void {
    this.#attended.resolve(undefined);
  }

  /** Yes, the other person is meant. Of no effect where nobody asks. */
  accept(): void {
    this.#accept();
  }

  /** No, the other person is not meant: what was signed in to is given up, and all stays as it was before. */
  decline(): void {
    if (!this.#asked) return;
    this.stop(new EvercredError("cancelled", "The other person's sign-in was declined."));
  }

  /** Ends it for everybody, for this reason. */
  stop(reason: Error): void {
    this.#controller.abort(reason);
  }
}

interface Settable<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: Error): void;
}

const settable = <T>(): Settable<T> => {
  let hands!: Omit<Settable<T>, "promise">;
  const promise = new Promise<T>((resolve, reject) => {
    hands = { resolve, reject };
  });
  return { promise, ...hands };
};
