import { everyLine } from "./times.ts";
import { troublePart } from "./trouble-words.ts";
import type { SignedOutReasonView, SourceView, StandingView } from "./view.ts";
import type { Words } from "./words.ts";

type SignedOutView = Extract<StandingView, { kind: "signed-out" }>;

/** Why a source whose standing this is cannot serve, in a few words. */
export const signedOutLine = (
  { unattended, isEntered }: SourceView,
  standing: SignedOutView,
  words: Words,
): string => {
  const { reason, trouble } = standing;
  // A sentence that begins with a name.
  if (reason === "forbidden" && trouble !== undefined) return trouble.sentence.replace(/\.$/, "");
  if (unattended) return wantingLine(reason, words);
  return (
    endingLine(standing, words) ??
    (isEntered ? keyLine(reason, words) : words.texts.signedOut[reason])
  );
};

/** What such a source needs of a person, in a few words. */
export const needLine = (
  { isEntered }: SourceView,
  standing: SignedOutView,
  words: Words,
): string => {
  const { headline, signedOut } = words.texts;
  const ending = endingLine(standing, words);
  if (ending !== undefined) return ending;
  if (!isEntered) return headline.signInNeeded;
  return standing.reason === "user" ? signedOut.keyNeeded : keyLine(standing.reason, words);
};

/** Why it has ended, where there is more to say than that; undefined where there is not. */
const endingLine = (
  { reason, trouble, lengthMs }: SignedOutView,
  words: Words,
): string | undefined => {
  const { signedOut } = words.texts;
  if (reason === "lost") return signedOut.lost;
  if (reason === "reauth") {
    if (lengthMs === undefined) return signedOut.asksAgain;
    return signedOut.asksAgainEvery({ every: everyLine(lengthMs, words) });
  }
  if (reason !== "ended" || trouble === undefined || unremarkable.has(trouble.code)) {
    return undefined;
  }
  return troublePart(trouble, words);
};

/** The plain end of a session: nothing but a sign-in can be said of it. */
const unremarkable: ReadonlySet<string> = new Set(["grant-rejected", "registration-rejected"]);

/** Of a key that a person enters. */
const keyLine = (reason: SignedOutReasonView, { texts }: Words): string => {
  const { signedOut } = texts;
  switch (reason) {
    case "never":
      return signedOut.keyNever;
    case "user":
      return signedOut.keyUser;
    case "ended":
      return signedOut.keyEnded;
    case "changed":
      return signedOut.keyChanged;
    default:
      return signedOut[reason];
  }
};

/** Of what needs no sign-in. */
const wantingLine = (reason: SignedOutReasonView, { texts }: Words): string => {
  const { signedOut } = texts;
  switch (reason) {
    case "never":
    case "elsewhere":
      return signedOut.absent;
    case "ended":
    case "lost":
    case "reauth":
      return signedOut.refused;
    default:
      return signedOut[reason];
  }
};
