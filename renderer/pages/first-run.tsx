import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DifferenceView } from "../../electron/protocol/first-run-view.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import { Add } from "../add.tsx";
import { Problem } from "../banner.tsx";
import { evercred } from "../bridge.ts";
import { useCall } from "../use-call.ts";
import { useWords } from "../words-context.ts";
import { FirstRunCheck, FirstRunClaude } from "./first-run-claude.tsx";
import { FirstRunDesktop } from "./first-run-desktop.tsx";
import { FirstRunSignIn, isAnySignedIn } from "./first-run-sign-in.tsx";
import type { PageProps } from "./page.ts";

/** What the first start asks, on one page: three steps that tick themselves off. */
export const FirstRun = ({ picture, now }: Pick<PageProps, "picture" | "now">): JSX.Element => {
  const { firstRun } = useWords().texts;
  const [isAdding, setAdding] = useState(false);
  const [differences, setDifferences] = useState<readonly DifferenceView[]>([]);
  const [startsAtLogin, setStartsAtLogin] = useState<boolean>();
  const signingIn = useCall();
  const checking = useCall();
  const finishing = useCall();
  useEffect(() => {
    void evercred.differences().then((reply) => {
      if (reply.kind === "done") setDifferences(reply.value);
    });
  }, []);
  const signIn = (source: string): void => signingIn.run(evercred.signIn(source));
  const step = stepOf(picture);
  const { isLocked, value } = picture.settings.settings["app.startAtLogin"];
  const starts = startsAtLogin ?? value !== false;
  const wasTold = finishing.trouble !== undefined;
  const finish = async (): ReturnType<typeof evercred.finishFirstRun> => {
    if (!isLocked) {
      const kept = await evercred.setSetting("app.startAtLogin", starts);
      // Whoever has read why it cannot be kept goes on without: all else is behind this page.
      if (kept.kind === "failed" && !wasTold) return kept;
    }
    return evercred.finishFirstRun();
  };
  return (
    <>
      <h1>{firstRun.title}</h1>
      <p class="muted">{firstRun.lead}</p>
      <Problem picture={picture} />
      <ol class="steps">
        <FirstRunSignIn
          sources={picture.sources}
          now={now}
          isCurrent={step === 1}
          trouble={signingIn.trouble}
          onSignIn={signIn}
          onAdd={() => setAdding(true)}
        />
        <FirstRunClaude
          claude={picture.claude}
          sources={picture.sources}
          now={now}
          isCurrent={step === 2}
          isReady={isAnySignedIn(picture.sources)}
          checking={checking.busy}
          onCheck={() => checking.run(evercred.checkClaude())}
        />
        <FirstRunDesktop
          picture={picture}
          isCurrent={step === 3}
          startsAtLogin={starts}
          isLocked={isLocked}
          differences={differences}
          onStartsAtLogin={setStartsAtLogin}
          trouble={finishing.trouble}
          busy={finishing.busy}
          onDone={() => finishing.run(finish())}
        />
      </ol>
      <FirstRunCheck claude={picture.claude} now={now} checking={checking.busy} />
      {isAdding && <Add onSignIn={signIn} onDone={() => setAdding(false)} />}
    </>
  );
};

/** The first step that is not done; what cannot be done here is passed over. */
const stepOf = ({ sources, claude }: Picture): 1 | 2 | 3 => {
  if (!isAnySignedIn(sources)) return 1;
  return claude.standing.kind === "unconnected" || claude.standing.kind === "unknown" ? 2 : 3;
};
