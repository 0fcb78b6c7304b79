import type { SignedOutReasonView, SourceView, StandingView } from "./view.ts";

type SignedOutView = Extract<StandingView, { kind: "signed-out" }>;

/** Why a source whose standing this is cannot serve, in a few words. */
export const signedOutLine = (
  { unattended, isEntered }: SourceView,
  standing: SignedOutView,
): string => {
  if (unattended) return wantingLines[standing.reason];
  return endingLine(standing) ?? (isEntered ? keyLines : lines)[standing.reason];
};

/** What such a source needs of a person, in a few words. */
export const needLine = ({ isEntered }: SourceView, standing: SignedOutView): string => {
  const ending = endingLine(standing);
  if (ending !== undefined) return ending;
  if (!isEntered) return "sign-in needed";
  return standing.reason === "user" ? "the key is needed" : keyLines[standing.reason];
};

/** A sentence as a part of another one. */
export const lowerFirst = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");

/** Why it has ended, where there is more to say than that; undefined where there is not. */
const endingLine = ({ reason, trouble, lengthMs }: SignedOutView): string | undefined => {
  if (reason === "lost") return lines.lost;
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

type Lines = Readonly<Record<SignedOutReasonView, string>>;

const lines: Lines = {
  never: "not signed in yet",
  user: "signed out",
  elsewhere: "signed out with another tool",
  ended: "the session has ended, sign-in needed",
  changed: "its configuration has changed, sign-in needed",
  lost: "the last renewal was cut off, sign-in needed",
  reauth: "your organisation asks again, sign-in needed",
};

/** Of a key that a person enters. */
const keyLines: Lines = {
  ...lines,
  never: "no key yet",
  user: "the key was forgotten",
  ended: "the key has ended",
  changed: "its configuration has changed, another key is needed",
};

const absent = "there is nothing there to get in with";

const refused = "what it has is no longer accepted";

const wantingLines: Lines = {
  ...lines,
  never: absent,
  elsewhere: absent,
  ended: refused,
  lost: refused,
  reauth: refused,
};
