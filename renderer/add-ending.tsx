import type { JSX } from "preact";
import type { Trouble } from "../electron/protocol/view.ts";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

export interface AddEndingProps {
  /** Whether all is there that is needed. */
  readonly ready: boolean;
  readonly busy: boolean;
  readonly trouble: Trouble | undefined;
  readonly onCancel: () => void;
}

/** How a form ends that adds something: what went wrong, and the two ways on. */
export const AddEnding = ({ ready, busy, trouble, onCancel }: AddEndingProps): JSX.Element => {
  const { addOrganisation, labels } = useWords().texts;
  return (
    <>
      {trouble !== undefined && (
        <div role="alert">
          <TroubleNote {...trouble} />
        </div>
      )}
      <div class="buttons stacked">
        <button type="submit" class="primary" disabled={!ready || busy}>
          {busy ? addOrganisation.adding : addOrganisation.add}
        </button>
        <button type="button" class="quiet" onClick={onCancel}>
          {labels.cancel}
        </button>
      </div>
    </>
  );
};
