import { EvercredError } from "./errors.ts";
import type { Flow, SignInRequest } from "./source.ts";

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
  /** There is something to open, or to type. */
  show(request: SignInRequest): void;
  /** Asks, while the signal is not aborted, whether this other person is meant. Resolves at yes; rejects as the signal does at no. */
  ask(other: OtherPerson): Promise<void>;
}

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
  /** Whether its page has been opened on this machine. */
  opened = false;
  readonly #controller = new AbortController();
  /** What joins it: the wish, and what became of it. */
  readonly #flows: Set<Flow>;
  #asked = false;
  #accept: () => void = () => undefined;

  constructor(flow: Flow, run: (hands: SignInHands) => Promise<SignInOutcome>) {
    this.flow = flow;
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
    this.outcome = run({ signal, show, ask }).then((outcome) => {
      this.#asked = false;
      if (outcome.kind === "failed") request.reject(outcome.error);
      if (outcome.kind === "replaced") request.reject(new Error("replaced by another sign-in"));
      question.resolve(undefined);
      return outcome;
    });
  }

  /** Whether this wish is met by it: a code to type, and a question that is open, are not given up for another page. */
  meets(flow: Flow | undefined): boolean {
    return flow === undefined || this.#asked || this.#flows.has(flow) || this.#flows.has("mfa");
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
