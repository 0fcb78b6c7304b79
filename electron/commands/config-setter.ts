import { makerOf } from "../core/limits.ts";
import { nameOf, shownValue } from "./config-name.ts";
import type { Policies, Setter } from "./policy-ports.ts";
import type { Setting } from "./ports.ts";
import type { Context } from "./verb.ts";

/** Who has set a value, for people. */
export const setterWords = (setBy: Setter, { rule }: Pick<Policies, "rule">): string => {
  switch (setBy) {
    case "policy":
      return `set by ${makerOf(rule)}`;
    case "config":
      return "from the file";
    case "policy-default":
      return `default of ${makerOf(rule)}`;
    case "built-in":
      return "built in";
  }
};

/** A setting, for people: its name, its value, who has set it. */
export const cellsOf = (
  { path, value, setBy }: Setting,
  { policy }: Pick<Context, "policy">,
): readonly string[] => [
  nameOf(path),
  value === undefined ? "-" : shownValue(value),
  value === undefined ? "not set" : setterWords(setBy, policy),
];

/** A setting, for programs. */
export const settingJson = ({ path, value, setBy }: Setting): object => ({
  name: nameOf(path),
  value,
  setBy: value === undefined ? "nothing" : setBy,
});
