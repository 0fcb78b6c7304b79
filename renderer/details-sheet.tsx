import type { JSX } from "preact";
import { isKey } from "../electron/protocol/labels.ts";
import type { OfferView, SourceView, Trouble } from "../electron/protocol/view.ts";
import { ConsoleNote } from "./console-note.tsx";
import { useGrowing } from "./pages/use-growing.ts";
import { Sheet } from "./sheet.tsx";
import { isForConsole } from "./source-actions.ts";
import { TroubleNote } from "./trouble.tsx";
import type { Deeds } from "./use-deeds.ts";
import { factsOf, nameOf, offerLine, offersTitle } from "./words.ts";
import { useWords } from "./words-context.ts";

export interface DetailsSheetProps {
  readonly source: SourceView;
  readonly now: number;
  readonly deeds: Pick<Deeds, "copyCommand" | "openConsole" | "opening" | "stopConsole">;
  readonly onClose: () => void;
}

/** All that is known of one source, and of each name under which it hands out something. */
export const DetailsSheet = (props: DetailsSheetProps): JSX.Element => {
  const { source, now, onClose } = props;
  const words = useWords();
  const { card } = words.texts;
  const trouble = troubleOf(source);
  const facts = [
    { term: card.place, text: source.organisation },
    ...factsOf(source, now, words),
    { term: card.command, text: source.signInCommand },
  ];
  return (
    <Sheet title={source.title} id="details" onCancel={onClose}>
      <dl class="facts">
        {facts.map(({ term, text }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{term === card.command ? <code>{text}</code> : text}</dd>
          </div>
        ))}
      </dl>
      {trouble !== undefined && (
        <section>
          <h3>{card.lastProblem}</h3>
          <TroubleNote {...trouble} />
        </section>
      )}
      <section>
        <h3 id="offers">{offersTitle(source, words)}</h3>
        {source.offers.length === 0 ? <p class="muted">{card.noOffers}</p> : <Offers {...props} />}
      </section>
      <div class="buttons at-hand">
        <button type="button" class="primary" autofocus onClick={onClose}>
          {card.close}
        </button>
      </div>
    </Sheet>
  );
};

/** All of them, but as many as are looked at: there may be thousands. */
const Offers = (props: DetailsSheetProps): JSX.Element => {
  const { offers } = props.source;
  const [most, end] = useGrowing(offers.length);
  return (
    <>
      <ul class="offers" aria-labelledby="offers">
        {offers.slice(0, most).map((offer) => (
          <Offer key={offer.target} {...props} offer={offer} />
        ))}
      </ul>
      <div ref={end} />
    </>
  );
};

const Offer = (props: DetailsSheetProps & { readonly offer: OfferView }): JSX.Element => {
  const { source, now, deeds, offer } = props;
  const words = useWords();
  const { card, menu } = words.texts;
  const name = nameOf(offer);
  const isOpening = deeds.opening.get(source.id) === offer.target;
  return (
    <li>
      <p>
        {isKey(offer.target) && `${card.key} `}
        <span class="target">{name}</span> <span class="muted">{offer.title}</span>
      </p>
      <p class="muted">{offerLine(offer, now, words)}</p>
      {offer.refused !== undefined && <TroubleNote {...offer.refused} />}
      <div class="buttons">
        <button
          type="button"
          class="small"
          aria-label={menu.copyCommandForOne({ name })}
          onClick={() => {
            deeds.copyCommand(source.id, offer.target);
          }}
        >
          {card.copyCommand}
        </button>
        {source.standing.kind === "active" && isForConsole(offer) && (
          <button
            type="button"
            class="small"
            aria-label={card.openConsoleFor({ name })}
            disabled={isOpening}
            onClick={() => {
              deeds.openConsole(source.id, offer.target);
            }}
          >
            {card.openConsole}
          </button>
        )}
      </div>
      {isOpening && (
        <ConsoleNote
          onStop={() => {
            deeds.stopConsole(source.id);
          }}
        />
      )}
    </li>
  );
};

/** What went wrong last, where that still counts. */
const troubleOf = ({ standing, signInEnd }: SourceView): Trouble | undefined =>
  (standing.kind === "active" ? undefined : standing.trouble) ?? signInEnd?.trouble;
