import { clockTime, sourceLine, whenLine } from "../electron/protocol/headline.ts";
import type { AccountView } from "../electron/protocol/ipc.ts";
import { isKey } from "../electron/protocol/labels.ts";
import type { OfferView, SourceView } from "../electron/protocol/view.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long ago something was, as people say it; after half a day the time itself. */
export const agoLine = (at: number, now: number): string => {
  const pastMs = now - at;
  if (pastMs < minuteMs) return "just now";
  if (pastMs < hourMs) return `${String(Math.floor(pastMs / minuteMs))} min ago`;
  if (pastMs < 12 * hourMs) return `${String(Math.floor(pastMs / hourMs))} h ago`;
  return clockTime(at, now);
};

/** What is left until an instant, as minutes and seconds: `9:40`. Never below zero. */
export const leftLine = (at: number, now: number): string => {
  const seconds = Math.max(0, Math.ceil((at - now) / 1000));
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
};

/** What is in use, the latest use first. */
export const usedOffers = ({ offers }: SourceView): readonly OfferView[] =>
  offers
    .filter(({ askedAt }) => askedAt !== undefined)
    .sort((a, b) => (b.askedAt ?? 0) - (a.askedAt ?? 0));

/** The name that a person gave: `aws:dev` is `dev`. */
export const nameOf = ({ target }: OfferView): string => target.slice(target.indexOf(":") + 1);

/** Whether a source is one key of the configuration and nothing else. */
export const isOneKey = ({ id, offers }: SourceView): boolean =>
  offers.length === 1 && offers[0]?.target === `api-key:${id}`;

/** What a source hands out, by a word of people's. */
export const offersTitle = ({ offers }: SourceView): string => {
  const keys = offers.filter(({ target }) => isKey(target)).length;
  if (keys === 0) return "Profiles";
  return keys === offers.length ? "Keys" : "Profiles and keys";
};

/** When something was last used and until when it is good. */
export const offerLine = ({ askedAt, expiresAt }: OfferView, now: number): string => {
  if (askedAt === undefined) return "not used yet";
  const used = `used ${agoLine(askedAt, now)}`;
  return expiresAt === undefined || expiresAt <= now
    ? used
    : `${used}, good until ${clockTime(expiresAt, now)}`;
};

/** A source's state in words, where what is wrong stands below it and need not be said twice. */
export const stateLine = (source: SourceView, now: number): string => {
  const { standing, signIn } = source;
  if (standing.kind === "failing" && signIn === undefined) {
    return standing.expiresAt > now
      ? `Still serving until ${clockTime(standing.expiresAt, now)}`
      : "Not serving";
  }
  const line = sourceLine(source, now);
  return line.charAt(0).toUpperCase() + line.slice(1);
};

/** An account as it is chosen from a list: its name, and its number for certainty. */
export const accountLine = ({ id, name }: AccountView): string =>
  name === "" ? id : `${name} · ${id}`;

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

/** The name that is proposed for a profile, of characters that all AWS tools read. */
export const profileNameOf = ({ id, name }: AccountView, role: string): string =>
  `${name === "" ? id : name}-${role}`.toLowerCase().replace(/[^a-z0-9_.@+%:/-]+/g, "-");

/** One row of what there is to know. */
export interface Fact {
  readonly term: string;
  readonly text: string;
}

/** The times of a source's own token, and what became of its renewal. */
export const factsOf = (source: SourceView, now: number): readonly Fact[] => {
  const { standing, neededAt, endIsFixed, durable, account, unattended, keptBy, isEntered } =
    source;
  if (standing.kind === "signed-out") return [];
  const { expiresAt } = standing;
  const facts: Fact[] = [];
  if (account !== undefined) facts.push({ term: "Signed in as", text: account });
  if (expiresAt !== undefined) {
    const ended = expiresAt <= now;
    facts.push({
      term: isEntered ? "The key" : "Access token",
      text: `${ended ? "ended at" : "good until"} ${clockTime(expiresAt, now)}`,
    });
  }
  if (standing.kind === "failing") {
    facts.push({ term: "Failing since", text: clockTime(standing.since, now) });
    facts.push({ term: "Next try", text: clockTime(standing.retryAt, now) });
  } else if (isBefore(standing.renewAt, expiresAt)) {
    facts.push({ term: "Next renewal", text: clockTime(standing.renewAt, now) });
  }
  if (neededAt !== undefined && !isEntered) {
    facts.push({ term: "Next sign-in", text: whenLine(neededAt, now) });
  }
  if (endIsFixed) {
    facts.push({ term: "Its end", text: "your organisation ends this at a fixed time" });
  }
  if (keptBy !== undefined && (durable || unattended)) {
    return [...facts, { term: "Kept", text: `by ${keptBy}, not here` }];
  }
  const needs = isEntered ? "asks for it again" : "needs a new sign-in";
  facts.push({
    term: "Kept",
    text: durable ? "in the keychain" : `in memory only: a restart ${needs}`,
  });
  return facts;
};

const isBefore = (at: number | undefined, end: number | undefined): at is number =>
  at !== undefined && end !== undefined && at < end;
