import type { JSX } from "preact";
import type { FindingView, RemedyView } from "../../electron/protocol/help-view.ts";
import type { Texts } from "../../electron/protocol/texts/en.ts";
import { useWords } from "../words-context.ts";

export interface FindingRowProps {
  readonly finding: FindingView;
  readonly isBusy: boolean;
  readonly onAct: (action: RemedyView) => void;
}

/** One thing that was found: what it is, what shows it, and the one click that does something about it. */
export const FindingRow = ({ finding, isBusy, onAct }: FindingRowProps): JSX.Element => {
  const { title, verdict, sentence, evidence, remedy, action } = finding;
  const { texts } = useWords();
  return (
    <li class="card finding">
      <header>
        <h3>{title}</h3>
        <span class={`verdict ${verdict}`}>{texts.help.verdicts[verdict]}</span>
      </header>
      <p>{sentence}</p>
      {evidence.length > 0 && (
        <ul class="evidence">
          {evidence.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      )}
      {remedy !== undefined && <p class="remedy">{remedy}</p>}
      {action !== undefined && (
        <div class="buttons">
          <button
            type="button"
            disabled={isBusy}
            title={action.kind === "mend" ? texts.help.runs(action) : undefined}
            onClick={() => onAct(action)}
          >
            {labelOf(action, texts)}
          </button>
        </div>
      )}
    </li>
  );
};

const labelOf = (action: RemedyView, { help, labels }: Texts): string => {
  switch (action.kind) {
    case "sign-in":
      return labels.signInTo({ title: action.source });
    case "page":
      return help.openSettings;
    case "connect":
      return help.connect;
    case "mend":
      return help.mend;
    case "open":
      return help.openFile;
    case "copy":
      return help.copyCommand;
  }
};
