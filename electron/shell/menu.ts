import { headlineOf, needsPerson, sourceLine } from "../protocol/headline.ts";
import { askLabel, asksLabel, signInLabel, signOutLabel } from "../protocol/labels.ts";
import type { OfferView, SourceView, View } from "../protocol/view.ts";

/** What a line of the menu does when it is chosen. */
export type Choice =
  | { readonly kind: "open-window" }
  | { readonly kind: "sign-in"; readonly source: string }
  | { readonly kind: "cancel-sign-in"; readonly source: string }
  | { readonly kind: "sign-out"; readonly source: string }
  | { readonly kind: "copy"; readonly text: string }
  | { readonly kind: "quit" };

/** One line of the tray's menu. Plain data: equal menus are equal as JSON. */
export type Line =
  | { readonly kind: "separator" }
  | { readonly kind: "choice"; readonly label: string; readonly choice: Choice }
  | { readonly kind: "submenu"; readonly label: string; readonly lines: readonly Line[] };

/** A menu that is longer than this is no longer read. */
const atMost = 8;

/** The tray's menu for a picture. */
export const menuOf = (view: View): readonly Line[] => {
  const sources = [...view.sources].sort(byUse);
  const shown = sources.slice(0, atMost);
  const more = sources.length - shown.length;
  return [
    choice(headlineOf(view), { kind: "open-window" }),
    ...signInLines(view.sources.filter((source) => needsPerson(source) && !source.signIn)),
    separator,
    ...shown.map((source) => sourceMenu(source, view.at)),
    ...(more === 0 ? [] : [choice(`${String(more)} more…`, { kind: "open-window" })]),
    ...(shown.length === 0 ? [] : [separator]),
    choice("Open Evercred", { kind: "open-window" }),
    choice("Quit", { kind: "quit" }),
  ];
};

const separator: Line = { kind: "separator" };

const choice = (label: string, what: Choice): Line => ({ kind: "choice", label, choice: what });

const signInLines = (needy: readonly SourceView[]): readonly Line[] => {
  const lines = needy.map((source) =>
    choice(askLabel(source), { kind: "sign-in", source: source.id }),
  );
  if (lines.length < 2) return lines;
  return [{ kind: "submenu", label: asksLabel(needy), lines }];
};

const sourceMenu = (source: SourceView, now: number): Line => {
  const { id, title, signIn, standing, unattended, isEntered } = source;
  const isOpen = signIn !== undefined;
  const signInOut = [
    choice(isOpen && !isEntered ? "Open the sign-in page" : signInLabel(source), {
      kind: "sign-in",
      source: id,
    }),
    ...(isOpen
      ? [
          choice(isEntered ? "Cancel" : "Cancel the sign-in", {
            kind: "cancel-sign-in",
            source: id,
          }),
        ]
      : []),
    ...(standing.kind === "signed-out"
      ? []
      : [choice(signOutLabel(source), { kind: "sign-out", source: id })]),
  ];
  const lines = [...(unattended ? [] : signInOut), ...commandLines(source.offers)];
  return { kind: "submenu", label: `${title} · ${sourceLine(source, now)}`, lines };
};

const commandLines = (offers: readonly OfferView[]): readonly Line[] => {
  const lines = [...offers].sort(byAsking).map(({ target }) => {
    const name = target.slice(target.indexOf(":") + 1);
    return choice(name, { kind: "copy", text: commandOf(target) });
  });
  const [only] = lines;
  if (only?.kind === "choice" && lines.length === 1) {
    return [{ ...only, label: `Copy command for ${only.label}` }];
  }
  return lines.length === 0 ? [] : [{ kind: "submenu", label: "Copy command for", lines }];
};

/** The command that prints a target's credential, safe to paste into a shell. */
export const commandOf = (target: string): string => {
  const at = target.indexOf(":");
  const name = target.slice(at + 1);
  const word = /^[\w.@+%:/-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
  return `evercred ${verbs[target.slice(0, at)] ?? "aws export --profile"} ${word}`;
};

/** The verb that prints what a target of a kind names, but for AWS. */
const verbs: Readonly<Partial<Record<string, string>>> = {
  gcp: "gcp token --account",
  "api-key": "api-key",
};

const byAsking = (a: OfferView, b: OfferView): number => (b.askedAt ?? 0) - (a.askedAt ?? 0);

const lastUse = ({ offers }: SourceView): number =>
  Math.max(0, ...offers.map(({ askedAt }) => askedAt ?? 0));

/** Those in use first; else as they come. */
const byUse = (a: SourceView, b: SourceView): number => lastUse(b) - lastUse(a);
