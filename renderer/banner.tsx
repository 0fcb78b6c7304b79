import type { JSX } from "preact";
import type { Hint } from "../electron/protocol/hints.ts";
import type { Picture } from "../electron/protocol/picture.ts";
import { isGrave } from "../electron/protocol/update-view.ts";
import { evercred } from "./bridge.ts";
import { TroubleNote } from "./trouble.tsx";
import { updateWords } from "./update-words.ts";
import { useCall } from "./use-call.ts";
import { useWords } from "./words-context.ts";

/**
 * The one thing that is said above all else: the gravest problem; else that there is no tray, until it has been
 * understood; an update; a clock that is wrong; another hint.
 */
export const Banner = ({ picture }: { readonly picture: Picture }): JSX.Element | null => {
  const [problem] = picture.problems;
  const hint = hintOf(picture);
  if (problem !== undefined && problem.code !== "clock-wrong") return <Problem picture={picture} />;
  if (hint === "no-tray") return <HintNote hint={hint} />;
  if (isWorthSaying(picture)) return <UpdateNote picture={picture} />;
  if (problem !== undefined) return <Problem picture={picture} />;
  return hint === undefined ? null : <HintNote hint={hint} />;
};

/** Whether somebody should know of the update who has not looked for it. */
const isWorthSaying = ({ update }: Pick<Picture, "update">): boolean =>
  ["found", "ready", "installed"].includes(update.kind) ||
  (update.kind === "failed" && isGrave(update));

const UpdateNote = ({
  picture: { update, at },
}: {
  readonly picture: Pick<Picture, "update" | "at">;
}): JSX.Element => {
  const words = useWords();
  const { home, updates } = words.texts;
  const { busy, trouble, run } = useCall();
  const { sentence, remedy } = updateWords(update, at, words);
  return (
    <section class="banner" aria-label={update.kind === "failed" ? home.problem : home.hint}>
      <p>
        {sentence} <span class="remedy">{remedy}</span>
      </p>
      {update.kind === "ready" && (
        <button type="button" disabled={busy} onClick={() => run(evercred.installUpdate())}>
          {updates.install}
        </button>
      )}
      {trouble !== undefined && (
        <div role="alert">
          <TroubleNote {...trouble} />
        </div>
      )}
    </section>
  );
};

/** The gravest problem, where there is one. */
export const Problem = ({
  picture,
}: {
  readonly picture: Pick<Picture, "problems">;
}): JSX.Element | null => {
  const { home } = useWords().texts;
  const [problem] = picture.problems;
  return problem === undefined ? null : (
    <section class="banner" aria-label={home.problem}>
      <TroubleNote {...problem} />
    </section>
  );
};

const HintNote = ({ hint }: { readonly hint: Hint }): JSX.Element => {
  const { home } = useWords().texts;
  const [sentence, remedy] =
    hint === "no-tray"
      ? [home.noTray, home.noTrayRemedy]
      : [home.noNotifications, home.noNotificationsRemedy];
  return (
    <section class="banner" aria-label={home.hint}>
      <p>
        {sentence} <span class="remedy">{remedy}</span>
      </p>
      <button
        type="button"
        onClick={() => {
          void evercred.dismissHint(hint);
        }}
      >
        {home.understood}
      </button>
    </section>
  );
};

/** What of this desktop a person should know, and has not been told yet. */
export const hintOf = ({
  desk,
  dismissed,
}: Pick<Picture, "desk" | "dismissed">): Hint | undefined => {
  const isNew = (hint: Hint): boolean => !dismissed.includes(hint);
  if (desk.tray === "absent" && isNew("no-tray")) return "no-tray";
  return !desk.notifies && isNew("no-notifications") ? "no-notifications" : undefined;
};
