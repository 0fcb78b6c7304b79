import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { BrowserView } from "../electron/protocol/browser-view.ts";
import type { Picture } from "../electron/protocol/picture.ts";
import type { SettingValue } from "../electron/protocol/settings-view.ts";
import type { Trouble } from "../electron/protocol/view.ts";
import { linesOf } from "./pages/setting-controls.tsx";
import { SettingNotes } from "./pages/setting-notes.tsx";
import { focus } from "./sheet.tsx";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

export interface BrowserFormProps {
  readonly browser: BrowserView;
  readonly picture: Pick<Picture, "settings" | "organization">;
  readonly isBusy: boolean;
  /** Why it cannot be so. */
  readonly trouble: Trouble | undefined;
  /** An empty command is none of its own. */
  readonly onSave: (command: readonly string[]) => void;
  readonly onClose: () => void;
}

/** The command that opens one source's sign-in pages, a word a line; locked where an organisation has set it. */
export const BrowserForm = (props: BrowserFormProps): JSX.Element => {
  const { browser, picture, isBusy, trouble, onSave, onClose } = props;
  const { isLocked, setBy } = browser;
  const { texts } = useWords();
  const usual = picture.settings.settings["signIn.browser"];
  const usualCommand = isList(usual.value) ? usual.value : [];
  // Where it may have none of its own, what opens all others opens its pages, too.
  const shown = browser.command ?? (isLocked ? usualCommand : []);
  const [typed, setTyped] = useState(shown.join("\n"));
  return (
    <form
      class="form"
      aria-busy={isBusy}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(linesOf(typed));
      }}
    >
      <label for="browser-command">{texts.browser.command}</label>
      <textarea
        id="browser-command"
        rows={4}
        ref={focus}
        value={typed}
        readOnly={isLocked}
        autocomplete="off"
        spellcheck={false}
        aria-describedby="browser-notes"
        onInput={(event) => {
          setTyped(event.currentTarget.value);
        }}
      />
      <div id="browser-notes" class="muted">
        <p>{texts.settings.hints["signIn.browser"]}</p>
        {!isLocked && (
          <p>
            {usualCommand.length === 0
              ? texts.browser.emptySystem
              : texts.browser.emptyUsual({ command: usualCommand.join(" ") })}
          </p>
        )}
        <SettingNotes
          setting={{ value: browser.command, setBy, isLocked, variables: usual.variables }}
          who={picture.organization?.name ?? texts.settings.yourOrganisation}
        />
      </div>
      <div role="alert">{trouble !== undefined && <TroubleNote {...trouble} />}</div>
      <div class="buttons">
        {!isLocked && (
          <button type="submit" class="primary" disabled={isBusy}>
            {texts.browser.save}
          </button>
        )}
        <button type="button" onClick={onClose}>
          {isLocked ? texts.card.close : texts.labels.cancel}
        </button>
      </div>
    </form>
  );
};

const isList = (value: SettingValue | undefined): value is readonly string[] =>
  Array.isArray(value);
