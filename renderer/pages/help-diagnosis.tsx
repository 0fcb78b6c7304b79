import type { JSX } from "preact";
import type { DiagnosisView, FindingView, RemedyView } from "../../electron/protocol/help-view.ts";
import { clockTime } from "../../electron/protocol/times.ts";
import { useWords } from "../words-context.ts";
import { FindingRow } from "./help-finding.tsx";

export interface DiagnosisProps {
  /** Undefined before the first examination has ended. */
  readonly diagnosis: DiagnosisView | undefined;
  readonly now: number;
  readonly isExamining: boolean;
  /** Whether something is being mended. */
  readonly isBusy: boolean;
  /** `place`: of the finding in the diagnosis. */
  readonly onAct: (action: RemedyView, place: number) => void;
}

/** What an examination has found: what is wrong in full, what is fine folded away. */
export const Diagnosis = (props: DiagnosisProps): JSX.Element => {
  const { diagnosis, now, isExamining, isBusy, onAct } = props;
  const words = useWords();
  const { help } = words.texts;
  const placed = (diagnosis?.findings ?? []).map((finding, place) => ({ finding, place }));
  const bad = placed.filter(({ finding }) => finding.verdict !== "ok");
  const fine = placed.filter(({ finding }) => finding.verdict === "ok");
  const list = (rows: typeof placed): JSX.Element => (
    <ul class="findings">
      {rows.map(({ finding, place }) => (
        <FindingRow
          key={place}
          finding={finding}
          isBusy={isBusy || isExamining}
          onAct={(action) => onAct(action, place)}
        />
      ))}
    </ul>
  );
  return (
    <section aria-labelledby="findings" aria-busy={isExamining}>
      <h2 id="findings">{help.findings}</h2>
      <p role="status">
        {isExamining ? help.examining : diagnosis && summaryOf(diagnosis.findings, help)}
      </p>
      {diagnosis !== undefined && !isExamining && (
        <p class="muted">{help.examinedAt({ time: clockTime(diagnosis.at, now, words) })}</p>
      )}
      {list(bad)}
      {fine.length > 0 && (
        <details>
          <summary>{help.fine({ count: fine.length })}</summary>
          {list(fine)}
        </details>
      )}
    </section>
  );
};

const summaryOf = (
  findings: readonly FindingView[],
  help: ReturnType<typeof useWords>["texts"]["help"],
): string => {
  const count = (verdict: FindingView["verdict"]): number =>
    findings.filter((each) => each.verdict === verdict).length;
  const [failures, warnings] = [count("failure"), count("warning")];
  return failures + warnings === 0 ? help.nothingWrong : help.wrong({ failures, warnings });
};
