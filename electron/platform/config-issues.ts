import { type ParseError, printParseErrorCode } from "jsonc-parser";
import type * as z from "zod";
import type { Path } from "./config-names.ts";

/** What is wrong with a text that is no JSON, in words. */
export const syntaxWords = ({ error }: ParseError): string =>
  printParseErrorCode(error)
    .replace(/\B[A-Z]/gu, " $&")
    .toLowerCase();

/** What is wrong with a value, to go on from its name. */
export const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  const object = issue.code === "invalid_type" && /^(?:object|record)$/u.test(issue.expected);
  return object ? "must be an object" : issue.message;
};

export const partsOf = (path: readonly PropertyKey[]): (string | number)[] =>
  path.map((part) => (typeof part === "symbol" ? String(part) : part));

/** Takes out what stands at a path. */
export const remove = (value: unknown, path: Path): void => {
  const [part, ...rest] = path;
  if (typeof value !== "object" || value === null || part === undefined) return;
  if (rest.length === 0) Reflect.deleteProperty(value, part);
  else remove(Reflect.get(value, part), rest);
};
