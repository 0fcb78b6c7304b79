import type { JSX } from "preact";
import type { SourceView } from "../electron/protocol/view.ts";
import { Sheet } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface ForgetSheetProps {
  readonly source: Pick<SourceView, "title">;
  readonly onForget: () => void;
  readonly onClose: () => void;
}

/** Asks once more before a key is forgotten: nobody can bring it back but who knows it. */
export const ForgetSheet = ({ source, onForget, onClose }: ForgetSheetProps): JSX.Element => {
  const { card, labels } = useWords().texts;
  return (
    <Sheet title={card.forgetTitle(source)} id="forget" onCancel={onClose}>
      <p>{card.forgetWarning}</p>
      <div class="buttons">
        <button type="button" class="danger" onClick={onForget}>
          {labels.forgetKey}
        </button>
        <button type="button" autofocus onClick={onClose}>
          {labels.cancel}
        </button>
      </div>
    </Sheet>
  );
};
