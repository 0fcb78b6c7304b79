import { hasCode } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Browser, Presence } from "./person.ts";
import type { Session } from "./session.ts";
import type { SignIn } from "./sign-in.ts";
import { type Flow, pageOf } from "./source.ts";

/**
 * Who asks for a sign-in. A `person` in the tray, the window or with `evercred login` may open a page
 * at any time; a `terminal` or another `program` may not while the session is held back, and a
 * program only while somebody is there.
 */
export type Asker = "person" | "terminal" | "program";

/** What became of the page: `waiting` until somebody is there, `held-back` until a person acts, `no-page` where something is entered here. */
export type PageFate =
  "opened" | "waiting" | "held-back" | "not-wanted" | "unavailable" | "no-page";

export interface SignInWish {
  readonly by: Asker;
  /** Undefined: as it suits, joining what is open. */
  readonly flow: Flow | undefined;
  /** Whether a page may be opened on this machine at all. */
  readonly browser: boolean;
}

/** Decides when a sign-in page is opened: once a request, at a moment when a person is there. */
export class SignIns {
  readonly #browser: Browser;
  readonly #presence: Presence;
  readonly #log: Log;
  readonly #waiting = new Map<SignIn, Session>();
  readonly #stop: () => void;

  constructor(browser: Browser, presence: Presence, log: Log) {
    this.#browser = browser;
    this.#presence = presence;
    this.#log = log;
    this.#stop = presence.onReturn(() => {
      for (const [signIn, session] of this.#waiting) void this.#open(signIn, session);
    });
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
    signIn.opened = false;
    return this.#open(signIn, session);
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
    if (wish.by === "program" && !this.#presence.isThere()) {
      this.#waiting.set(signIn, session);
      void signIn.outcome.then(() => this.#waiting.delete(signIn));
      return "waiting";
    }
    return (await this.#open(signIn, session)) ? "opened" : "unavailable";
  }

  async #open(signIn: SignIn, session: Session): Promise<boolean> {
    this.#waiting.delete(signIn);
    signIn.attend();
    signIn.opened = true;
    try {
      const page = pageOf(await signIn.request);
      // A code or a secret is entered where its caller is, or in our own window.
      signIn.opened = page !== undefined && (await this.#browser.open(page.url, session.source.id));
      return signIn.opened;
    } catch (thrown) {
      // The sign-in ended before there was anything to open; its outcome says why.
      if (!hasCode(thrown, "cancelled")) this.#log.debug("sign-in: nothing to open");
      return false;
    }
  }
}
