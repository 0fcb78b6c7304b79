import { hasCode } from "./errors.ts";
import type { Log } from "./log.ts";
import { doubtOf } from "./page-doubt.ts";
import type { Browser, Presence } from "./person.ts";
import type { Session } from "./session.ts";
import type { SignIn, Starter } from "./sign-in.ts";
import { type Flow, pageOf } from "./source.ts";

/**
 * Who asks for a sign-in. A `person` in the tray, the window or with `evercred login` may open a page
 * at any time; a `terminal` or another `program` may not while the session is held back, and a
 * program only while somebody is there.
 */
export type Asker = "person" | "terminal" | "program";

/**
 * What became of the page: `waiting` until somebody is there, `put-off` until they want to be asked, `queued` until
 * another sign-in has ended, `held-back` until a person acts, `doubtful` where a person has to see its address first,
 * `no-page` where something is entered here.
 */
export type PageFate =
  | "opened"
  | "waiting"
  | "put-off"
  | "queued"
  | "held-back"
  | "doubtful"
  | "not-wanted"
  | "unavailable"
  | "no-page";

export interface SignInWish {
  readonly by: Asker;
  /** Undefined: as it suits, joining what is open. */
  readonly flow: Flow | undefined;
  /** Whether a page may be opened on this machine at all. */
  readonly browser: boolean;
  /** Who people are told has asked; left out: a person in the tray or the window. */
  readonly starter?: Starter;
}

/** What came of opening a page. */
type Opening = Extract<PageFate, "opened" | "doubtful" | "unavailable">;

/** A sign-in whose page waits for somebody. */
interface Waiting {
  readonly session: Session;
  /** Whether others have asked for it as well. */
  isJoined: boolean;
}

/** Decides when a sign-in page is opened: once a request, at a moment when a person is there. */
export class SignIns {
  readonly #browser: Browser;
  readonly #presence: Presence;
  readonly #log: Log;
  readonly #waiting = new Map<SignIn, Waiting>();
  /** Pages of which there is no address yet: who asks for one meanwhile asks for the same. */
  readonly #opening = new Map<SignIn, Promise<Opening>>();
  /** Whether those that have waited are being opened, one after the other. */
  #isCatchingUp = false;
  readonly #stop: () => void;

  constructor(browser: Browser, presence: Presence, log: Log) {
    this.#browser = browser;
    this.#presence = presence;
    this.#log = log;
    this.#stop = presence.onReturn(() => void this.#catchUp());
  }

  /**
   * Joins the session's open request or makes one; `page` says what becomes of its page, once there is one to open;
   * of a program's page at once where it waits, or is not wanted.
   */
  begin(
    session: Session,
    wish: SignInWish,
  ): { readonly signIn: SignIn; readonly page: Promise<PageFate> } {
    const heldBack = session.heldBack && wish.by !== "person";
    if (wish.by === "person") session.release();
    const usable = wish.browser && this.#browser.canOpen(session.source.id);
    const open = session.signInOpen;
    const signIn = session.signIn(
      wish.flow ?? (open !== undefined || usable ? undefined : "device"),
      wish.starter,
    );
    const fate = this.#fateOf(signIn, session, wish, usable, heldBack);
    if (session.source.byProgram === true) return { signIn, page: fate };
    const page = signIn.request.then(
      (request) => (pageOf(request) === undefined ? "no-page" : fate),
      () => fate,
    );
    return { signIn, page };
  }

  /** Opens the page of the open request, again if need be: a person has asked for it. */
  async openAgain(session: Session): Promise<boolean> {
    const signIn = session.signInOpen;
    if (signIn === undefined) return false;
    return (await this.#open(signIn, session)) === "opened";
  }

  /** As `openAgain`, though the address is doubtful: a person has seen it and goes on. */
  async openAllTheSame(session: Session): Promise<boolean> {
    session.trustPage();
    return this.openAgain(session);
  }

  close(): void {
    this.#stop();
    this.#waiting.clear();
  }

  async #fateOf(
    signIn: SignIn,
    session: Session,
    wish: SignInWish,
    usable: boolean,
    heldBack: boolean,
  ): Promise<PageFate> {
    // A person who asks again may have closed the page.
    if (signIn.opened && wish.by !== "person") return "opened";
    const unseen = usable ? undefined : wish.browser ? "unavailable" : "not-wanted";
    if (heldBack && (unseen === undefined || session.source.byProgram === true)) return "held-back";
    if (unseen !== undefined) {
      signIn.attend();
      return unseen;
    }
    const later = wish.by === "program" ? this.#isForLater(signIn) : undefined;
    if (later === undefined) return this.#open(signIn, session);
    const waiting = this.#waiting.get(signIn);
    if (waiting === undefined) this.#wait(signIn, session, wish);
    else waiting.isJoined = true;
    return later;
  }

  /** Keeps a sign-in for a return. Where its time runs out and others have asked for it meanwhile, another one takes its place. */
  #wait(signIn: SignIn, session: Session, wish: SignInWish): void {
    const waiting: Waiting = { session, isJoined: false };
    this.#waiting.set(signIn, waiting);
    signIn.unseen = true;
    void signIn.outcome.then((outcome) => {
      if (!this.#waiting.delete(signIn) || !waiting.isJoined) return;
      const isLate = outcome.kind === "failed" && hasCode(outcome.error, "timed-out");
      if (isLate && this.#isForLater(signIn) !== undefined) this.begin(session, wish);
    });
  }

  /** Why a program's page is not opened now; undefined: it is. */
  #isForLater(signIn: SignIn): "waiting" | "put-off" | "queued" | undefined {
    if (this.#presence.isBusy()) return "put-off";
    if (!this.#presence.isThere()) return "waiting";
    return this.#isCatchingUp && this.#waiting.has(signIn) ? "queued" : undefined;
  }

  /** Somebody is there again: what has waited is opened, each once the one before has ended, as long as nobody minds. */
  async #catchUp(): Promise<void> {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#presence.isBusy() || !this.#presence.isThere()) break;
      const [signIn, { session }] = next;
      signIn.belated = true;
      if ((await this.#open(signIn, session)) !== "opened") continue;
      const outcome = await signIn.outcome;
      if (outcome.kind === "failed" && hasCode(outcome.error, "cancelled")) break;
    }
    this.#isCatchingUp = false;
  }

  #open(signIn: SignIn, session: Session): Promise<Opening> {
    const before = this.#opening.get(signIn);
    if (before !== undefined) return before;
    const opening = this.#openNow(signIn, session);
    this.#opening.set(signIn, opening);
    const done = (): void => void this.#opening.delete(signIn);
    signIn.request.then(done, done);
    return opening;
  }

  async #openNow(signIn: SignIn, session: Session): Promise<Opening> {
    this.#waiting.delete(signIn);
    signIn.unseen = false;
    signIn.attend();
    signIn.opened = true;
    try {
      const page = pageOf(await signIn.request);
      const doubt = page && doubtOf(session.source, page);
      if (doubt !== undefined && !signIn.trusted) {
        signIn.opened = false;
        this.#log.warn("sign-in: doubtful page", { source: session.source.id, doubt });
        return "doubtful";
      }
      // A code or a secret is entered where its caller is, or in our own window.
      signIn.opened = page !== undefined && (await this.#browser.open(page.url, session.source.id));
      return signIn.opened ? "opened" : "unavailable";
    } catch (thrown) {
      // The sign-in ended before there was anything to open; its outcome says why.
      if (!hasCode(thrown, "cancelled")) this.#log.debug("sign-in: nothing to open");
      return "unavailable";
    }
  }
}
