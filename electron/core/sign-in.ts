import type { Flow, SignInRequest } from "./source.ts";

/** How a sign-in came to its end. */
export type SignInOutcome =
  | { readonly kind: "signed-in" }
  | { readonly kind: "replaced" }
  | { readonly kind: "failed"; readonly error: Error };

/** One open request to a person. Any number of callers share it; none of them can end it by leaving. */
export class SignIn {
  readonly flow: Flow;
  /** The request, as soon as the source has it; rejects where the sign-in ends before that. */
  readonly request: Promise<SignInRequest>;
  /** Never rejects. */
  readonly outcome: Promise<SignInOutcome>;
  /** Whether its page has been opened on this machine. */
  opened = false;
  readonly #controller = new AbortController();

  constructor(
    flow: Flow,
    run: (show: (request: SignInRequest) => void, signal: AbortSignal) => Promise<SignInOutcome>,
  ) {
    this.flow = flow;
    let show!: (request: SignInRequest) => void;
    let fail!: (error: Error) => void;
    this.request = new Promise<SignInRequest>((resolve, reject) => {
      show = resolve;
      fail = reject;
    });
    this.request.catch(() => undefined);
    this.outcome = run(show, this.#controller.signal).then((outcome) => {
      if (outcome.kind === "failed") fail(outcome.error);
      if (outcome.kind === "replaced") fail(new Error("replaced by another sign-in"));
      return outcome;
    });
  }

  /** Ends it for everybody, for this reason. */
  stop(reason: Error): void {
    this.#controller.abort(reason);
  }
}
