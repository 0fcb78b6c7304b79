import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Reply } from "../electron/protocol/ipc.ts";
import { evercred } from "./bridge.ts";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";
import { Spinner } from "./spinner.tsx";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

export interface TestKeySheetProps {
  readonly name: string;
  /** The gateway that is likely meant; empty where none is known. */
  readonly url: string;
  readonly onClose: () => void;
}

/** Asks a gateway whether it takes a key, and says what it answers. Whoever closes it asks no more. */
export const TestKeySheet = ({ name, url, onClose }: TestKeySheetProps): JSX.Element => {
  const { keyTest, card, labels } = useWords().texts;
  const [outcome, setOutcome] = useState<Reply<string> | "running">();
  const stop = (): void => void evercred.stopErrand(`api-key:${name}`);
  const close = (): void => {
    stop();
    onClose();
  };
  return (
    <Sheet title={keyTest.title({ name })} id="test-key" onCancel={close}>
      <form
        class="form"
        aria-busy={outcome === "running"}
        onSubmit={(event) => {
          event.preventDefault();
          setOutcome("running");
          const gateway = textOf(event.currentTarget.elements, "url");
          void evercred.testKey(name, gateway).then((reply) => {
            setOutcome(isCancelled(reply) ? undefined : reply);
          });
        }}
      >
        <label for="url">{keyTest.url}</label>
        <input
          id="url"
          name="url"
          type="url"
          required
          autofocus
          placeholder="https://gateway.example.com"
          value={url}
          aria-describedby="url-hint"
        />
        <p id="url-hint" class="muted">
          {keyTest.hint}
        </p>
        <div role="status">
          <Outcome outcome={outcome} />
        </div>
        <div class="buttons">
          <button type="submit" class="primary" disabled={outcome === "running"}>
            {keyTest.test}
          </button>
          <button type="button" onClick={outcome === "running" ? stop : close}>
            {outcome === "running" ? labels.cancel : card.close}
          </button>
        </div>
      </form>
    </Sheet>
  );
};

const isCancelled = (reply: Reply<string>): boolean =>
  reply.kind === "failed" && reply.trouble.code === "cancelled";

const Outcome = ({
  outcome,
}: {
  readonly outcome: Reply<string> | "running" | undefined;
}): JSX.Element | null => {
  const { keyTest } = useWords().texts;
  if (outcome === undefined) return null;
  if (outcome === "running") {
    return (
      <p class="note">
        <Spinner />
        <span>{keyTest.testing}</span>
      </p>
    );
  }
  return outcome.kind === "done" ? (
    <p class="good">{outcome.value}</p>
  ) : (
    <TroubleNote {...outcome.trouble} />
  );
};
