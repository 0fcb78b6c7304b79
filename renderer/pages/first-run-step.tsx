import type { ComponentChildren, JSX } from "preact";
import { Mark } from "../mark.tsx";
import { useWords } from "../words-context.ts";

export interface FirstRunStepProps {
  readonly number: number;
  readonly title: string;
  readonly isDone: boolean;
  readonly isCurrent: boolean;
  readonly children: ComponentChildren;
}

/** One step: its number, or a mark once it is done. */
export const FirstRunStep = (props: FirstRunStepProps): JSX.Element => {
  const { number, title, isDone, isCurrent, children } = props;
  const { firstRun } = useWords().texts;
  return (
    <li class="card step" aria-current={isCurrent ? "step" : undefined}>
      <header>
        {isDone ? <Mark shape="signed-in" /> : <span class="number">{number}</span>}
        <h2>{title}</h2>
        {isDone && <span class="heard">{firstRun.stepDone}</span>}
      </header>
      {children}
    </li>
  );
};
