import type { AuditEntry } from "./audit.ts";
import type { Grant } from "./credential.ts";
import type { Dealings } from "./dealings.ts";
import { EvercredError, errorOf, hasCode } from "./errors.ts";
import type { GrantWriter } from "./grant-writer.ts";
import type { Holding } from "./holding.ts";
import {
  type Beginning,
  SignIn,
  type SignInHands,
  type SignInOutcome,
  type Starter,
} from "./sign-in.ts";
import type { Flow, SignInRequest, Source } from "./source.ts";
import type { Clock, Instant } from "./time.ts";
import type { Watch } from "./watch.ts";

/** A sign-in that has ended, and when, by our own clock. */
export interface EndedSignIn {
  readonly begun: Beginning;
  readonly endedAt: Instant;
  readonly outcome: SignInOutcome;
}

/** What the sign-ins of a session work with. */
export interface SignInDeskPorts {
  readonly holding: Holding;
  readonly dealings: Dealings;
  readonly writer: GrantWriter;
  readonly watch: Watch;
  /** Ours: people's. */
  readonly clock: Clock;
  /** The provider's. */
  readonly providerClock: Clock;
  /** Called after each change. */
  changed(): void;
}

/** Where a session's sign-ins are asked for: one at a time is open. */
export class SignInDesk {
  readonly #with: SignInDeskPorts;
  #open: SignIn | undefined;
  #ended: EndedSignIn | undefined;

  constructor(ports: SignInDeskPorts) {
    this.#with = ports;
  }

  /** The sign-in that is open. */
  get open(): SignIn | undefined {
    return this.#open;
  }

  /** The sign-in that has ended last, until the next one is made. */
  get ended(): EndedSignIn | undefined {
    return this.#ended;
  }

  /** After a sign-in that came to nothing only a person may cause another page to be opened. */
  get heldBack(): boolean {
    return this.#with.holding.facts.get("held-back") !== undefined;
  }

  /** A person has acted: the next sign-in may open a page again. */
  release(): void {
    this.#with.holding.facts.set("held-back", undefined);
  }

  /** Joins the sign-in that is open, or makes one, as `Session.signIn` says. */
  ask(wish: Flow | undefined, starter: Starter): SignIn {
    const open = this.#open;
    const wanted = wishFor(this.#with.holding.source, wish);
    if (open?.meets(wanted) === true) return open;
    open?.stop(new EvercredError("cancelled", "Another way to sign in was chosen."));
    const flow = wanted ?? "code";
    const begun = { by: starter, at: this.#with.clock.now() };
    const signIn: SignIn = new SignIn(flow, begun, (hands) =>
      this.#run(flow, begun, hands, () => this.#open === signIn),
    );
    this.#open = signIn;
    this.#ended = undefined;
    this.#with.watch.wantedAt = undefined;
    this.#with.watch.ask(undefined, undefined);
    return signIn;
  }

  /** Ends the open sign-in, for this reason. */
  stop(reason: EvercredError): void {
    this.#open?.stop(reason);
  }

  /** A person goes on with the open sign-in, though its page's address is doubtful. */
  trustPage(): void {
    if (this.#open === undefined) return;
    this.#open.trusted = true;
    this.#with.changed();
  }

  async #run(
    flow: Flow,
    begun: Beginning,
    hands: SignInHands,
    current: () => boolean,
  ): Promise<SignInOutcome> {
    const { holding, writer, watch } = this.#with;
    const { signal } = hands;
    const { source } = holding;
    let request: SignInRequest | undefined;
    const show = (shown: SignInRequest): void => {
      if (!current()) return;
      request = shown;
      hands.show(shown);
      watch.ask(shown, undefined);
    };
    let grant: Grant | undefined;
    let outcome: SignInOutcome;
    try {
      // The one who made this has to have it in hand before anything is shown.
      await Promise.resolve();
      const { attended } = hands;
      const say = (line: string): void => {
        hands.say(line);
        this.#with.changed();
      };
      const options = { flow, previous: holding.grant, attended, show, say };
      grant = await source.signIn(options, signal);
      await source.restraint?.admit(grant, signal);
      await this.#receive(grant, request, hands);
      outcome = { kind: "signed-in" };
    } catch (thrown) {
      // Nobody has a use for it: it does not stay open at the provider. What others keep they may well use.
      if (grant !== undefined && source.keptBy === undefined) void writer.endThere(grant, source);
      outcome = current() ? { kind: "failed", error: errorOf(thrown) } : { kind: "replaced" };
    }
    if (current()) this.#close(begun, outcome);
    return outcome;
  }

  #close(begun: Beginning, outcome: SignInOutcome): void {
    const { writer, watch, holding } = this.#with;
    const wasUnseen = this.#open?.unseen === true;
    this.#open = undefined;
    this.#ended = { begun, endedAt: this.#with.clock.now(), outcome };
    writer.befell(entryOf(outcome));
    if (outcome.kind === "signed-in") this.release();
    else if (wasUnseen && isNobodys(outcome)) watch.wantedAt = this.#with.providerClock.now();
    else if (!watch.isClosed && isNo(outcome)) holding.facts.set("held-back", "yes");
    watch.settle();
  }

  /** Takes a new grant for ours, once it is clear that whoever signed in is meant. */
  async #receive(
    grant: Grant,
    request: SignInRequest | undefined,
    hands: SignInHands,
  ): Promise<void> {
    const { holding, dealings, writer, watch } = this.#with;
    const { signal } = hands;
    const { keptBy, account } = holding.source;
    // What others keep is what it is, whoever that may be.
    const before = keptBy === undefined ? (holding.facts.get("account") ?? account) : undefined;
    // Where nobody is known it is found out later: the first sign-in waits for nothing.
    const now =
      grant.account ??
      (before === undefined ? undefined : await dealings.identify(grant, signal, undefined));
    signal.throwIfAborted();
    const someoneElse =
      before === undefined || now === undefined || now === before ? undefined : { before, now };
    if (someoneElse !== undefined) {
      const asked = hands.ask(someoneElse);
      watch.ask(request, someoneElse);
      await asked;
    }
    await writer.alone(async () => {
      signal.throwIfAborted();
      await writer.take(grant, now);
    });
  }
}

/** The wish, as far as a source can do it: what it cannot do must not put an end to what is open. */
const wishFor = (source: Source, wish: Flow | undefined): Flow | undefined => {
  if (source.byProgram === true) return "program";
  return wish === "device" && source.hasDeviceFlow !== true ? undefined : wish;
};

/** What the record tells of a sign-in that has ended. */
const entryOf = (outcome: SignInOutcome): AuditEntry =>
  outcome.kind === "failed"
    ? { event: "sign-in-failed", code: errorOf(outcome.error).code }
    : { event: "signed-in" };

/** Whether it has failed without anybody's word: its time has run out, or the network was away. Where nobody can have seen it, it is wanted still. */
const isNobodys = (outcome: SignInOutcome): boolean =>
  outcome.kind === "failed" && !hasCode(outcome.error, "sign-in-denied", "cancelled");

/** Whether a person has said no, or nothing: not so where there never was a page to answer. */
const isNo = (outcome: SignInOutcome): boolean =>
  outcome.kind === "failed" && hasCode(outcome.error, "sign-in-denied", "timed-out", "cancelled");
