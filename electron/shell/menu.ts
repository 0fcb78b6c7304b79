import { answersTo, questionLine } from "../protocol/gate-words.ts";
import { headlineOf, needsPerson } from "../protocol/headline.ts";
import { askLabel, asksLabel } from "../protocol/labels.ts";
import type { Picture } from "../protocol/picture.ts";
import { clockTime } from "../protocol/times.ts";
import type { QuestionView, SourceView, View } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";
import { choice, type Line, separator, shortened } from "./menu-line.ts";
import { quietLine } from "./menu-quiet.ts";
import { sourceMenu } from "./menu-source.ts";

/** What the tray shows of the picture. */
export type TrayView = Pick<Picture, keyof View | "desk" | "quietUntil">;

/** The tray's menu for a picture. */
export const menuOf = (view: TrayView, words: Words): readonly Line[] => {
  const { menu } = words.texts;
  const sources = shortened(
    [...view.sources].sort(byUse).map((source) => sourceMenu(source, view.at, words)),
    menu.more,
  );
  return [
    choice(trayLine(view, words), { kind: "open-window", page: "home" }),
    ...view.questions.map((question) => questionMenu(question, words)),
    ...needLines(
      view.sources.filter((source) => needsPerson(source) && !source.signIn),
      words,
    ),
    separator,
    ...sources,
    ...(sources.length === 0 ? [] : [separator, quietLine(view, words), separator]),
    choice(menu.open, { kind: "open-window" }),
    choice(menu.settings, { kind: "open-window", page: "settings" }),
    choice(menu.quit, { kind: "quit" }),
  ];
};

/** The tooltip, and the head of the menu. */
export const trayLine = (view: TrayView, words: Words): string => {
  const headline = headlineOf(view, words);
  if (view.quietUntil === undefined) return headline;
  const time = clockTime(view.quietUntil, view.at, words);
  return `${headline} · ${words.texts.menu.notAskingUntil({ time })}`;
};

const questionMenu = (question: QuestionView, words: Words): Line => ({
  kind: "submenu",
  label: questionLine(question, words),
  lines: [
    choice(words.texts.menu.lookAtIt, { kind: "open-window" }),
    separator,
    ...answersTo(question, words).map(([answer, label]) =>
      choice(label, { kind: "answer", question: question.id, answer }),
    ),
  ],
});

const needLines = (needy: readonly SourceView[], words: Words): readonly Line[] => {
  const lines = needy.map((source) =>
    choice(askLabel(source, words), { kind: "sign-in", source: source.id }),
  );
  if (lines.length < 2) return lines;
  const { more } = words.texts.menu;
  return [{ kind: "submenu", label: asksLabel(needy, words), lines: shortened(lines, more) }];
};

const lastUse = ({ offers }: SourceView): number =>
  Math.max(0, ...offers.map(({ askedAt }) => askedAt ?? 0));

/** Those in use first; else as they come. */
const byUse = (a: SourceView, b: SourceView): number => lastUse(b) - lastUse(a);
