import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { BrowserView } from "../electron/protocol/browser-view.ts";
import type { Picture } from "../electron/protocol/picture.ts";
import type { SourceView } from "../electron/protocol/view.ts";
import { evercred } from "./bridge.ts";
import { BrowserForm } from "./browser-form.tsx";
import { Sheet } from "./sheet.tsx";
import { TroubleNote } from "./trouble.tsx";
import { useCall } from "./use-call.ts";
import { useWords } from "./words-context.ts";

export interface BrowserSheetProps {
  readonly source: Pick<SourceView, "id" | "title">;
  readonly picture: Pick<Picture, "settings" | "organization">;
  readonly onClose: () => void;
}

/** Asks what opens the sign-in pages of one source. */
export const BrowserSheet = ({ source, picture, onClose }: BrowserSheetProps): JSX.Element => {
  const { id, title } = source;
  const { browser } = useWords().texts;
  const [now, setNow] = useState<BrowserView>();
  const reading = useCall();
  const saving = useCall();
  useEffect(() => {
    reading.run(evercred.browserOf(id), setNow);
  }, [id]);
  return (
    <Sheet title={browser.title({ title })} id="browser" onCancel={onClose}>
      {reading.trouble !== undefined && <TroubleNote {...reading.trouble} />}
      {now !== undefined && (
        <BrowserForm
          browser={now}
          picture={picture}
          isBusy={saving.busy}
          trouble={saving.trouble}
          onSave={(command) => saving.run(evercred.setBrowser(id, command), onClose)}
          onClose={onClose}
        />
      )}
    </Sheet>
  );
};
