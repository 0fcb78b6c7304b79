import type { JSX } from "preact";
import type { ClaudeChangeView } from "../electron/protocol/claude-view.ts";
import type { Trouble } from "../electron/protocol/view.ts";
import { ConnectForm, type ConnectFormProps } from "./connect-form.tsx";
import { Diff, fileOf } from "./diff.tsx";
import { focus, Sheet } from "./sheet.tsx";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

export interface ConnectSheetProps extends ConnectFormProps {
  /** What it is about: connecting, or taking back what was set up. */
  readonly task: "connect" | "disconnect";
  /** What would change; undefined before that has been asked for. */
  readonly change: ClaudeChangeView | undefined;
  readonly trouble: Trouble | undefined;
  readonly onWrite: () => void;
  readonly onBack: () => void;
}

/** Claude Code is connected, or disconnected: what changes is seen before it is written. */
export const ConnectSheet = (props: ConnectSheetProps): JSX.Element => {
  const { task, change, trouble, busy, onWrite, onBack, onCancel } = props;
  const { claude, labels } = useWords().texts;
  const isConnect = task === "connect";
  return (
    <Sheet title={isConnect ? claude.connectTitle : claude.disconnectTitle} onCancel={onCancel}>
      {trouble !== undefined && (
        <div role="alert">
          <TroubleNote {...trouble} />
        </div>
      )}
      {change === undefined ? (
        isConnect && <ConnectForm {...props} />
      ) : (
        <>
          <Change change={change} />
          <div class="buttons stacked">
            <button
              type="button"
              class="primary"
              ref={focus}
              disabled={busy || change.diff.length === 0}
              aria-busy={busy}
              onClick={onWrite}
            >
              {busy ? labels.oneMoment : isConnect ? claude.write : claude.takeOut}
            </button>
            {isConnect && (
              <button type="button" disabled={busy} onClick={onBack}>
                {claude.back}
              </button>
            )}
            <button type="button" class="quiet" onClick={onCancel}>
              {labels.cancel}
            </button>
          </div>
        </>
      )}
    </Sheet>
  );
};

/** What changes in a file, and what is said with it. */
export const Change = ({ change }: { readonly change: ClaudeChangeView }): JSX.Element => {
  const { claude, firstRun } = useWords().texts;
  const { diff, notes } = change;
  const label = firstRun.diff({ file: fileOf(diff) });
  return (
    <>
      {diff.length === 0 ? (
        notes.length === 0 && <p>{claude.nothingChanges}</p>
      ) : (
        <>
          <p class="muted path">{label}</p>
          <Diff lines={diff} label={label} />
        </>
      )}
      {notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
    </>
  );
};
