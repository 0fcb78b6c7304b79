import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  type ActivityQuery,
  type ExportedView,
  mostRows,
} from "../../electron/protocol/activity.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import type { Trouble } from "../../electron/protocol/view.ts";
import { evercred } from "../bridge.ts";
import { TroubleNote } from "../trouble.tsx";
import { useWords } from "../words-context.ts";
import { ActivityRows } from "./activity-rows.tsx";
import { ActivitySearch } from "./activity-search.tsx";
import type { PageProps } from "./page.ts";
import { Timeline } from "./timeline.tsx";
import { everything, type Looking, useActivity } from "./use-activity.ts";

/** The day as a picture, and below it the record, to be searched. */
export const ActivityPage = ({ picture, now }: Pick<PageProps, "picture" | "now">): JSX.Element => {
  const { texts } = useWords();
  const looking = useActivity();
  return (
    <>
      <h1>{texts.activity.title}</h1>
      <Timeline picture={picture} />
      <Record looking={looking} picture={picture} now={now} />
    </>
  );
};

interface RecordProps {
  readonly looking: Looking;
  readonly picture: Picture;
  readonly now: number;
}

const Record = ({ looking, picture, now }: RecordProps): JSX.Element => {
  const { query, found, trouble, look } = looking;
  const exporting = useExport(query);
  return (
    <>
      <ActivitySearch
        query={query}
        sources={picture.sources}
        programs={found?.programs ?? []}
        onLook={look}
        isExporting={exporting.isBusy}
        onExport={exporting.start}
      />
      <Outcome exporting={exporting} />
      {trouble === undefined ? (
        <Found looking={looking} now={now} />
      ) : (
        <div role="alert">
          <TroubleNote {...trouble} />
        </div>
      )}
    </>
  );
};

const Found = ({
  looking,
  now,
}: {
  readonly looking: Looking;
  readonly now: number;
}): JSX.Element => {
  const { texts, locale } = useWords();
  const { query, found, look } = looking;
  if (found === undefined) return <p role="status">{texts.activity.looking}</p>;
  const { rows, hasMore } = found;
  if (rows.length > 0) {
    return (
      <>
        <ActivityRows rows={rows} now={now} />
        {hasMore && rows.length >= mostRows && (
          <p class="muted">
            {texts.activity.newestOnly({ count: rows.length.toLocaleString(locale) })}
          </p>
        )}
      </>
    );
  }
  const isAll = query.text === "" && query.source === "" && query.program === "";
  if (isAll) return <p class="muted">{texts.activity.nothing}</p>;
  return (
    <div class="buttons">
      <p role="status">{texts.activity.noneFound}</p>
      <button
        type="button"
        onClick={() => {
          look(everything);
        }}
      >
        {texts.activity.showAll}
      </button>
    </div>
  );
};

interface Exporting {
  readonly isBusy: boolean;
  readonly exported: ExportedView | undefined;
  readonly trouble: Trouble | undefined;
  readonly start: () => void;
}

/** Writes what is looked for into a file. */
const useExport = (query: ActivityQuery): Exporting => {
  const [isBusy, setIsBusy] = useState(false);
  const [exported, setExported] = useState<ExportedView>();
  const [trouble, setTrouble] = useState<Trouble>();
  const start = (): void => {
    setIsBusy(true);
    void evercred.exportActivity(query).then((reply) => {
      setIsBusy(false);
      setExported(reply.kind === "done" ? reply.value : undefined);
      setTrouble(reply.kind === "done" ? undefined : reply.trouble);
    });
  };
  return { isBusy, exported, trouble, start };
};

const Outcome = ({ exporting }: { readonly exporting: Exporting }): JSX.Element => {
  const { texts } = useWords();
  const { exported, trouble } = exporting;
  return (
    <div role="status">
      {exported !== undefined && <p class="muted">{texts.activity.exported(exported)}</p>}
      {trouble !== undefined && <TroubleNote {...trouble} />}
    </div>
  );
};
