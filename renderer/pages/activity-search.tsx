import type { JSX } from "preact";
import type { ActivityQuery } from "../../electron/protocol/activity.ts";
import type { SourceView } from "../../electron/protocol/view.ts";
import { useWords } from "../words-context.ts";

export interface ActivitySearchProps {
  readonly query: ActivityQuery;
  readonly sources: readonly Pick<SourceView, "id" | "title">[];
  readonly programs: readonly string[];
  readonly onLook: (query: ActivityQuery) => void;
  readonly isExporting: boolean;
  readonly onExport: () => void;
}

/** The day above it stays in view. */
const focusInPlace = (element: HTMLElement | null): void => {
  element?.focus({ preventScroll: true });
};

/** What the reader looks for in the record, and the way to take it along. */
export const ActivitySearch = (props: ActivitySearchProps): JSX.Element => {
  const { query, sources, programs, onLook, isExporting, onExport } = props;
  const { activity } = useWords().texts;
  return (
    <div role="search" class="record-search">
      <input
        type="search"
        ref={focusInPlace}
        aria-label={activity.search}
        placeholder={activity.searchHint}
        value={query.text}
        onInput={(event) => {
          onLook({ ...query, text: event.currentTarget.value });
        }}
      />
      <div class="record-filters">
        <Choice
          label={activity.source}
          all={activity.allSources}
          chosen={query.source}
          options={sources.map(({ id, title }) => [id, title])}
          onChoose={(source) => {
            onLook({ ...query, source });
          }}
        />
        <Choice
          label={activity.program}
          all={activity.allPrograms}
          chosen={query.program}
          options={[...new Set([...programs, query.program])]
            .filter(Boolean)
            .map((program) => [program, program])}
          onChoose={(program) => {
            onLook({ ...query, program });
          }}
        />
        <button type="button" disabled={isExporting} aria-busy={isExporting} onClick={onExport}>
          {activity.export}
        </button>
      </div>
    </div>
  );
};

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly chosen: string;
  /** Values, and what is shown for each. */
  readonly options: readonly (readonly [string, string])[];
  readonly onChoose: (value: string) => void;
}

const Choice = ({ label, all, chosen, options, onChoose }: ChoiceProps): JSX.Element => (
  <select
    aria-label={label}
    value={chosen}
    onChange={(event) => {
      onChoose(event.currentTarget.value);
    }}
  >
    <option value="">{all}</option>
    {options.map(([value, title]) => (
      <option key={value} value={value}>
        {title}
      </option>
    ))}
  </select>
);
