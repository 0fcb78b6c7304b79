import { questionsLine } from "./gate-words.ts";
import { needLine, signedOutLine } from "./signed-out.ts";
import { clockTime, whenLine } from "./times.ts";
import { troublePart } from "./trouble-words.ts";
import type { SourceView, View } from "./view.ts";
import type { Words } from "./words.ts";

/** What the tray icon shows. */
export type Icon = "signed-in" | "attention" | "offline" | "signing-in";

/** Whether a person can make this source usable by signing in, or must unlock something, and somebody has a use for it. */
export const needsPerson = (source: SourceView): boolean => {
  const { standing, unattended } = source;
  // Nobody can sign in to it.
  if (unattended) return false;
  if (standing.kind === "active") return false;
  if (standing.kind === "failing") return standing.icon === "attention";
  if (standing.reason === "forbidden") return false;
  return standing.reason !== "user" || source.wantedAt !== undefined;
};

/** Whether a source that nobody signs in to lacks what it takes, which no sign-in brings. */
export const isWanting = (source: SourceView): boolean => {
  const { unattended, standing } = source;
  if (isForbidden(source)) return false;
  return unattended && standing.kind === "signed-out" && standing.reason !== "user";
};

/** Whether an organisation does not allow it: nobody at this computer can mend that. */
export const isForbidden = ({ standing }: SourceView): boolean =>
  standing.kind === "signed-out" && standing.reason === "forbidden";

/** Whether this source cannot be reached just now. */
export const isOffline = ({ standing }: SourceView): boolean =>
  standing.kind === "failing" && standing.icon === "offline";

export const iconOf = ({ sources, questions }: View): Icon => {
  if (questions.length > 0) return "attention";
  if (sources.some(({ signIn }) => signIn !== undefined)) return "signing-in";
  if (sources.some((source) => needsPerson(source) || isWanting(source))) return "attention";
  return sources.some(isOffline) ? "offline" : "signed-in";
};

/** What a source's mark shows: as the tray icon, and `idle` for one that nobody needs. */
export type Shape = Icon | "idle";

export const shapeOf = (source: SourceView): Shape => {
  if (source.signIn !== undefined) return "signing-in";
  if (needsPerson(source) || isWanting(source)) return "attention";
  if (isOffline(source)) return "offline";
  return source.standing.kind === "active" ? "signed-in" : "idle";
};

/** One line for the tooltip, the menu and the window: whether work can go on, and what is needed. */
export const headlineOf = (view: View, words: Words): string => {
  const { headline } = words.texts;
  const { sources, at, questions } = view;
  const question = questionsLine(questions, words);
  if (question !== undefined) return question;
  if (sources.length === 0) return headline.nothingYet;
  const open = sources.find(({ signIn }) => signIn !== undefined);
  if (open !== undefined) return `${open.title}: ${openLine(open, words)}`;
  const needy = sources.filter(needsPerson);
  const [first] = needy;
  if (first !== undefined) {
    return needy.length === 1 ? `${first.title}: ${needOf(first, words)}` : needsLine(needy, words);
  }
  const offline = sources.filter(isOffline);
  if (offline.length > 0) return offlineLine(offline, at, words);
  const wanting = sources.find(isWanting);
  if (wanting !== undefined) return `${wanting.title}: ${sourceLine(wanting, at, words)}`;
  const signedIn = sources.filter(({ standing }) => standing.kind !== "signed-out");
  if (signedIn.length > 0) return wellLine(signedIn, at, words);
  const forbidden = sources.find(isForbidden);
  if (forbidden !== undefined) return `${forbidden.title}: ${sourceLine(forbidden, at, words)}`;
  return sources.every(({ isEntered }) => isEntered) ? headline.noKey : headline.signedOut;
};

/** What is needed of a person, where several sources need one. */
const needsLine = (needy: readonly SourceView[], { texts }: Words): string => {
  const keys = needy.filter(({ isEntered }) => isEntered).length;
  return texts.headline.needed({ signIns: needy.length - keys, keys });
};

