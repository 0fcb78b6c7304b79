import type { SignedOutReasonView, SourceView, StandingView, View } from "./view.ts";

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

/** The hour and minute of an instant, of 24 hours; with the day where it is not today. */
export const clockTime = (at: number, now: number): string => {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return sameDay ? time : `${date.toLocaleDateString(undefined, { weekday: "short" })} ${time}`;
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
    return needy.length === 1
      ? `${first.title}: ${needOf(first.standing)}`
      : `${String(needy.length)} sign-ins needed`;
  }
  const offline = sources.filter(isOffline);
  if (offline.length > 0) return offlineLine(offline, at);
  const wanting = sources.find(isWanting);
  if (wanting !== undefined) return `${wanting.title}: ${sourceLine(wanting, at)}`;
  const signedIn = sources.filter(({ standing }) => standing.kind !== "signed-out");
  if (signedIn.length === 0) return "Signed out";
  // What needs no sign-in has no next one.
  const ends = signedIn.flatMap(({ unattended, neededAt }) =>
    unattended || neededAt === undefined ? [] : [neededAt],
  );
  if (ends.length === 0) return "All signed in";
  const next = ends.reduce((a, b) => (b.at < a.at ? b : a));
  const about = next.exact ? "at" : "about";
  return `All signed in · next sign-in ${about} ${clockTime(next.at, at)}`;
};

const needOf = (standing: StandingView): string => {
  switch (standing.kind) {
    case "failing":
      return lowerFirst(standing.trouble.sentence);
    case "signed-out":
      return endingLine(standing) ?? "sign-in needed";
    case "active":
      return "sign-in needed";
  }
};

type SignedOutView = Extract<StandingView, { kind: "signed-out" }>;

/** Why it has ended, where there is more to say than that; undefined where there is not. */
const endingLine = ({ reason, trouble, lengthMs }: SignedOutView): string | undefined => {
  if (reason === "lost") return signedOutLine.lost;
  if (reason === "reauth") {
    const every = lengthMs === undefined ? "" : ` every ${lengthOf(lengthMs)}`;
    return `sign-in needed (your organisation asks again${every})`;
  }
  if (reason !== "ended" || trouble === undefined || unremarkable.has(trouble.code)) {
    return undefined;
  }
  return lowerFirst(trouble.sentence);
};

/** The plain end of a session: nothing but a sign-in can be said of it. */
const unremarkable: ReadonlySet<string> = new Set(["grant-rejected", "registration-rejected"]);

/** A length of time in the unit that people would use: `16 hours`, `30 minutes`. */
const lengthOf = (ms: number): string => {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  // A session is seen to end up to some minutes late.
  if (minutes >= 115) return `${String(Math.round(minutes / 60))} hours`;
  return minutes === 1 ? "minute" : `${String(minutes)} minutes`;
};

/** What a sign-in that is open waits for. */
const openLine = ({ signIn }: SourceView): string => {
  if (signIn?.other !== undefined) {
    return `${signIn.other.now} has signed in instead of ${signIn.other.before}: is that right?`;
  }
  return signIn?.flow === "mfa"
    ? "waiting for the code of your device"
    : "waiting for you to sign in";
};

const lowerFirst = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");

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
  const { standing, signIn, unattended } = source;
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
      if (unattended) return wantingLine[standing.reason];
      return endingLine(standing) ?? signedOutLine[standing.reason];
  }
};

const activeLine = ({ neededAt, keptBy, unattended }: SourceView, now: number): string => {
  const time = neededAt === undefined ? undefined : clockTime(neededAt.at, now);
  if (keptBy === undefined || unattended) {
    return time === undefined
      ? "signed in"
      : `until ${neededAt?.exact === true ? "" : "about "}${time}`;
  }
  if (time === undefined) return `kept by ${keptBy}`;
  return `kept by ${keptBy}; sign-in needed ${neededAt?.exact === true ? "at" : "about"} ${time}`;
};

type Lines = Readonly<Record<SignedOutReasonView, string>>;

const signedOutLine: Lines = {
  never: "not signed in yet",
  user: "signed out",
  elsewhere: "signed out with another tool",
  ended: "the session has ended, sign-in needed",
  changed: "its configuration has changed, sign-in needed",
  lost: "the last renewal was cut off, sign-in needed",
  reauth: "your organisation asks again, sign-in needed",
};

const absent = "there is nothing there to get in with";

const refused = "what it has is no longer accepted";

const wantingLine: Lines = {
  ...signedOutLine,
  never: absent,
  elsewhere: absent,
  ended: refused,
  lost: refused,
  reauth: refused,
};
