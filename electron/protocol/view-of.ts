import { type ErrorCode, errorOf, errorTable, type EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { doubtOf } from "../core/page-doubt.ts";
import { pageOf, signInCommandOf } from "../core/source.ts";
import { standingOf, type Standing } from "../core/state.ts";
import { type Instant, never } from "../core/time.ts";
import { shown, shownSentence } from "./shown.ts";
import type {
  OfferView,
  SignInEndView,
  SignInView,
  SourceView,
  StandingView,
  Trouble,
  View,
} from "./view.ts";

/** What happens at the gate. */
export type GateView = Pick<View, "questions" | "activity">;

/**
 * The picture of these sessions at this time, with these troubles apart from them, and of what happens at the gate. A
 * person wants to be asked `askBeforeMs` ahead of a session's end. What fails since the computer woke is `excused` for a
 * while: nobody has to mend it.
 */
export const viewOf = (
  sessions: readonly Session[],
  problems: readonly Trouble[],
  { questions, activity }: GateView,
  at: number,
  askBeforeMs: number,
  excused: (since: Instant) => boolean = () => false,
): View => ({
  version: 1,
  at,
  sources: sessions
    .map((session) => sourceView(session, askBeforeMs, excused))
    .sort((a, b) => (a.id < b.id ? -1 : 1)),
  problems: problems.map(({ code, sentence, remedy }) => ({
    code,
    sentence: shownSentence(sentence),
    remedy: shownSentence(remedy),
  })),
  questions,
  activity,
});

/** An error as people see it: some of its words may be a provider's. */
export const troubleOf = (error: EvercredError): Trouble => ({
  code: error.code,
  sentence: shownSentence(error.message),
  remedy: shownSentence(error.remedy),
});

const troubleOfCode = (code: ErrorCode): Trouble => ({
  code,
  sentence: errorTable[code].sentence,
  remedy: errorTable[code].remedy,
});

const sourceView = (
  session: Session,
  askBeforeMs: number,
  excused: (since: Instant) => boolean,
): SourceView => ({
  id: session.source.id,
  kind: session.source.kind,
  unattended: session.source.unattended,
  isEntered: session.source.enteredBy !== undefined,
  signInCommand: signInCommandOf(session.source),
  hasDirectory: session.source.directory !== undefined,
  title: shown(session.source.title),
  organisation: shown(session.source.organisation),
  account: session.account && shown(session.account),
  keptBy: session.source.keptBy && shown(session.source.keptBy),
  standing: standingView(standingOf(session.state), session.lengthMs, excused),
  signIn: signInView(session),
  signInEnd: signInEndView(session),
  neededAt: session.neededAt,
  askAt: session.askAt(askBeforeMs),
  endIsFixed: session.endIsFixed,
  durable: session.durable,
  scopes: (session.terms.scopes ?? []).map((scope) => shown(scope)),
  registeredUntil: session.terms.registeredUntil,
  wantedAt: session.wantedAt,
  offers: offersOf(session),
});

const standingView = (
  standing: Standing,
  lengthMs: number | undefined,
  excused: (since: Instant) => boolean,
): StandingView => {
  if (standing.kind === "signed-out") {
    const { kind, reason, because } = standing;
    return { kind, reason, trouble: because && troubleOf(because), lengthMs };
  }
  if (standing.kind === "active") {
    const { kind, expiresAt, renewAt } = standing;
    return { kind, expiresAt: dateOf(expiresAt), renewAt: dateOf(renewAt) };
  }
  const { kind, expiresAt, retryAt, since, error } = standing;
  const icon = excused(since) ? "offline" : errorTable[error].icon;
  return { kind, expiresAt, retryAt, since, icon, trouble: troubleOfCode(error) };
};

/** So many lines of a program are worth a look. */
const linesShown = 8;

/** And so much of each, in characters: an address may be long. */
const lineLength = 1_000;

/** No code that people type is longer, in characters. */
const codeLength = 40;

/** What never comes is no date. */
const dateOf = (at: Instant): number | undefined => (at === never ? undefined : at);

const signInView = ({ source, state, signInOpen }: Session): SignInView | undefined => {
  if (state.kind !== "signing-in" || signInOpen === undefined) return undefined;
  const { request, endsAt, other } = state;
  const page = pageOf(request);
  const secret = request?.flow === "secret" ? request : undefined;
  const { by, at } = signInOpen.begun;
  return {
    startedBy: by.kind === "program" ? { ...by, name: shown(by.name) } : by,
    startedAt: at,
    doubt: page && doubtOf(source, page),
    trusted: signInOpen.trusted,
    flow: request?.flow ?? signInOpen.flow,
    url: page?.url,
    host: page === undefined ? undefined : new URL(page.url).host,
    userCode: page?.userCode && shown(page.userCode, codeLength),
    device: request?.flow === "mfa" ? shown(request.device) : undefined,
    secret: secret && { what: shown(secret.what), hasLines: secret.hasLines },
    endsAt,
    opened: signInOpen.opened,
    belated: signInOpen.belated,
    mayUseCode: source.hasDeviceFlow === true && source.byProgram !== true,
    lines: signInOpen.lines.slice(-linesShown).map((line) => shown(line, lineLength)),
    other: other && { before: shown(other.before), now: shown(other.now) },
  };
};

/** Whoever has cancelled a sign-in knows that. */
const signInEndView = ({ endedSignIn }: Session): SignInEndView | undefined => {
  if (endedSignIn === undefined) return undefined;
  const { begun, outcome } = endedSignIn;
  const startedAt = begun.at;
  if (outcome.kind === "signed-in") return { startedAt, trouble: undefined };
  const error = outcome.kind === "failed" ? errorOf(outcome.error) : undefined;
  if (error === undefined || error.code === "cancelled") return undefined;
  return { startedAt, trouble: troubleOf(error) };
};

const offersOf = (session: Session): readonly OfferView[] => {
  const uses = new Map(session.issued.uses().map((use) => [use.key, use]));
  return [...session.source.offers].map(([target, { key, title }]) => {
    const use = uses.get(key);
    const refused = session.source.restraint?.refusalOf(key) ?? use?.refused;
    return {
      target,
      title: shown(title),
      askedAt: use?.askedAt,
      expiresAt: use?.expiresAt && dateOf(use.expiresAt),
      refused: refused && troubleOf(refused),
    };
  });
};
