import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Reply } from "../../electron/protocol/ipc.ts";
import type { NetworkResult, NetworkTest } from "../../electron/protocol/settings-view.ts";
import type { Words } from "../../electron/protocol/words.ts";
import { Spinner } from "../spinner.tsx";
import { TroubleNote } from "../trouble.tsx";
import { useCall } from "../use-call.ts";
import { useWords } from "../words-context.ts";

/** Asks each provider in use, and shows what came of it. */
export const NetworkTester = ({
  onTest,
}: {
  readonly onTest: () => Promise<Reply<NetworkTest>>;
}): JSX.Element => {
  const { texts } = useWords();
  const { busy, trouble, run } = useCall();
  const [test, setTest] = useState<NetworkTest>();
  return (
    <div class="tester">
      <button
        type="button"
        aria-busy={busy}
        aria-disabled={busy}
        onClick={() => {
          if (busy) return;
          setTest(undefined);
          run(onTest(), setTest);
        }}
      >
        {texts.settings.test}
      </button>
      <div aria-live="polite">
        {busy && (
          <p class="muted">
            <Spinner /> {texts.settings.testing}
          </p>
        )}
        {trouble !== undefined && <TroubleNote {...trouble} />}
        {test !== undefined && <NetworkResults test={test} />}
      </div>
    </div>
  );
};

/** What is wrong first, and then what works. */
export const NetworkResults = ({
  test: { problems, results },
}: {
  readonly test: NetworkTest;
}): JSX.Element => {
  const words = useWords();
  const sorted = [...results].sort((a, b) => rank(a) - rank(b));
  if (problems.length === 0 && results.length === 0) {
    return <p class="muted">{words.texts.settings.noProvider}</p>;
  }
  return (
    <ul class="results">
      {problems.map((problem) => (
        <li key={problem.sentence}>
          <TroubleNote {...problem} />
        </li>
      ))}
      {sorted.map((result) => (
        <li key={result.host}>
          <span class={result.kind === "reached" ? "signed-in" : "attention"} aria-hidden="true">
            {result.kind === "reached" ? "✓" : "!"}
          </span>
          <div>
            <p>{resultLine(result, words)}</p>
            {result.kind === "failed" ? (
              <TroubleNote {...result.trouble} />
            ) : (
              result.issuer !== undefined && (
                <p class="muted">{words.texts.settings.issuedBy({ issuer: result.issuer })}</p>
              )
            )}
          </div>
        </li>
      ))}
    </ul>
  );
};

const rank = ({ kind }: NetworkResult): number => (kind === "failed" ? 0 : 1);

const resultLine = (result: NetworkResult, { texts }: Words): string => {
  const { host, source } = result;
  const asked = texts.settings.askedFor({ source });
  if (result.kind === "failed") return `${host} · ${asked}`;
  const { proxy, saidBy } = result;
  return [
    texts.settings.reached({ host }),
    proxy === undefined ? texts.settings.directly : texts.settings.byProxy({ proxy }),
    ...(saidBy === undefined ? [] : [texts.settings.saidBy({ who: saidBy })]),
    asked,
  ].join(" · ");
};
