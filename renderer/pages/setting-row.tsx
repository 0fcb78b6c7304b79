import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Reply } from "../../electron/protocol/ipc.ts";
import {
  type SettingName,
  settingTable,
  type SettingValue,
  type SettingView,
} from "../../electron/protocol/settings-view.ts";
import type { Trouble } from "../../electron/protocol/view.ts";
import { TroubleNote } from "../trouble.tsx";
import { useWords } from "../words-context.ts";
import { SettingControl } from "./setting-control.tsx";
import { SettingNotes } from "./setting-notes.tsx";
import { useDraft } from "./use-typed.ts";

export interface SettingRowProps {
  readonly name: SettingName;
  readonly setting: SettingView;
  /** The organisation that may have set it, as people call it. */
  readonly who: string;
  readonly onSet: (value: SettingValue) => Promise<Reply<void>>;
  readonly onUnset: () => Promise<Reply<void>>;
}

/** One setting: its name, its control, who has set it, and what was wrong with the last change. */
export const SettingRow = ({
  name,
  setting,
  who,
  onSet,
  onUnset,
}: SettingRowProps): JSX.Element => {
  const { texts } = useWords();
  const [trouble, setTrouble] = useState<Trouble>();
  // What has been chosen stands there at once, until the picture has it too. What is typed stays in its field.
  const [pending, setPending] = useDraft<SettingValue>(
    JSON.stringify([setting.value, setting.setBy]),
  );
  // A field that is taken back forgets what was typed.
  const [turn, setTurn] = useState(0);
  const { kind } = settingTable[name];
  const id = `setting-${name.replaceAll(".", "-")}`;

  const run = async (value: SettingValue | undefined): Promise<void> => {
    setTrouble(undefined);
    if (value === undefined) setTurn(turn + 1);
    else if (kind === "choice" || kind === "switch") setPending(value);
    const reply = await (value === undefined ? onUnset() : onSet(value));
    if (reply.kind === "done") return;
    setPending(undefined);
    setTrouble(reply.trouble);
  };

  const hint = texts.settings.hints[name];
  return (
    <li class={`setting ${kind}`}>
      <div class="naming">
        {kind === "certificate" ? (
          <span id={`${id}-name`}>{texts.settings.names[name]}</span>
        ) : (
          <label for={id}>{texts.settings.names[name]}</label>
        )}
        <div class="muted" id={`${id}-notes`}>
          {hint !== "" && <p>{hint}</p>}
          <SettingNotes setting={setting} who={who} />
        </div>
      </div>
      <SettingControl
        key={turn}
        id={id}
        name={name}
        value={pending ?? setting.value}
        isLocked={setting.isLocked}
        describedBy={`${id}-notes`}
        onSet={(value) => void run(value)}
      />
      {setting.setBy === "config" && !setting.isLocked && (
        <button
          type="button"
          class="quiet undo"
          aria-label={`${texts.settings.useDefault}: ${texts.settings.names[name]}`}
          onClick={() => void run(undefined)}
        >
          {texts.settings.useDefault}
        </button>
      )}
      <div role="alert" class="wrong">
        {trouble !== undefined && <TroubleNote {...trouble} />}
      </div>
    </li>
  );
};
