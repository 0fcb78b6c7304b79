import type { JSX } from "preact";
import { shapeOf } from "../electron/protocol/headline.ts";
import { isKey, signInLabel } from "../electron/protocol/labels.ts";
import { agoLine } from "../electron/protocol/times.ts";
import type { ActivityView, OfferView, SourceView, Trouble } from "../electron/protocol/view.ts";
import type { Aside } from "./aside.ts";
import { ConsoleNote } from "./console-note.tsx";
import { Mark } from "./mark.tsx";
import { MenuButton } from "./menu-button.tsx";
import { actionsAt } from "./source-actions.ts";
import { Spinner } from "./spinner.tsx";
import { TroubleNote } from "./trouble.tsx";
import type { Deeds } from "./use-deeds.ts";
import { listLine, programsOf } from "./users.ts";
import { nameOf, stateLine, usedOffers } from "./words.ts";
import { useWords } from "./words-context.ts";

/** So many roles in use are named on the card; the details have all of them. */
const atMost = 3;

export interface SourceCardProps {
  readonly source: SourceView;
  readonly now: number;
  /** What was handed out last. */
  readonly activity: readonly ActivityView[];
  /** What came of the last thing that the reader did here, where it went wrong. */
  readonly notice: Trouble | undefined;
  /** Whether something that the reader did here has not come to its end. */
  readonly isBusy: boolean;
  /** Whether the page asks for its sign-in already, above all cards. */
  readonly isAsked: boolean;
  /** The target whose console is being opened. */
  readonly opening: string | undefined;
  readonly deeds: Pick<Deeds, "signIn" | "signOut" | "copyCommand" | "openConsole" | "stopConsole">;
  readonly onOpen: (aside: Aside) => void;
}

/** One source: what it is, until when nobody is needed, who uses it, and what can be done about it. */
export const SourceCard = (props: SourceCardProps): JSX.Element => {
  const { source, now, notice, isBusy, isAsked, opening, deeds } = props;
  const { id, title, standing } = source;
  const words = useWords();
  const { texts } = words;
  return (
    <li class="card source" aria-busy={isBusy}>
      <header>
        <Mark shape={shapeOf(source)} />
        <div class="naming">
          <h3 id={`source-${id}`}>{title}</h3>
          <p class="host">
            <span>{source.organisation}</span>
            {source.account !== undefined && <span>{source.account}</span>}
          </p>
        </div>
        {isBusy && opening === undefined && <Spinner />}
        <MenuButton
          id={`menu-${id}`}
          label={texts.card.actions({ title })}
          items={actionsAt(props, words)}
        />
      </header>
      <p class="state">{stateLine(source, now, words)}</p>
      {standing.kind === "failing" && <TroubleNote {...standing.trouble} />}
      {opening !== undefined && (
        <ConsoleNote
          onStop={() => {
            deeds.stopConsole(id);
          }}
        />
      )}
      {notice !== undefined && (
        <div role="alert">
          <TroubleNote {...notice} />
        </div>
      )}
      <Uses {...props} />
      {standing.kind === "signed-out" && !source.unattended && !isAsked && (
        <div class="buttons">
          <button
            type="button"
            aria-describedby={`source-${id}`}
            disabled={isBusy}
            onClick={() => {
              deeds.signIn(id);
            }}
          >
            {signInLabel(source, words)}
          </button>
        </div>
      )}
    </li>
  );
};

const Uses = ({ source, now, activity }: SourceCardProps): JSX.Element | null => {
  const { card } = useWords().texts;
  const used = usedOffers(source);
  if (used.length === 0) return null;
  return (
    <ul class="uses" aria-label={card.inUse}>
      {used.slice(0, atMost).map((offer) => (
        <Use key={offer.target} offer={offer} programs={programsOf(offer, activity)} now={now} />
      ))}
      {used.length > atMost && <li class="muted">{card.more({ count: used.length - atMost })}</li>}
    </ul>
  );
};

interface UseProps {
  readonly offer: OfferView;
  readonly programs: readonly string[];
  readonly now: number;
}

const Use = ({ offer, programs, now }: UseProps): JSX.Element => {
  const words = useWords();
  const { card } = words.texts;
  const ago = offer.askedAt === undefined ? "" : agoLine(offer.askedAt, now, words);
  return (
    <li>
      <span>
        {isKey(offer.target) && `${card.key} `}
        <span class="target">{nameOf(offer)}</span>
      </span>
      <span class="muted">
        {programs.length === 0 ? ago : card.usedBy({ programs: listLine(programs, words), ago })}
      </span>
    </li>
  );
};
