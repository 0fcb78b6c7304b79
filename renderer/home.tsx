import type { JSX } from "preact";
import { needsPerson } from "../electron/protocol/headline.ts";
import { askLabel } from "../electron/protocol/labels.ts";
import type { Aside } from "./aside.ts";
import { Banner } from "./banner.tsx";
import { Cards } from "./cards.tsx";
import { ClaudeRow } from "./claude-row.tsx";
import { focusIfFree } from "./focus.ts";
import { Hero } from "./hero.tsx";
import type { PageProps } from "./pages/page.ts";
import { QuietNote } from "./quiet-note.tsx";
import type { Deeds } from "./use-deeds.ts";
import { isOneKey } from "./words.ts";
import { useWords } from "./words-context.ts";

export interface HomeProps extends Pick<PageProps, "picture" | "now"> {
  readonly deeds: Deeds;
  readonly onOpen: (aside: Aside) => void;
}

/** Everything at one glance: the gravest problem, whether work can go on, what to do, and the sources. */
export const Home = (props: HomeProps): JSX.Element => {
  const { picture, now, deeds, onOpen } = props;
  const words = useWords();
  const { home } = words.texts;
  const { sources, quietUntil } = picture;
  const needy = sources.find((source) => needsPerson(source) && source.signIn === undefined);
  const cards = { ...props, asked: needy?.id };
  return (
    <div class="home">
      <Banner picture={picture} />
      <Hero view={{ ...picture, at: now }} />
      {needy !== undefined && (
        <button
          type="button"
          class="primary"
          ref={deeds.busy.has(needy.id) ? null : focusIfFree}
          disabled={deeds.busy.has(needy.id)}
          onClick={() => {
            deeds.signIn(needy.id);
          }}
        >
          {askLabel(needy, words)}
        </button>
      )}
      {quietUntil !== undefined && <QuietNote until={quietUntil} now={now} />}
      {sources.length === 0 ? (
        <Nothing onOpen={onOpen} />
      ) : (
        <>
          <Cards {...cards} name="sources" sources={sources.filter((each) => !isOneKey(each))} />
          <Cards {...cards} name="keys" sources={sources.filter(isOneKey)} />
          <ClaudeRow claude={picture.claude} sources={sources} now={now} />
          <div class="foot">
            <button
              type="button"
              class="quiet"
              onClick={() => {
                onOpen({ kind: "add" });
              }}
            >
              {home.add}
            </button>
          </div>
        </>
      )}
    </div>
  );
};

const Nothing = ({ onOpen }: Pick<HomeProps, "onOpen">): JSX.Element => {
  const { home } = useWords().texts;
  return (
    <section class="card nothing">
      <p>{home.nothing}</p>
      <button
        type="button"
        class="primary"
        ref={focusIfFree}
        onClick={() => {
          onOpen({ kind: "add" });
        }}
      >
        {home.add}
      </button>
    </section>
  );
};
