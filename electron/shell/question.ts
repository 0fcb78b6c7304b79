import { questionLine } from "../protocol/gate-words.ts";
import type { QuestionView } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";

/** A question that a notification is about, and what it says. */
export interface Noticed {
  readonly question: string;
  readonly title: string;
  readonly body: string;
}

/**
 * The one question to call for attention for, where `noticed` is what is called for now: that one for as long as it is
 * open, then the oldest that is not to be shown quietly.
 */
export const noticeOf = (
  questions: readonly QuestionView[],
  noticed: Noticed | undefined,
  words: Words,
): Noticed | undefined => {
  const isOpen = questions.some(({ id }) => id === noticed?.question);
  if (isOpen) return noticed;
  const next = questions.find(({ isQuiet }) => !isQuiet);
  if (next === undefined) return undefined;
  const { notices } = words.texts;
  return {
    question: next.id,
    title: questionLine(next, words),
    body: next.path === undefined ? notices.question : notices.questionFrom({ path: next.path }),
  };
};
