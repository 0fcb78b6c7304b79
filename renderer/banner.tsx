import type { JSX } from "preact";
import type { Hint } from "../electron/protocol/hints.ts";
import type { Picture } from "../electron/protocol/picture.ts";
import { evercred } from "./bridge.ts";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

/** The one thing that is said above all else: the gravest problem; else a hint, until it has been understood. */
export const Banner = ({ picture }: { readonly picture: Picture }): JSX.Element | null => {
  if (picture.problems.length > 0) return <Problem picture={picture} />;
  const hint = hintOf(picture);
  return hint === undefined ? null : <HintNote hint={hint} />;
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
