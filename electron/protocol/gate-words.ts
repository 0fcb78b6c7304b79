import type { AuditEvent } from "../core/audit.ts";
import { codeWords } from "./trouble-words.ts";
import type { ActivityView, AnswerView, QuestionView } from "./view.ts";
import type { Words } from "./words.ts";

/** What a program wants, in one line: `claude wants aws:dev`. */
export const questionLine = ({ program, target }: QuestionView, { texts }: Words): string =>
  texts.gate.question({ program, target });

/** Several questions in one line. */
export const questionsLine = (
  questions: readonly QuestionView[],
  words: Words,
): string | undefined => {
  const [question] = questions;
  if (question === undefined) return undefined;
  const first = questionLine(question, words);
  const count = questions.length - 1;
  return count === 0 ? first : words.texts.gate.questions({ first, count });
};

/** All answers that there are. */
export const answers: readonly AnswerView[] = ["not now", "once", "today", "always", "never"];

const isAnswer = (text: string): text is AnswerView => answers.some((answer) => answer === text);

/** The answers that there are to a question, the least powerful first, by what they are called. */
export const answersTo = (
  { mayRemember }: QuestionView,
  { texts }: Words,
): readonly (readonly [AnswerView, string])[] =>
  (mayRemember ? answers : answers.slice(0, 2)).map((answer) => [
    answer,
    texts.gate.answers[answer],
  ]);

/** What has happened, as a part of a sentence that begins with who and ends with what: `claude was given aws:dev`. */
export const activityLine = (
  { event, program, subject, detail }: ActivityView,
  words: Words,
): string => {
  const { gate } = words.texts;
  if (program === undefined && event === "consent-on") return gate.consentOn;
  if (program === undefined && event === "consent-off") return gate.consentOff;
  // Whose answer was forgotten stands there; who has forgotten it does not matter.
  const who = (event === "consent-forgotten" ? detail : program) ?? gate.aProgram;
  const what = subject ?? gate.something;
  return gate.activity[event]({ who, what, because: because(event, detail, words) });
};

const because = (event: AuditEvent, detail: string | undefined, words: Words): string => {
  if (event === "consent") return said(detail, words);
  return detail === undefined ? "" : ` (${codeWords(detail, words)})`;
};

const said = (answer: string | undefined, { texts }: Words): string => {
  if (answer === undefined || answer === "nothing") return texts.gate.saidNothing;
  return isAnswer(answer) ? texts.gate.said[answer] : answer;
};
