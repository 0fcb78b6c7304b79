import type { Page } from "../protocol/pages.ts";
import type { AnswerView } from "../protocol/view.ts";
import type { Until } from "./until.ts";

/** What a line of the menu does when it is chosen. */
export type Choice =
  | { readonly kind: "open-window"; readonly page?: Page }
  | { readonly kind: "sign-in"; readonly source: string }
  | { readonly kind: "cancel-sign-in"; readonly source: string }
  | { readonly kind: "sign-out"; readonly source: string }
  | { readonly kind: "open-console"; readonly profile: string }
  | { readonly kind: "copy"; readonly text: string }
  | { readonly kind: "answer"; readonly question: string; readonly answer: AnswerView }
  | { readonly kind: "do-not-ask"; readonly until: Until }
  | { readonly kind: "ask-again" }
  | { readonly kind: "quit" };

/** One line of the tray's menu. Plain data: equal menus are equal as JSON. */
export type Line =
  | { readonly kind: "separator" }
  | { readonly kind: "choice"; readonly label: string; readonly choice: Choice }
  | { readonly kind: "submenu"; readonly label: string; readonly lines: readonly Line[] };

export const separator: Line = { kind: "separator" };

export const choice = (label: string, what: Choice): Line => ({
  kind: "choice",
  label,
  choice: what,
});

/** A menu that is longer than this is no longer read. */
export const atMost = 8;

/** The first lines, and one that leads to the window for the rest, of which `more` says how many there are. */
export const shortened = (
  lines: readonly Line[],
  more: (rest: { readonly count: number }) => string,
): readonly Line[] => {
  const count = lines.length - atMost;
  if (count <= 0) return lines;
  return [
    ...lines.slice(0, atMost),
    choice(more({ count }), { kind: "open-window", page: "home" }),
  ];
};
