import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DifferenceView } from "../../electron/protocol/first-run-view.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import type { Trouble } from "../../electron/protocol/view.ts";
import { evercred } from "../bridge.ts";
import { focus } from "../sheet.tsx";
import { TroubleNote } from "../trouble.tsx";
import { useCall } from "../use-call.ts";
import { useWords } from "../words-context.ts";
import { FirstRunStep } from "./first-run-step.tsx";

export interface FirstRunDesktopProps {
  readonly picture: Pick<Picture, "firstRun" | "organization" | "settings">;
  readonly isCurrent: boolean;
  readonly startsAtLogin: boolean;
  /** Whether an organisation has said whether the app starts at login. */
  readonly isLocked: boolean;
  readonly differences: readonly DifferenceView[];
  readonly trouble: Trouble | undefined;
  readonly busy: boolean;
  readonly onStartsAtLogin: (starts: boolean) => void;
  readonly onDone: () => void;
}

/** How it is to behave here, and what an organisation has said of that; then it is done. */
export const FirstRunDesktop = (props: FirstRunDesktopProps): JSX.Element => {
  const { picture, isCurrent, startsAtLogin, isLocked, differences, trouble, busy } = props;
  const { firstRun } = useWords().texts;
  const isAsking = picture.settings.settings["app.notifications"].value !== false;
  return (
    <FirstRunStep number={3} title={firstRun.desktop} isDone={false} isCurrent={isCurrent}>
      <label class="choice">
        <input
          type="checkbox"
          checked={startsAtLogin}
          disabled={isLocked}
          onChange={(event) => props.onStartsAtLogin(event.currentTarget.checked)}
        />
        {firstRun.startAtLogin}
      </label>
      <p class="muted">{isAsking ? firstRun.notificationsOn : firstRun.notificationsOff}</p>
      <SetBy {...picture} />
      {differences.length > 0 && (
        <section aria-labelledby="differences">
          <h3 id="differences">{firstRun.differences}</h3>
          <ul class="differences">
            {differences.map((difference) => (
              <Difference key={difference.sentence} {...difference} />
            ))}
          </ul>
        </section>
      )}
      {trouble !== undefined && (
        <div role="alert">
          <TroubleNote {...trouble} />
        </div>
      )}
      <div class="buttons">
        <button
          key={String(isCurrent)}
          type="button"
          class={isCurrent ? "primary" : "quiet"}
          ref={isCurrent ? focus : null}
          disabled={busy}
          aria-busy={busy}
          onClick={props.onDone}
        >
          {isCurrent ? firstRun.done : firstRun.later}
        </button>
      </div>
    </FirstRunStep>
  );
};

/** What an organisation has fixed. */
const SetBy = ({
  organization,
  firstRun: view,
}: Pick<Picture, "firstRun" | "organization">): JSX.Element | null => {
  const { firstRun } = useWords().texts;
  const forced = view?.forced ?? [];
  if (forced.length === 0) return null;
  const name = organization?.name;
  return (
    <details>
      <summary>
        {name === undefined ? firstRun.setByOrganisation : firstRun.setBy({ name })}
      </summary>
      <ul class="forced">
        {forced.map((path) => (
          <li key={path}>
            <code>{path}</code>
          </li>
        ))}
      </ul>
    </details>
  );
};

/** One thing that the user's terminals know and Evercred does not. */
const Difference = ({ sentence, remedy, canSave }: DifferenceView): JSX.Element => {
  const { firstRun } = useWords().texts;
  const [isSaved, setSaved] = useState(false);
  const call = useCall();
  return (
    <li>
      <p>{sentence}</p>
      {!canSave && <p class="remedy">{remedy}</p>}
      {call.trouble !== undefined && <TroubleNote {...call.trouble} />}
      {isSaved ? (
        <p role="status">{firstRun.saved}</p>
      ) : (
        canSave && (
          <div class="buttons">
            <button
              type="button"
              disabled={call.busy}
              onClick={() => call.run(evercred.saveDifference(sentence), () => setSaved(true))}
            >
              {firstRun.save}
            </button>
          </div>
        )
      )}
    </li>
  );
};
