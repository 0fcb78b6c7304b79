import type { JSX } from "preact";
import { answersTo } from "../electron/protocol/gate-words.ts";
import type { AnswerView, QuestionView } from "../electron/protocol/view.ts";
import { focus, Sheet } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface QuestionSheetProps {
  readonly question: QuestionView;
  /** Which of the open questions this is: one is shown at a time. */
  readonly place: { readonly number: number; readonly of: number };
  /** Whether an answer counts yet: not what somebody was typing when it came up. */
  readonly isReady: boolean;
  readonly onAnswer: (answer: AnswerView) => void;
}

/** A program wants something, over everything else. Escape and Enter say 'not now'. */
export const QuestionSheet = (props: QuestionSheetProps): JSX.Element => {
  const words = useWords();
  const { question: texts, labels } = words.texts;
  const { question, place, isReady, onAnswer } = props;
  const { program, path, parents, target, title, mayRemember } = question;
  return (
    <Sheet
      id="question"
      title={texts.title({ program, target })}
      onCancel={() => {
        if (isReady) onAnswer("not now");
      }}
    >
      {place.of > 1 && <p class="muted">{labels.place(place)}</p>}
      <dl class="asking">
        <Row term={texts.program} text={path ?? texts.unknownProgram} isPath={path !== undefined} />
        {parents.length > 0 && <Row term={texts.startedBy} text={parents.join(" ← ")} />}
        <Row term={texts.wants} text={title} />
      </dl>
      {!mayRemember && <p class="muted">{texts.notKept}</p>}
      <div class="buttons stacked">
        {answersTo(question, words).map(([answer, label], index) => (
          <button
            key={`${answer} ${String(isReady)}`}
            type="button"
            disabled={!isReady}
            ref={index === 0 && isReady ? focus : null}
            onClick={() => {
              onAnswer(answer);
            }}
          >
            {label}
          </button>
        ))}
      </div>
    </Sheet>
  );
};

const Row = (props: {
  readonly term: string;
  readonly text: string;
  readonly isPath?: boolean;
}): JSX.Element => (
  <div>
    <dt>{props.term}</dt>
    <dd class={props.isPath === true ? "target" : ""}>{props.text}</dd>
  </div>
);
