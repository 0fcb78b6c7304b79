import type { JSX } from "preact";
import type { SourceView } from "../electron/protocol/view.ts";
import type { HomeProps } from "./home.tsx";
import { SourceCard, type SourceCardProps } from "./source-card.tsx";
import { Still } from "./still.ts";
import { useGrowing } from "./use-growing.ts";
import { useWords } from "./words-context.ts";

/** Times on a card are as old as this at most, in milliseconds. */
const staleMs = 30_000;

interface CardsProps extends HomeProps {
  readonly name: "sources" | "keys";
  readonly sources: readonly SourceView[];
  /** The source that the page asks for, above all cards. */
  readonly asked: string | undefined;
}

/** The cards of some sources under a title. */
export const Cards = (props: CardsProps): JSX.Element | null => {
  const { name, sources, now, picture, deeds, onOpen } = props;
  const words = useWords();
  const shown = useGrowing(sources.length);
  const title = words.texts.home[name];
  if (sources.length === 0) return null;
  return (
    <section aria-labelledby={name}>
      <header class="over">
        <h2 id={name}>{title}</h2>
        {name === "keys" && (
          <button
            type="button"
            class="quiet small"
            onClick={() => {
              onOpen({ kind: "add", what: "key" });
            }}
          >
            {words.texts.home.add}
          </button>
        )}
      </header>
      <ul class="cards">
        {sources.slice(0, shown).map((source) => {
          const { id, offers } = source;
          const card: SourceCardProps = {
            source,
            now,
            activity: picture.activity.filter(({ subject }) =>
              offers.some(({ target }) => target === subject),
            ),
            notice: deeds.notices.get(id),
            isBusy: deeds.busy.has(id),
            isAsked: props.asked === id,
            opening: deeds.opening.get(id),
            deeds,
            onOpen,
          };
          return (
            <Still key={id} of={keyOf(card, words.locale)}>
              <SourceCard {...card} />
            </Still>
          );
        })}
      </ul>
    </section>
  );
};

/** All that a card shows, as text. What can be done on it stays the same. */
const keyOf = (card: SourceCardProps, locale: string | undefined): string =>
  JSON.stringify({ ...card, deeds: undefined, locale, now: Math.floor(card.now / staleMs) });
