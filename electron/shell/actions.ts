import type { Broker } from "../core/broker.ts";
import type { Consent } from "../core/consent.ts";
import { errorOf, EvercredError, hasCode } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Session } from "../core/session.ts";
import type { SignIn } from "../core/sign-in.ts";
import type { PageFate, SignInWish, SignIns } from "../core/sign-ins.ts";
import { pageOf } from "../core/source.ts";
import type { Reply } from "../protocol/ipc.ts";
import type { AnswerView } from "../protocol/view.ts";
import { troubleOf } from "../protocol/view-of.ts";

/** What a person can do about one source or one question, from the tray, the window or a notification. None rejects. */
export interface Actions {
  /** Signs in, or opens the page of the open sign-in again. Settles when the sign-in has ended. */
  signIn(source: string): Promise<Reply<void>>;
  /** Opens the page of the open sign-in though its address is doubtful: a person has seen it. */
  openAllTheSame(source: string): Promise<Reply<void>>;
  /** Goes over to the device flow, which can be finished on another machine. Settles as `signIn`. */
  useCode(source: string): Promise<Reply<void>>;
  cancelSignIn(source: string): Promise<Reply<void>>;
  signOut(source: string): Promise<Reply<void>>;
  /** Hands over the one-time code that the open sign-in asks for. */
  submitCode(source: string, code: string): Promise<Reply<void>>;
  /** Hands over the secret that the open sign-in asks for. Settles as `signIn`. */
  submitSecret(source: string, secret: string): Promise<Reply<void>>;
  /** Goes on as whoever has signed in, though it was somebody else before. */
  acceptAccount(source: string): Promise<Reply<void>>;
  /** Puts the address or the code of the open sign-in on the clipboard. */
  copy(source: string, what: "address" | "code"): Promise<Reply<void>>;
  /** Says whether a program may have what it wants. */
  answer(question: string, answer: AnswerView): Promise<Reply<void>>;
  /** Opens the sign-in page as a program may: now, at somebody's return, or in its turn. False where only a person can go on. */
  ask(source: string): Promise<boolean>;
}

export interface ActionPorts {
  readonly broker: Pick<Broker, "session">;
  readonly signIns: Pick<SignIns, "begin" | "openAgain" | "openAllTheSame">;
  readonly consent: Pick<Consent, "answer">;
  readonly copyText: (text: string) => Promise<void>;
  /** Something has to be typed or decided in our own window. */
  readonly openWindow: () => void;
}

export const actionsOf = ({
  broker,
  signIns,
  consent,
  copyText,
  openWindow,
}: ActionPorts): Actions => {
  const sessionOf = (id: string): Session => {
    const session = broker.session(id);
    if (session === undefined) throw new EvercredError("unknown-name");
    return session;
  };

  const beginAndWait = async (session: Session, wish: SignInWish): Promise<void> => {
    const { signIn, page } = signIns.begin(session, wish);
    const fate = await page;
    if (fate === "no-page" || fate === "doubtful") openWindow();
    await ended(signIn);
  };

  const openPageAgain = async (session: Session): Promise<void> => {
    throwUnless(await signIns.openAgain(session), session);
  };

  return {
    signIn: (id) =>
      replyOf(() => {
        const session = sessionOf(id);
        const { state } = session;
        if (state.kind === "signing-in" && state.other !== undefined) {
          openWindow();
          return undefined;
        }
        if (session.signInOpen?.opened === true) return openPageAgain(session);
        return beginAndWait(session, { by: "person", flow: undefined, browser: true });
      }),
    openAllTheSame: (id) =>
      replyOf(async () => {
        const session = sessionOf(id);
        throwUnless(await signIns.openAllTheSame(session), session);
      }),
    useCode: (id) =>
      replyOf(() => beginAndWait(sessionOf(id), { by: "person", flow: "device", browser: false })),
    cancelSignIn: (id) =>
      replyOf(() => {
        sessionOf(id).cancelSignIn();
      }),
    signOut: (id) =>
      replyOf(async () => {
        const session = sessionOf(id);
        // What others keep is theirs: a click here does not take it from them.
        if (await session.signOut(session.source.keptBy !== undefined)) return;
        throw new EvercredError("unreachable", "Signed out here, but the provider was not told.", {
          remedy: "The session there ends by itself.",
        });
      }),
    submitCode: (id, code) =>
      replyOf(async () => {
        const request = await sessionOf(id).signInOpen?.request;
        if (request?.flow !== "mfa") throw nothingOpen("There is no code to be entered any more.");
        request.submit(new Secret(code));
      }),
    submitSecret: (id, secret) =>
      replyOf(async () => {
        const signIn = sessionOf(id).signInOpen;
        const request = await signIn?.request;
        if (signIn === undefined || request?.flow !== "secret") {
          throw nothingOpen("Nothing is to be entered any more.");
        }
        if (!request.submit(new Secret(secret))) {
          throw nothingOpen("Somebody else has entered it first.");
        }
        await ended(signIn);
      }),
    acceptAccount: (id) =>
      replyOf(() => {
        const signIn = sessionOf(id).signInOpen;
        if (signIn === undefined) throw nothingOpen("There is no sign-in to be accepted any more.");
        signIn.accept();
      }),
    copy: (id, what) =>
      replyOf(async () => {
        const page = pageOf(await sessionOf(id).signInOpen?.request);
        const text = what === "address" ? page?.url : page?.userCode;
        if (text === undefined) {
          throw nothingOpen("There is nothing to copy any more.");
        }
        await copyText(text);
      }),
    answer: (question, answer) =>
      replyOf(() => {
        consent.answer(question, answer);
      }),
    ask: async (id) => {
      const session = broker.session(id);
      if (session === undefined) return false;
      const starter = { kind: "due" } as const;
      const wish = { by: "program", flow: undefined, browser: true, starter } as const;
      const page = await signIns.begin(session, wish).page;
      return page === "opened" || later.has(page);
    },
  };
};

/** What opens by itself later. */
const later: ReadonlySet<PageFate> = new Set(["waiting", "put-off", "queued"]);

/** Throws where a page of a sign-in that is still open was not opened. */
const throwUnless = (isOpened: boolean, { signInOpen }: Session): void => {
  if (!isOpened && signInOpen !== undefined) throw new EvercredError("browser-unavailable");
};

/** Throws what a sign-in fails with. */
const ended = async ({ outcome }: SignIn): Promise<void> => {
  const end = await outcome;
  // Whoever cancels it knows that.
  if (end.kind === "failed" && !hasCode(end.error, "cancelled")) throw end.error;
};

const nothingOpen = (sentence: string): EvercredError =>
  new EvercredError("unknown-name", sentence, { remedy: "Start the sign-in again." });

/** Runs something for a person: what goes wrong is a sentence and a remedy. */
export const replyOf = async <Value>(work: () => Value | Promise<Value>): Promise<Reply<Value>> => {
  try {
    return { kind: "done", value: await work() };
  } catch (thrown) {
    return { kind: "failed", trouble: troubleOf(errorOf(thrown)) };
  }
};
