import { questionsLine } from "./gate-words.ts";
import {
  isForbidden,
  isOffline,
  isWanting,
  needsPerson,
  nextNeedOf,
  openLine,
  sourceLine,
  spellOf,
} from "./headline.ts";
import { clockTime } from "./times.ts";
import type { SourceView, View } from "./view.ts";
import type { Words } from "./words.ts";

/** What Home says first: one sentence, and what follows from it. */
export interface HomeLines {
  readonly title: string;
  readonly detail: string | undefined;
}

/** Whether work can go on, and until when: the question that the window answers before any other. */
export const homeLinesOf = (view: View, words: Words): HomeLines => {
  const { sources, at, questions } = view;
  const { home } = words.texts;
  const lineOf = (source: SourceView): string =>
    home.sentence({ line: sourceLine(source, at, words) });

  const question = questionsLine(questions, words);
  if (question !== undefined) return only(question);
  if (sources.length === 0) return only(home.nothingYet);
  const open = sources.find(({ signIn }) => signIn !== undefined);
  if (open !== undefined) {
    const detail = home.sentence({ line: openLine(open, words) });
    return { title: home.signingIn(open), detail };
  }
  const needy = sources.filter(needsPerson);
  const [first, second] = needy;
  if (first !== undefined && second !== undefined) {
    const count = needy.length;
    return only(
      count === 2
        ? home.needYou({ first: first.title, second: second.title })
        : home.needMany({ count }),
    );
  }
  if (first !== undefined) return { title: home.needsYou(first), detail: lineOf(first) };
  const offline = sources.filter(isOffline);
  if (offline.length > 0) return offlineLines(offline, at, words);
  const wanting = sources.find(isWanting);
  if (wanting !== undefined) return { title: home.cannotServe(wanting), detail: lineOf(wanting) };
  const signedIn = sources.filter(({ standing }) => standing.kind !== "signed-out");
  if (signedIn.length > 0) return wellLines(signedIn, at, words);
  const forbidden = sources.find(isForbidden);
  if (forbidden !== undefined) {
    return { title: home.cannotServe(forbidden), detail: lineOf(forbidden) };
  }
  return only(areKeys(sources) ? home.noKey : home.signedOut);
};

const only = (title: string): HomeLines => ({ title, detail: undefined });

const areKeys = (sources: readonly SourceView[]): boolean =>
  sources.every(({ isEntered }) => isEntered);

const offlineLines = (sources: readonly SourceView[], now: number, words: Words): HomeLines => {
  const { home } = words.texts;
  const { since, until } = spellOf(sources);
  return {
    title: home.offlineSince({ time: clockTime(since, now, words) }),
    detail:
      until > now ? home.stillServing({ time: clockTime(until, now, words) }) : home.notServing,
  };
};

const wellLines = (sources: readonly SourceView[], now: number, words: Words): HomeLines => {
  const { home } = words.texts;
  const next = nextNeedOf(sources);
  return {
    title: areKeys(sources) ? home.allKeys : home.signedIn,
    detail:
      next === undefined
        ? home.nobodyNow
        : home.nobodyBefore({
            time: clockTime(next.neededAt.at, now, words),
            exact: next.neededAt.exact,
          }),
  };
};
