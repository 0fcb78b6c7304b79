import type { JSX } from "preact";
import { headlineOf, iconOf, needsPerson } from "../electron/protocol/headline.ts";
import { askLabel } from "../electron/protocol/labels.ts";
import type { SourceView, Trouble, View } from "../electron/protocol/view.ts";
import { Mark } from "./mark.tsx";
import { SourceCard } from "./source-card.tsx";
import { TroubleNote } from "./trouble.tsx";
import { isOneKey } from "./words.ts";

export interface HomeProps {
  readonly view: View;
  readonly now: number;
  readonly notices: ReadonlyMap<string, Trouble>;
  readonly onSignIn: (source: string) => void;
  readonly onSignOut: (source: string) => void;
  readonly onAddProfile: (source: string) => void;
  readonly onAddOrganisation: () => void;
}

/** Everything at one glance: the gravest problem, the headline, what to do, and the sources. */
export const Home = (props: HomeProps): JSX.Element => {
  const { view, now, onSignIn, onAddOrganisation } = props;
  const [problem] = view.problems;
  const needy = view.sources.find((source) => needsPerson(source) && source.signIn === undefined);
  return (
    <main>
      {problem !== undefined && (
        <section class="banner" aria-label="Problem">
          <TroubleNote {...problem} />
        </section>
      )}
      <h1 aria-live="polite">
        {view.sources.length > 0 && <Mark shape={iconOf(view)} />}
        <span>{headlineOf({ ...view, at: now })}</span>
      </h1>
      {needy !== undefined && (
        <button type="button" class="primary" autofocus onClick={() => onSignIn(needy.id)}>
          {askLabel(needy)}
        </button>
      )}
      {view.sources.length === 0 ? (
        <Nothing />
      ) : (
        <>
          <Cards
            {...props}
            title="Sources"
            sources={view.sources.filter((each) => !isOneKey(each))}
          />
          <Cards {...props} title="Keys" sources={view.sources.filter(isOneKey)} />
        </>
      )}
      <div class="buttons foot">
        <button
          type="button"
          class={view.sources.length === 0 ? "primary" : "quiet"}
          autofocus={view.sources.length === 0}
          onClick={onAddOrganisation}
        >
          Add an AWS organisation…
        </button>
      </div>
    </main>
  );
};

interface CardsProps extends HomeProps {
  readonly title: "Sources" | "Keys";
  readonly sources: readonly SourceView[];
}

const Cards = (props: CardsProps): JSX.Element | null => {
  const { title, sources, now, notices, onSignIn, onSignOut, onAddProfile } = props;
  if (sources.length === 0) return null;
  return (
    <section aria-labelledby={title}>
      <h2 id={title}>{title}</h2>
      <ul class="cards">
        {sources.map((source) => (
          <SourceCard
            key={source.id}
            source={source}
            now={now}
            notice={notices.get(source.id)}
            onSignIn={() => onSignIn(source.id)}
            onSignOut={() => onSignOut(source.id)}
            onAddProfile={() => onAddProfile(source.id)}
          />
        ))}
      </ul>
    </section>
  );
};

const Nothing = (): JSX.Element => (
  <section class="card">
    <p>
      Every AWS profile appears here by itself. If you have none yet, add your organisation: you
      need the address of its access portal, and the region that it is in.
    </p>
  </section>
);
