import type { JSX } from "preact";
import type { SettingView } from "../../electron/protocol/settings-view.ts";
import { useWords } from "../words-context.ts";

/** Who has set it, where that is nobody who reads this; and what else counts. */
export const SettingNotes = ({
  setting: { setBy, isLocked, variables },
  who,
}: {
  readonly setting: SettingView;
  readonly who: string;
}): JSX.Element => {
  const { texts } = useWords();
  return (
    <>
      {isLocked && (
        <p class="locked">
          <Lock /> {texts.settings.setBy({ who })}
        </p>
      )}
      {!isLocked && setBy === "policy-default" && <p>{texts.settings.usualBy({ who })}</p>}
      {variables.length > 0 && <p>{texts.settings.alsoCounts({ names: variables.join(", ") })}</p>}
    </>
  );
};

const Lock = (): JSX.Element => (
  <svg class="lock" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2h.5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1zm1.5 0h4V5a2 2 0 0 0-4 0z" />
  </svg>
);
