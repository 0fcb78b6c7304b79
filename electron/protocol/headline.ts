import { lowerFirst, needLine, signedOutLine } from "./signed-out.ts";
import type { SourceView, View } from "./view.ts";

/** What the tray icon shows. */
export type Icon = "signed-in" | "attention" | "offline" | "signing-in";

/** Whether a person can make this source usable by signing in, or must unlock something, and somebody has a use for it. */
export const needsPerson = (source: SourceView): boolean => {
  const { standing, unattended } = source;
  // Nobody can sign in to it.
  if (unattended) return false;
  if (standing.kind === "active") return false;
  if (standing.kind === "failing") return standing.icon === "attention";
  return standing.reason !== "user" || source.wantedAt !== undefined;
};

/** Whether a source that nobody signs in to lacks what it takes, which no sign-in brings. */
export const isWanting = ({ unattended, standing }: SourceView): boolean =>
  unattended && standing.kind === "signed-out" && standing.reason !== "user";

/** Whether this source cannot be reached just now. */
export const isOffline = ({ standing }: SourceView): boolean =>
  standing.kind === "failing" && standing.icon === "offline";

export const iconOf = ({ sources }: View): Icon => {
  if (sources.some(({ signIn }) => signIn !== undefined)) return "signing-in";
  if (sources.some((source) => needsPerson(source) || isWanting(source))) return "attention";
  return sources.some(isOffline) ? "offline" : "signed-in";
};

/** From so far away on the name of a weekday could be that of today, in milliseconds. */
const weekMs = 6 * 24 * 60 * 60_000;

/**
 * The hour and minute of an instant, of 24 hours; with the day where it is not today. Where that is a week away or
 * more, the date alone; with the year where that is another one.
 */
export const clockTime = (at: number, now: number): string => {
  if (Math.abs(at - now) >= weekMs) return dateLine(at, now);
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  if (isSameDay(at, now)) return time;
  return `${date.toLocaleDateString(undefined, { weekday: "short" })} ${time}`;
};

const isSameDay = (at: number, now: number): boolean =>
  new Date(at).toDateString() === new Date(now).toDateString();

const dateLine = (at: number, now: number): string => {
  // What is good to the end of a day may end with the first moment of the next.
  const date = new Date(at - 1);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString(undefined, {
    day: "numeric",
    month: "long",
    ...(!isThisYear && { year: "numeric" }),
  });
};

/** When something is expected, as a part of a sentence: `about 17:05`, `at 17:05`, `on 31 March`. */
export const whenLine = (
  { at, exact }: NonNullable<SourceView["neededAt"]>,
  now: number,
): string => {
  const exactly = isSameDay(at, now) ? "at" : "on";
  return `${exact ? exactly : "about"} ${clockTime(at, now)}`;
};

/** One line for the tooltip, the menu and the window: whether work can go on, and what is needed. */
export const headlineOf = (view: View): string => {
  const { sources, at } = view;
  if (sources.length === 0) return "Nothing to sign in to yet";
  const open = sources.find(({ signIn }) => signIn !== undefined);
  if (open !== undefined) return `${open.title}: ${openLine(open)}`;
  const needy = sources.filter(needsPerson);
  const [first] = needy;
  if (first !== undefined) {
    return needy.length === 1 ? `${first.title}: ${needOf(first)}` : needsLine(needy);
  }
  const offline = sources.filter(isOffline);
  if (offline.length > 0) return offlineLine(offline, at);
  const wanting = sources.find(isWanting);
  if (wanting !== undefined) return `${wanting.title}: ${sourceLine(wanting, at)}`;
  const signedIn = sources.filter(({ standing }) => standing.kind !== "signed-out");
  if (signedIn.length > 0) return wellLine(signedIn, at);
  return sources.every(({ isEntered }) => isEntered) ? "No key is there" : "Signed out";
};

/** What is needed of a person, where several sources need one. */
const needsLine = (needy: readonly SourceView[]): string => {
  const keys = needy.filter(({ isEntered }) => isEntered).length;
  const counts = [counted(needy.length - keys, "sign-in"), counted(keys, "key")];
  return `${counts.filter((count) => count !== "").join(" and ")} needed`;
};

const counted = (count: number, what: string): string =>
  count === 0 ? "" : `${String(count)} ${what}${count === 1 ? "" : "s"}`;

const needOf = (source: SourceView): string => {
  const { standing } = source;
  switch (standing.kind) {
    case "failing":
      return lowerFirst(standing.trouble.sentence);
    case "signed-out":
      return needLine(source, standing);
    case "active":
      return "sign-in needed";
  }
};

/** That all is well, and when the first of these sources needs a person again, as far as that is known. */
const wellLine = (sources: readonly SourceView[], now: number): string => {
  const well = sources.every(({ isEntered }) => isEntered) ? "All keys are there" : "All signed in";
  // What needs no sign-in has no next one.
  const [next] = sources
    .flatMap(({ unattended, neededAt, title, isEntered }) =>
      unattended || neededAt === undefined ? [] : [{ neededAt, title, isEntered }],
    )
    .sort((a, b) => a.neededAt.at - b.neededAt.at);
  if (next === undefined) return well;
  const when = whenLine(next.neededAt, now);
  return next.isEntered
    ? `${well} · the key of ${next.title} ends ${when}`
    : `${well} · next sign-in ${when}`;
};

/** What a sign-in that is open waits for. */
const openLine = ({ signIn, isEntered }: SourceView): string => {
  if (signIn?.other !== undefined) {
    return `${signIn.other.now} has signed in instead of ${signIn.other.before}: is that right?`;
  }
  if (isEntered) return "waiting for you to enter the key";
  return signIn?.flow === "mfa"
    ? "waiting for the code of your device"
    : "waiting for you to sign in";
};

const offlineLine = (sources: readonly SourceView[], now: number): string => {
  const failing = sources.flatMap(({ standing }) =>
    standing.kind === "failing" ? [standing] : [],
  );
  const since = Math.min(...failing.map((standing) => standing.since));
  const until = Math.min(...failing.map((standing) => standing.expiresAt));
  const rest = until > now ? ` · still serving until ${clockTime(until, now)}` : " · not serving";
  return `Offline since ${clockTime(since, now)}${rest}`;
};

/** One line on one source: what it is and until when. */
export const sourceLine = (source: SourceView, now: number): string => {
  const { standing, signIn } = source;
  if (signIn !== undefined) return openLine(source);
  switch (standing.kind) {
    case "active":
      return activeLine(source, now);
    case "failing": {
      const serving = standing.expiresAt > now;
      const until = serving ? `serving until ${clockTime(standing.expiresAt, now)}` : "not serving";
      return `${lowerFirst(standing.trouble.sentence)}, ${until}`;
    }
    case "signed-out":
      return signedOutLine(source, standing);
  }
};

const activeLine = (source: SourceView, now: number): string => {
  const { neededAt, keptBy, unattended, isEntered } = source;
  const when = neededAt === undefined ? undefined : whenLine(neededAt, now);
  if (isEntered) return when === undefined ? "the key is there" : `the key ends ${when}`;
  if (keptBy !== undefined && !unattended) {
    return when === undefined ? `kept by ${keptBy}` : `kept by ${keptBy}; sign-in needed ${when}`;
  }
  if (neededAt === undefined) return unattended ? "needs nobody" : "signed in";
  return `until ${neededAt.exact ? "" : "about "}${clockTime(neededAt.at, now)}`;
};