const needOf = (source: SourceView, words: Words): string => {
  const { standing } = source;
  switch (standing.kind) {
    case "failing":
      return troublePart(standing.trouble, words);
    case "signed-out":
      return needLine(source, standing, words);
    case "active":
      return words.texts.headline.signInNeeded;
  }
};

/** That all is well, and when the first of these sources needs a person again, as far as that is known. */
const wellLine = (sources: readonly SourceView[], now: number, words: Words): string => {
  const { headline } = words.texts;
  const areKeys = sources.every(({ isEntered }) => isEntered);
  const well = areKeys ? headline.allKeys : headline.allSignedIn;
  const next = nextNeedOf(sources);
  if (next === undefined) return well;
  const when = whenLine(next.neededAt, now, words);
  return next.isEntered
    ? `${well} · ${headline.keyOfEnds({ title: next.title, when })}`
    : `${well} · ${headline.nextSignIn({ when })}`;
};

/** What of these sources will need a person first, as far as that is known. */
export const nextNeedOf = (sources: readonly SourceView[]): NextNeed | undefined =>
  sources
    // What needs no sign-in has no next one.
    .flatMap(({ unattended, neededAt, title, isEntered }) =>
      unattended || neededAt === undefined ? [] : [{ neededAt, title, isEntered }],
    )
    .sort((a, b) => a.neededAt.at - b.neededAt.at)[0];

export interface NextNeed {
  readonly neededAt: NonNullable<SourceView["neededAt"]>;
  readonly title: string;
  readonly isEntered: boolean;
}

/** What a sign-in that is open waits for. */
export const openLine = ({ signIn, isEntered }: SourceView, { texts }: Words): string => {
  const { headline } = texts;
  if (signIn?.other !== undefined) return headline.otherAccount(signIn.other);
  if (isEntered) return headline.waitingForKey;
  return signIn?.flow === "mfa" ? headline.waitingForCode : headline.waitingForSignIn;
};

const offlineLine = (sources: readonly SourceView[], now: number, words: Words): string => {
  const { headline } = words.texts;
  const { since, until } = spellOf(sources);
  const rest =
    until > now
      ? headline.stillServing({ time: clockTime(until, now, words) })
      : headline.notServing;
  return `${headline.offlineSince({ time: clockTime(since, now, words) })} · ${rest}`;
};

/** Since when sources cannot be reached, and until when all of them serve all the same. */
export const spellOf = (
  sources: readonly SourceView[],
): { readonly since: number; readonly until: number } => {
  const failing = sources.flatMap(({ standing }) =>
    standing.kind === "failing" ? [standing] : [],
  );
  return {
    since: Math.min(...failing.map((standing) => standing.since)),
    until: Math.min(...failing.map((standing) => standing.expiresAt)),
  };
};

/** One line on one source: what it is and until when. */
export const sourceLine = (source: SourceView, now: number, words: Words): string => {
  const { headline } = words.texts;
  const { standing, signIn } = source;
  if (signIn !== undefined) return openLine(source, words);
  switch (standing.kind) {
    case "active":
      return activeLine(source, now, words);
    case "failing": {
      const until =
        standing.expiresAt > now
          ? headline.serving({ time: clockTime(standing.expiresAt, now, words) })
          : headline.notServing;
      return headline.failing({ problem: troublePart(standing.trouble, words), until });
    }
    case "signed-out":
      return signedOutLine(source, standing, words);
  }
};

const activeLine = (source: SourceView, now: number, words: Words): string => {
  const { headline } = words.texts;
  const { neededAt, keptBy, unattended, isEntered } = source;
  const when = neededAt === undefined ? undefined : whenLine(neededAt, now, words);
  if (isEntered) return when === undefined ? headline.keyIsThere : headline.keyEnds({ when });
  if (keptBy !== undefined && !unattended) {
    return when === undefined
      ? headline.keptBy({ program: keptBy })
      : headline.keptByUntil({ program: keptBy, when });
  }
  if (neededAt === undefined) return unattended ? headline.needsNobody : headline.signedIn;
  const time = clockTime(neededAt.at, now, words);
  return neededAt.exact ? headline.until({ time }) : headline.untilAbout({ time });
};
