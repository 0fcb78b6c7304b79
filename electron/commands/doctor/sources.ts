import { errorTable } from "../../core/errors.ts";
import { sourceLine } from "../../protocol/headline.ts";
import { clockTime } from "../../protocol/times.ts";
import { english } from "../../protocol/words.ts";
import type { OfferView, SourceView, StandingView } from "../../protocol/view.ts";
import { remedyOf } from "../status-check.ts";
import { type Finding, ofDaemon } from "./check.ts";

/** Each session: whether it serves, and until when. */
export const sourcesCheck = ofDaemon({
  id: "sources",
  title: "Sign-ins",
  run: (running, { only }) => {
    const { sources, at } = running.view();
    const asked = sources.filter(({ id }) => only === undefined || id === only);
    return Promise.resolve(
      asked.length > 0 ? asked.flatMap((source) => findingsOf(source, at)) : [nothing],
    );
  },
});

const nothing: Finding = {
  id: "sources.none",
  verdict: "note",
  sentence: "There is nothing to sign in to yet.",
  remedy: "Run: evercred help source add",
};

const findingsOf = (source: SourceView, now: number): readonly Finding[] => [
  standingOf(source, now),
  ...source.offers.flatMap(refusedOf),
];

const standingOf = (source: SourceView, now: number): Finding => {
  const { id, standing } = source;
  const evidence = evidenceOf(source, now);
  const sentence = `${id}: ${sourceLine(source, now, english)}.`;
  switch (standing.kind) {
    case "active":
      return { id: "sources.active", verdict: "ok", sentence, evidence };
    case "failing": {
      const verdict = standing.expiresAt > now ? "warning" : "failure";
      const { remedy } = standing.trouble;
      return { id: "sources.failing", verdict, sentence, evidence, remedy };
    }
    case "signed-out":
      return {
        id: "sources.signed-out",
        verdict: isBegun(source, standing) ? "failure" : "warning",
        sentence,
        evidence,
        remedy: wayIn(source, standing),
      };
  }
};

type SignedOut = Extract<StandingView, { kind: "signed-out" }>;

/** Whether somebody counts on it: it has been there, or a program has asked for it. */
const isBegun = ({ wantedAt }: SourceView, { reason }: SignedOut): boolean =>
  wantedAt !== undefined || (reason !== "never" && reason !== "user");

const wayIn = (source: SourceView, { reason, trouble }: SignedOut): string => {
  if (trouble !== undefined) return remedyOf(trouble, source);
  if (reason === "forbidden") return errorTable["policy-refused"].remedy;
  return source.unattended ? "Renew its keys where they stand." : `Run: ${source.signInCommand}`;
};

const evidenceOf = (source: SourceView, now: number): readonly string[] => {
  const { standing, account, organisation, neededAt } = source;
  const time = (at: number): string => clockTime(at, now, english);
  const facts = [`at ${organisation}`];
  if (account !== undefined) facts.push(`signed in as ${account}`);
  if (standing.kind === "failing") {
    facts.push(`failing since ${time(standing.since)}, next attempt ${time(standing.retryAt)}`);
  }
  if (standing.kind === "active") {
    if (standing.expiresAt !== undefined) facts.push(`token until ${time(standing.expiresAt)}`);
    if (standing.renewAt !== undefined) facts.push(`renewed at ${time(standing.renewAt)}`);
  }
  if (neededAt !== undefined) {
    facts.push(`a person is needed ${neededAt.exact ? "at" : "about"} ${time(neededAt.at)}`);
  }
  return facts;
};

const refusedOf = ({ target, title, refused }: OfferView): readonly Finding[] =>
  refused === undefined
    ? []
    : [
        {
          id: "sources.refused",
          verdict: "warning",
          sentence: `${target} (${title}): ${refused.sentence}`,
          remedy: refused.remedy,
        },
      ];
