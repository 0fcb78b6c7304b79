import type { JSX } from "preact";
import { AddEnding, type AddEndingProps } from "./add-ending.tsx";
import { AddName } from "./add-name.tsx";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface AddCompanySheetProps extends Omit<AddEndingProps, "ready"> {
  readonly onAdd: (name: string, issuer: string, clientId: string) => void;
}

/** Asks for a company's identity provider, and for what Evercred is called there. */
export const AddCompanySheet = ({ onAdd, ...ending }: AddCompanySheetProps): JSX.Element => {
  const { add } = useWords().texts;
  return (
    <Sheet title={add.company} onCancel={ending.onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const { elements } = event.currentTarget;
          const field = (name: string): string => textOf(elements, name);
          onAdd(field("name"), field("issuer"), field("client-id"));
        }}
      >
        <label for="issuer">{add.issuer}</label>
        <input
          id="issuer"
          name="issuer"
          type="url"
          autofocus
          required
          placeholder="https://login.example.com/realms/dev"
        />
        <label for="client-id">{add.clientId}</label>
        <input id="client-id" name="client-id" required placeholder="evercred" />
        <AddName usual="company" />
        <AddEnding {...ending} ready />
      </form>
    </Sheet>
  );
};
