import type { JSX } from "preact";
import { isKey, signInLabel, signOutLabel } from "../electron/protocol/labels.ts";
import type { OfferView, SourceView, Trouble } from "../electron/protocol/view.ts";
import { Mark, shapeOf } from "./mark.tsx";
import { TroubleNote } from "./trouble.tsx";
import {
  agoLine,
  factsOf,
  nameOf,
  offerLine,
  offersTitle,
  stateLine,
  usedOffers,
} from "./words.ts";

/** So many roles in use are named on the card; the details have all of them. */
const atMost = 3;

export interface SourceCardProps {
  readonly source: SourceView;
  readonly now: number;
  /** What came of the last thing that the reader did here, where it went wrong. */
  readonly notice: Trouble | undefined;
  readonly onSignIn: () => void;
  readonly onSignOut: () => void;
  readonly onAddProfile: () => void;
}

/** One source: what it is, until when nobody is needed, who uses it. */
export const SourceCard = (props: SourceCardProps): JSX.Element => {
  const { source, now, notice, onSignIn, onSignOut, onAddProfile } = props;
  const { id, title, organisation, standing } = source;
  const signedOut = standing.kind === "signed-out";
  const used = usedOffers(source);
  return (
    <li class="card">
      <header>
        <Mark shape={shapeOf(source)} />
        <div class="naming">
          <h3 id={`source-${id}`}>{title}</h3>
          <p class="host">{organisation}</p>
          {source.account !== undefined && <p class="host">{source.account}</p>}
        </div>
      </header>
      <p class="state">{stateLine(source, now)}</p>
      {standing.kind === "failing" && <TroubleNote {...standing.trouble} />}
      {notice !== undefined && (
        <div role="alert">
          <TroubleNote {...notice} />
        </div>
      )}
      {used.length > 0 && (
        <ul class="uses" aria-label="In use">
          {used.slice(0, atMost).map((offer) => (
            <Use key={offer.target} offer={offer} now={now} />
          ))}
          {used.length > atMost && (
            <li class="muted">{`and ${String(used.length - atMost)} more`}</li>
          )}
        </ul>
      )}
      <div class="buttons">
        {!source.unattended && (
          <button type="button" aria-describedby={`source-${id}`} onClick={onSignIn}>
            {signInLabel(source)}
          </button>
        )}
        {source.hasDirectory && standing.kind === "active" && (
          <button type="button" aria-describedby={`source-${id}`} onClick={onAddProfile}>
            Add profile…
          </button>
        )}
        {!signedOut && !source.unattended && (
          <button type="button" class="quiet" aria-describedby={`source-${id}`} onClick={onSignOut}>
            {signOutLabel(source)}
          </button>
        )}
      </div>
      <Details source={source} now={now} />
    </li>
  );
};

const Use = ({ offer, now }: { readonly offer: OfferView; readonly now: number }): JSX.Element => (
  <li>
    {isKey(offer.target) && "key "}
    <span class="target">{nameOf(offer)}</span>{" "}
    <span class="muted">{offer.askedAt === undefined ? "" : agoLine(offer.askedAt, now)}</span>
  </li>
);

const Details = ({
  source,
  now,
}: {
  readonly source: SourceView;
  readonly now: number;
}): JSX.Element => (
  <details>
    <summary>Details</summary>
    <dl>
      {factsOf(source, now).map(({ term, text }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
    <ul class="offers" aria-label={offersTitle(source)}>
      {source.offers.map((offer) => (
        <li key={offer.target}>
          {isKey(offer.target) && "key "}
          <span class="target">{nameOf(offer)}</span> <span>{offer.title}</span>
          <br />
          <span class="muted">{offerLine(offer, now)}</span>
          {offer.refused !== undefined && <TroubleNote {...offer.refused} />}
        </li>
      ))}
    </ul>
    {source.offers.length === 0 && <p class="muted">No profile or key uses this yet.</p>}
  </details>
);
