import type { AccessCheck } from "./access-ports.ts";
import { plain } from "./plain.ts";

const verdicts: Readonly<Record<AccessCheck["verdict"], string>> = {
  allowed: "allowed",
  refused: "refused",
  "not-checked": "not checked",
};

const width = Math.max(...Object.values(verdicts).map(({ length }) => length));

/** What was found, for people: a line for each check, and one for what to do about it. */
export const accessLines = (checks: readonly AccessCheck[]): readonly string[] =>
  checks.flatMap(({ what, verdict, sentence, remedy }) => [
    `${verdicts[verdict].padEnd(width)}  ${plain(what)}: ${plain(sentence)}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(width)}  ${plain(remedy)}`]),
  ]);
