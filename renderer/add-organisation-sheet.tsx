import type { JSX } from "preact";
import type { Trouble } from "../electron/protocol/view.ts";
import { AddEnding } from "./add-ending.tsx";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";

export interface AddOrganisationSheetProps {
  readonly busy: boolean;
  readonly trouble: Trouble | undefined;
  readonly onAdd: (startUrl: string, region: string) => void;
  readonly onCancel: () => void;
}

/** Asks for the two things that the AWS configuration has to know of an organisation. */
export const AddOrganisationSheet = (props: AddOrganisationSheetProps): JSX.Element => {
  const { busy, trouble, onAdd, onCancel } = props;
  return (
    <Sheet title="Add an AWS organisation" onCancel={onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const { elements } = event.currentTarget;
          onAdd(textOf(elements, "start-url"), textOf(elements, "region"));
        }}
      >
        <label for="start-url">The address of its access portal</label>
        <input
          id="start-url"
          name="start-url"
          type="url"
          autofocus
          required
          placeholder="https://example.awsapps.com/start"
        />
        <label for="region">The region of its Identity Center</label>
        <input id="region" name="region" required placeholder="us-east-1" />
        <AddEnding ready busy={busy} trouble={trouble} onCancel={onCancel} />
      </form>
    </Sheet>
  );
};
