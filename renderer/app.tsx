import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Page, pages } from "../electron/protocol/pages.ts";
import type { Picture } from "../electron/protocol/picture.ts";
import { wordsFor } from "../electron/protocol/words.ts";
import type { Aside } from "./aside.ts";
import { Home, type HomeProps } from "./home.tsx";
import { Nav } from "./nav.tsx";
import { ActivityPage } from "./pages/activity.tsx";
import { FirstRun } from "./pages/first-run.tsx";
import { HelpPage } from "./pages/help.tsx";
import type { PageProps } from "./pages/page.ts";
import { SettingsPage } from "./pages/settings.tsx";
import { openSignIns, Sheets } from "./sheets.tsx";
import { useDeeds } from "./use-deeds.ts";
import { usePage } from "./use-page.ts";
import { type Drawn, usePicture } from "./use-picture.ts";
import { useWords, WordsContext } from "./words-context.ts";

/** The window: one pushed picture, and what the reader's own last clicks came to. */
export const App = (): JSX.Element | null => {
  const drawn = usePicture(everyMsOf);
  const [page, go] = usePage();
  const spoken = drawn?.picture.language;
  useEffect(() => {
    if (spoken !== undefined) document.documentElement.lang = spoken;
  }, [spoken]);
  if (drawn === undefined || page === undefined) return null;
  const { language, locale } = drawn.picture;
  return (
    <WordsContext.Provider value={wordsFor(language, locale)}>
      <Inside {...drawn} page={page} go={go} />
    </WordsContext.Provider>
  );
};

/** How often the clock goes on, in milliseconds: each second where one counts down. */
const everyMsOf = (picture: Picture): number =>
  openSignIns(picture).length === 0 ? 30_000 : 1_000;

interface InsideProps extends Drawn {
  readonly page: Page;
  readonly go: (page: Page) => void;
}

const Inside = ({ picture, now, page, go }: InsideProps): JSX.Element => {
  const deeds = useDeeds();
  const [aside, setAside] = useState<Aside>();
  const { texts } = useWords();
  const isFirst = picture.firstRun !== undefined;
  useEffect(() => {
    if (isFirst) go("home");
  }, [isFirst, go]);
  const shown = { picture, now, deeds, onGo: go, onOpen: setAside };
  return (
    <>
      {isFirst ? (
        <main class="page">
          <FirstRun picture={picture} now={now} />
        </main>
      ) : (
        <div class="frame">
          <Nav pages={pages} shown={page} onGo={go} />
          <main class="page">
            <Shown page={page} {...shown} />
          </main>
        </div>
      )}
      <p class="toast" role="status">
        {deeds.hasCopied && texts.card.commandCopied}
      </p>
      <Sheets
        picture={picture}
        now={now}
        deeds={deeds}
        aside={aside}
        onClose={() => {
          setAside(undefined);
        }}
      />
    </>
  );
};

interface ShownProps extends PageProps, HomeProps {
  readonly page: Page;
}

const Shown = ({ page, picture, now, deeds, onGo, onOpen }: ShownProps): JSX.Element => {
  switch (page) {
    case "home":
      return <Home picture={picture} now={now} deeds={deeds} onOpen={onOpen} />;
    case "activity":
      return <ActivityPage picture={picture} now={now} />;
    case "settings":
      return <SettingsPage picture={picture} now={now} onGo={onGo} />;
    case "help":
      return <HelpPage picture={picture} now={now} onGo={onGo} />;
  }
};
