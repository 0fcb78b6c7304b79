import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Trouble } from "../electron/protocol/view.ts";
import { AddEnding } from "./add-ending.tsx";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface AddOrganisationSheetProps {
  readonly busy: boolean;
  readonly trouble: Trouble | undefined;
  readonly onAdd: (startUrl: string, region: string) => void;
  readonly onCancel: () => void;
}

/** Asks for the two things that the AWS configuration has to know of an organisation; for one where that says both. */
export const AddOrganisationSheet = (props: AddOrganisationSheetProps): JSX.Element => {
  const { busy, trouble, onAdd, onCancel } = props;
  const { add, addOrganisation } = useWords().texts;
  const [known, setKnown] = useState<string>();
  return (
    <Sheet title={addOrganisation.title} onCancel={onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const { elements } = event.currentTarget;
          onAdd(textOf(elements, "start-url"), known ?? textOf(elements, "region"));
        }}
      >
        <label for="start-url">{addOrganisation.startUrl}</label>
        <input
          id="start-url"
          name="start-url"
          type="url"
          autofocus
          required
          placeholder="https://example.awsapps.com/start"
          onInput={(event) => setKnown(regionIn(event.currentTarget.value))}
        />
        {known === undefined ? (
          <>
            <label for="region">{addOrganisation.region}</label>
            <input id="region" name="region" required placeholder="us-east-1" />
          </>
        ) : (
          <p class="muted" role="status">
            {add.regionKnown({ region: known })}
          </p>
        )}
        <AddEnding ready busy={busy} trouble={trouble} onCancel={onCancel} />
      </form>
    </Sheet>
  );
};

/** The region that a portal's address names: `https://ssoins-0123.portal.eu-west-1.app.aws`. */
export const regionIn = (startUrl: string): string | undefined =>
  /^https:\/\/(?:[\w-]+\.)+([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(startUrl.trim())?.[1];
