import { hostname, userInfo } from "node:os";

/** JSON. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What may stand in a claim for something of this machine. */
const words = { user: () => userInfo().username, hostname };

const wordForm = /\$\{(user|hostname)\}/g;

/** Claims with what `${user}` and `${hostname}` stand for in all their texts. */
export const filledIn = (value: Json): Json => {
  if (typeof value === "string") {
    return value.replace(wordForm, (_, name: keyof typeof words) => words[name]());
  }
  if (Array.isArray(value)) return value.map((inner: Json) => filledIn(inner));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filledIn(inner)]));
};
