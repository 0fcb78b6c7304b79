import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { AnswerView, QuestionView } from "../electron/protocol/view.ts";
import { QuestionSheet } from "./question-sheet.tsx";

export interface QuestionProps {
  readonly question: QuestionView;
  readonly of: number;
  readonly onAnswer: (answer: AnswerView) => void;
}

/** How long a question is there before an answer counts, in milliseconds: it must not take what was meant for another. */
const noticeMs = 500;

/** One question, to be keyed by it. */
export const Question = ({ question, of, onAnswer }: QuestionProps): JSX.Element => {
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setReady(true);
    }, noticeMs);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return (
    <QuestionSheet
      question={question}
      place={{ number: 1, of }}
      isReady={isReady}
      onAnswer={onAnswer}
    />
  );
};
