import { plain } from "../plain.ts";
import type { Json } from "../verb.ts";
import type { Verdict } from "./check.ts";
import { type Found, worstOf } from "./examine.ts";

const words: Readonly<Record<Verdict, string>> = {
  failure: "FAILURE",
  warning: "WARNING",
  "not-checked": "not checked",
  note: "note",
  ok: "ok",
};

/** What was found as lines for people: what is wrong with its evidence and remedy, what is fine in one line each. */
export const reportLines = (found: readonly Found[]): readonly string[] => {
  const lines = found.flatMap(({ verdict, title, sentence, evidence = [], remedy }) => [
    `${words[verdict]}  ${title}: ${plain(sentence)}`,
    ...evidence.map((fact) => `  ${plain(fact)}`),
    ...(remedy === undefined ? [] : [`  -> ${plain(remedy)}`]),
  ]);
  return [...lines, "", summaryOf(found)];
};

const summaryOf = (found: readonly Found[]): string => {
  const count = (verdict: Verdict): number =>
    found.filter((each) => each.verdict === verdict).length;
  const parts = [
    counted(count("failure"), "failure"),
    counted(count("warning"), "warning"),
    count("not-checked") === 0 ? "" : `${count("not-checked")} not checked`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "Nothing is wrong." : `${parts.join(", ")}.`;
};

const counted = (count: number, what: string): string =>
  count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}`;

/** The documented shape of `doctor --json`, version 1 (docs/troubleshooting.md). */
export const reportJson = (found: readonly Found[], at: number): Json => ({
  version: 1,
  at: new Date(at).toISOString(),
  verdict: worstOf(found),
  findings: found.map(({ check, id, title, verdict, sentence, evidence = [], remedy }) => ({
    check,
    id,
    title,
    verdict,
    message: sentence,
    evidence,
    remedy,
  })),
});
