import { sourceLine } from "../electron/protocol/headline.ts";
import type { AccountView } from "../electron/protocol/ipc.ts";
import { isKey } from "../electron/protocol/labels.ts";
import { shown } from "../electron/protocol/shown.ts";
import { agoLine, clockTime, dateLine, whenLine } from "../electron/protocol/times.ts";
import type { OfferView, SourceView } from "../electron/protocol/view.ts";
import type { Words } from "../electron/protocol/words.ts";

/** What is in use, the latest use first. */
export const usedOffers = ({ offers }: SourceView): readonly OfferView[] =>
  offers
    .filter(({ askedAt }) => askedAt !== undefined)
    .sort((a, b) => (b.askedAt ?? 0) - (a.askedAt ?? 0));

/** The name that a person gave, as it is shown: `aws:dev` is `dev`. */
export const nameOf = ({ target }: OfferView): string =>
  shown(target.slice(target.indexOf(":") + 1));

/** Whether a source is one key of the configuration and nothing else. */
export const isOneKey = ({ id, offers }: SourceView): boolean =>
  offers.length === 1 && offers[0]?.target === `api-key:${id}`;

/** What a source hands out, by a word of people's. */
export const offersTitle = ({ offers }: SourceView, { texts }: Words): string => {
  const { card } = texts;
  const keys = offers.filter(({ target }) => isKey(target)).length;
  if (keys === 0) return card.profiles;
  return keys === offers.length ? card.keys : card.profilesAndKeys;
};

/** When something was last used and until when it is good. */
export const offerLine = ({ askedAt, expiresAt }: OfferView, now: number, words: Words): string => {
  const { card } = words.texts;
  if (askedAt === undefined) return card.notUsedYet;
  const ago = agoLine(askedAt, now, words);
  return expiresAt === undefined || expiresAt <= now
    ? card.used({ ago })
    : card.usedGoodUntil({ ago, time: clockTime(expiresAt, now, words) });
};

/** A source's state in words, where what is wrong stands below it and need not be said twice. */
export const stateLine = (source: SourceView, now: number, words: Words): string => {
  const { card } = words.texts;
  const { standing, signIn } = source;
  if (standing.kind === "failing" && signIn === undefined) {
    return standing.expiresAt > now
      ? card.stillServing({ time: clockTime(standing.expiresAt, now, words) })
      : card.notServing;
  }
  const line = sourceLine(source, now, words);
  return line.charAt(0).toUpperCase() + line.slice(1);
};

/** An account as it is chosen from a list: its name, and its number for certainty. */
export const accountLine = ({ id, name }: AccountView): string =>
  name === "" ? id : `${shown(name)} · ${id}`;

/** The accounts whose name or number has all the words that were typed. */
export const fitting = (
  accounts: readonly AccountView[],
  filter: string,
): readonly AccountView[] => {
  const words = filter.toLowerCase().split(/\s+/);
  return accounts.filter((account) => {
    const line = accountLine(account).toLowerCase();
    return words.every((word) => line.includes(word));
  });
};

/** So much of an account's name is worth typing, in characters. */
const proposedLength = 40;

/** The name that is proposed for a profile, of characters that all AWS tools read. */
export const profileNameOf = ({ id, name }: AccountView, role: string): string =>
  `${name === "" ? id : shown(name, proposedLength)}-${role}`
    .toLowerCase()
    .replace(/[^a-z0-9_.@+%:/-]+/g, "-");

/** One row of what there is to know. */
export interface Fact {
  readonly term: string;
  readonly text: string;
}

/** The times of a source's own token, what became of its renewal, and what it is good for. */
export const factsOf = (source: SourceView, now: number, words: Words): readonly Fact[] => {
  const { card } = words.texts;
  const time = (at: number): string => clockTime(at, now, words);
  const { standing, neededAt, endIsFixed, durable, account, unattended, keptBy, isEntered } =
    source;
  const { scopes, registeredUntil } = source;
  if (standing.kind === "signed-out") return [];
  const { expiresAt } = standing;
  const facts: Fact[] = [];
  if (account !== undefined) facts.push({ term: card.signedInAs, text: account });
  if (expiresAt !== undefined) {
    const ended = expiresAt <= now;
    facts.push({
      term: isEntered ? card.theKey : card.accessToken,
      text: ended
        ? card.endedAt({ time: time(expiresAt) })
        : card.goodUntil({ time: time(expiresAt) }),
    });
  }
  if (standing.kind === "failing") {
    facts.push({ term: card.failingSince, text: time(standing.since) });
    facts.push({ term: card.nextTry, text: time(standing.retryAt) });
  } else if (isBefore(standing.renewAt, expiresAt)) {
    facts.push({ term: card.nextRenewal, text: time(standing.renewAt) });
  }
  if (neededAt !== undefined && !isEntered) {
    facts.push({ term: card.nextSignIn, text: whenLine(neededAt, now, words) });
  }
  if (endIsFixed) {
    facts.push({ term: card.itsEnd, text: card.fixedEnd });
  }
  if (scopes.length > 0) facts.push({ term: card.scopes, text: scopes.join(", ") });
  if (registeredUntil !== undefined) {
    const date = dateLine(registeredUntil, now, words);
    facts.push({ term: card.registered, text: card.registeredUntil({ date }) });
  }
  if (keptBy !== undefined && (durable || unattended)) {
    return [...facts, { term: card.kept, text: card.keptBy({ program: keptBy }) }];
  }
  const inMemory = isEntered ? card.keyKeptInMemory : card.keptInMemory;
  facts.push({ term: card.kept, text: durable ? card.keptInKeychain : inMemory });
  return facts;
};

const isBefore = (at: number | undefined, end: number | undefined): at is number =>
  at !== undefined && end !== undefined && at < end;
