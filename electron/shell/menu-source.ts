import { sourceLine } from "../protocol/headline.ts";
import { signInLabel, signOutLabel } from "../protocol/labels.ts";
import { shown } from "../protocol/shown.ts";
import type { OfferView, SourceView } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";
import { type Choice, choice, type Line, shortened } from "./menu-line.ts";

/** What can be done with one source, under the line that says how it is. */
export const sourceMenu = (source: SourceView, now: number, words: Words): Line => ({
  kind: "submenu",
  label: `${source.title} · ${sourceLine(source, now, words)}`,
  lines: [
    ...(source.unattended ? [] : signInLines(source, words)),
    ...consoleLines(source, words),
    ...commandLines(source, words),
  ],
});

const signInLines = (source: SourceView, words: Words): readonly Line[] => {
  const { menu, labels } = words.texts;
  const { id, signIn, standing, isEntered } = source;
  const isOpen = signIn !== undefined;
  return [
    choice(isOpen && !isEntered ? menu.openPage : signInLabel(source, words), {
      kind: "sign-in",
      source: id,
    }),
    ...(isOpen
      ? [
          choice(isEntered ? labels.cancel : menu.cancelSignIn, {
            kind: "cancel-sign-in",
            source: id,
          }),
        ]
      : []),
    ...(standing.kind === "signed-out"
      ? []
      : [choice(signOutLabel(source, words), { kind: "sign-out", source: id })]),
  ];
};

/** The AWS console with each role that can be had just now. */
const consoleLines = ({ offers, standing }: SourceView, { texts }: Words): readonly Line[] => {
  const { menu } = texts;
  if (standing.kind === "signed-out") return [];
  const able = offers.filter(
    ({ target, refused }) => target.startsWith("aws:") && refused === undefined,
  );
  return gathered(
    byUse(able).map(({ target }) => {
      const profile = nameOf(target);
      return [shown(profile), { kind: "open-console", profile }];
    }),
    { all: menu.openConsole, one: menu.openConsoleOfOne, more: menu.more },
  );
};

const commandLines = ({ offers }: SourceView, { texts }: Words): readonly Line[] => {
  const { menu } = texts;
  return gathered(
    byUse(offers).map(({ target }) => [
      shown(nameOf(target)),
      { kind: "copy", text: commandOf(target) },
    ]),
    { all: menu.copyCommandFor, one: menu.copyCommandForOne, more: menu.more },
  );
};

/** A submenu of what can be chosen by these names; a single one needs none. */
const gathered = (
  named: readonly (readonly [name: string, what: Choice])[],
  labels: {
    readonly all: string;
    readonly one: (of: { readonly name: string }) => string;
    readonly more: (rest: { readonly count: number }) => string;
  },
): readonly Line[] => {
  const [first, ...others] = named;
  if (first === undefined) return [];
  if (others.length === 0) return [choice(labels.one({ name: first[0] }), first[1])];
  const lines = named.map(([name, what]) => choice(name, what));
  return [{ kind: "submenu", label: labels.all, lines: shortened(lines, labels.more) }];
};

/** The command that prints a target's credential, safe to paste into a shell. */
export const commandOf = (target: string): string => {
  const name = nameOf(target);
  const word = /^[\w.@+%:/-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
  return `evercred ${verbs[target.slice(0, target.indexOf(":"))] ?? "aws export --profile"} ${word}`;
};

/** The verb that prints what a target of a kind names, but for AWS. */
const verbs: Readonly<Partial<Record<string, string>>> = {
  gcp: "gcp token --account",
  "api-key": "api-key",
};

const nameOf = (target: string): string => target.slice(target.indexOf(":") + 1);

/** The last asked for first. */
const byUse = (offers: readonly OfferView[]): readonly OfferView[] =>
  [...offers].sort((a, b) => (b.askedAt ?? 0) - (a.askedAt ?? 0));
