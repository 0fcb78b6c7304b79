import type { JSX } from "preact";
import { AddEnding, type AddEndingProps } from "./add-ending.tsx";
import { AddName } from "./add-name.tsx";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface AddKeySheetProps extends Omit<AddEndingProps, "ready"> {
  readonly onAdd: (name: string, expiresAt: string) => void;
}

/** Asks for the name of a key; its secret is asked for afterwards. */
export const AddKeySheet = ({ onAdd, ...ending }: AddKeySheetProps): JSX.Element => {
  const { add } = useWords().texts;
  return (
    <Sheet title={add.key} onCancel={ending.onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const { elements } = event.currentTarget;
          onAdd(textOf(elements, "name"), textOf(elements, "expires-at"));
        }}
      >
        <AddName usual="gateway" />
        <label for="expires-at">{add.expiresAt}</label>
        <input id="expires-at" name="expires-at" type="date" />
        <AddEnding {...ending} ready />
      </form>
    </Sheet>
  );
};
