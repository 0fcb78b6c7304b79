import type { JSX } from "preact";
import { Sheet } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

/** What can be added. */
export type AddWhat = "organisation" | "google" | "company" | "key";

export interface AddChoiceProps {
  readonly onChoose: (what: AddWhat) => void;
  readonly onCancel: () => void;
}

/** Which of them it is to be. */
export const AddChoice = ({ onChoose, onCancel }: AddChoiceProps): JSX.Element => {
  const { add, labels } = useWords().texts;
  const choices: readonly (readonly [AddWhat, string, string])[] = [
    ["organisation", add.organisation, add.organisationHint],
    ["google", add.google, add.googleHint],
    ["company", add.company, add.companyHint],
    ["key", add.key, add.keyHint],
  ];
  return (
    <Sheet title={add.what} onCancel={onCancel}>
      <div class="buttons stacked">
        {choices.map(([what, title, hint], index) => (
          <button
            key={what}
            type="button"
            class="tall"
            autofocus={index === 0}
            onClick={() => onChoose(what)}
          >
            <span>{title}</span>
            <span class="muted">{hint}</span>
          </button>
        ))}
        <button type="button" class="quiet" onClick={onCancel}>
          {labels.cancel}
        </button>
      </div>
    </Sheet>
  );
};
