import { type ErrorCode, errorTable, type EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { pageOf, signInCommandOf } from "../core/source.ts";
import { standingOf, type Standing } from "../core/state.ts";
import { type Instant, never } from "../core/time.ts";
import type { OfferView, SignInView, SourceView, StandingView, Trouble, View } from "./view.ts";

/**
 * The picture of these sessions at this time, with these troubles apart from them. A person wants to be
 * asked `askBeforeMs` ahead of a session's end.
 */
export const viewOf = (
  sessions: readonly Session[],
  problems: readonly Trouble[],
  at: number,
  askBeforeMs: number,
): View => ({
  version: 1,
  at,
  sources: sessions
    .map((session) => sourceView(session, askBeforeMs))
    .sort((a, b) => (a.id < b.id ? -1 : 1)),
  problems,
});

/** An error as people see it. */
export const troubleOf = (error: EvercredError): Trouble => ({
  code: error.code,
  sentence: error.message,
  remedy: error.remedy,
});

const troubleOfCode = (code: ErrorCode): Trouble => ({
  code,
  sentence: errorTable[code].sentence,
  remedy: errorTable[code].remedy,
});

const sourceView = (session: Session, askBeforeMs: number): SourceView => ({
  id: session.source.id,
  unattended: session.source.unattended,
  isEntered: session.source.enteredBy !== undefined,
  signInCommand: signInCommandOf(session.source),
  hasDirectory: session.source.directory !== undefined,
  title: session.source.title,
  organisation: session.source.organisation,
  account: session.account,
  keptBy: session.source.keptBy,
  standing: standingView(standingOf(session.state), session.lengthMs),
  signIn: signInView(session),
  neededAt: session.neededAt,
  askAt: session.askAt(askBeforeMs),
  endIsFixed: session.endIsFixed,
  durable: session.durable,
  wantedAt: session.wantedAt,
  offers: offersOf(session),
});

const standingView = (standing: Standing, lengthMs: number | undefined): StandingView => {
  if (standing.kind === "signed-out") {
    const { kind, reason, because } = standing;
    return { kind, reason, trouble: because && troubleOf(because), lengthMs };
  }
  if (standing.kind === "active") {
    const { kind, expiresAt, renewAt } = standing;
    return { kind, expiresAt: dateOf(expiresAt), renewAt: dateOf(renewAt) };
  }
  const { kind, expiresAt, retryAt, since, error } = standing;
  const { icon } = errorTable[error];
  return { kind, expiresAt, retryAt, since, icon, trouble: troubleOfCode(error) };
};

/** So many lines of a program are worth a look. */
const linesShown = 8;

/** What never comes is no date. */
const dateOf = (at: Instant): number | undefined => (at === never ? undefined : at);

const signInView = ({ source, state, signInOpen }: Session): SignInView | undefined => {
  if (state.kind !== "signing-in" || signInOpen === undefined) return undefined;
  const { request, endsAt, other } = state;
  const page = pageOf(request);
  const secret = request?.flow === "secret" ? request : undefined;
  return {
    flow: request?.flow ?? signInOpen.flow,
    url: page?.url,
    host: page === undefined ? undefined : new URL(page.url).host,
    userCode: page?.userCode,
    device: request?.flow === "mfa" ? request.device : undefined,
    secret: secret && { what: secret.what, hasLines: secret.hasLines },
    endsAt,
    opened: signInOpen.opened,
    mayUseCode: source.hasDeviceFlow === true && source.byProgram !== true,
    lines: signInOpen.lines.slice(-linesShown),
    other,
  };
};

const offersOf = (session: Session): readonly OfferView[] => {
  const uses = new Map(session.issued.uses().map((use) => [use.key, use]));
  return [...session.source.offers].map(([target, { key, title }]) => {
    const use = uses.get(key);
    return {
      target,
      title,
      askedAt: use?.askedAt,
      expiresAt: use?.expiresAt && dateOf(use.expiresAt),
      refused: use?.refused === undefined ? undefined : troubleOf(use.refused),
    };
  });
};
