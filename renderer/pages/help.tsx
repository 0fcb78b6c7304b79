import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DiagnosisView, RemedyView } from "../../electron/protocol/help-view.ts";
import { evercred } from "../bridge.ts";
import { Connect } from "../connect.tsx";
import { focusIfFree } from "../focus.ts";
import { TroubleNote } from "../trouble.tsx";
import { useCall } from "../use-call.ts";
import { useWords } from "../words-context.ts";
import { HelpAbout } from "./help-about.tsx";
import { Diagnosis } from "./help-diagnosis.tsx";
import type { PageProps } from "./page.ts";

/** Finds out what is wrong, and what mends it. */
export const HelpPage = ({ picture, now, onGo }: PageProps): JSX.Element => {
  const { help, labels } = useWords().texts;
  const [diagnosis, setDiagnosis] = useState<DiagnosisView>();
  const [isConnecting, setConnecting] = useState(false);
  const [said, setSaid] = useState("");
  const examination = useCall();
  const deed = useCall();
  const examine = (): void => {
    setSaid("");
    examination.run(evercred.examine(), setDiagnosis);
  };
  useEffect(() => {
    examine();
    return () => void evercred.stopExamining();
  }, []);

  const act = (action: RemedyView, place: number): void => {
    switch (action.kind) {
      case "page":
        onGo(action.page);
        break;
      case "connect":
        setConnecting(true);
        break;
      case "sign-in":
        deed.run(evercred.signIn(action.source), examine);
        break;
      case "mend":
        deed.run(evercred.mend(place), examine);
        break;
      case "open":
        deed.run(evercred.mend(place));
        break;
      case "copy":
        deed.run(evercred.mend(place), () => setSaid(labels.copied));
        break;
    }
  };
  return (
    <>
      <h1>{help.title}</h1>
      <div class="buttons">
        {examination.busy ? (
          <button type="button" onClick={() => void evercred.stopExamining()}>
            {help.stop}
          </button>
        ) : (
          <button type="button" class="primary" ref={focusIfFree} onClick={examine}>
            {help.runAgain}
          </button>
        )}
      </div>
      {[examination.trouble, deed.trouble].map(
        (trouble) =>
          trouble !== undefined && (
            <div key={trouble.sentence} role="alert">
              <TroubleNote {...trouble} />
            </div>
          ),
      )}
      <Diagnosis
        diagnosis={diagnosis}
        now={now}
        isExamining={examination.busy}
        isBusy={deed.busy}
        onAct={act}
      />
      <div class="buttons">
        <button
          type="button"
          disabled={diagnosis === undefined}
          onClick={() => deed.run(evercred.copyDiagnosis(), () => setSaid(labels.copied))}
        >
          {help.copyDiagnosis}
        </button>
        <button
          type="button"
          disabled={deed.busy}
          onClick={() => {
            deed.run(evercred.saveSupport(), (saved) => setSaid(saved ? help.saved : ""));
          }}
        >
          {help.saveSupport}
        </button>
        <button type="button" onClick={() => deed.run(evercred.openLogs())}>
          {help.openLogs}
        </button>
        <button type="button" onClick={() => deed.run(evercred.setUpAgain())}>
          {help.setUpAgain}
        </button>
      </div>
      <p role="status">{said}</p>
      <HelpAbout
        version={picture.appVersion}
        organization={picture.organization}
        update={picture.update}
        now={now}
        onCheck={() => void evercred.checkForUpdate()}
        onLicences={() => deed.run(evercred.openLicences())}
      />
      {isConnecting && (
        <Connect
          task="connect"
          sources={picture.sources}
          provider={undefined}
          onDone={(written) => {
            setConnecting(false);
            if (written) examine();
          }}
        />
      )}
    </>
  );
};
