import { useState } from "preact/hooks";
import type { Reply } from "../electron/protocol/ipc.ts";
import type { Trouble } from "../electron/protocol/view.ts";

/** A call to the main process that the reader waits for. */
export interface Call {
  readonly busy: boolean;
  /** Why the last one failed. */
  readonly trouble: Trouble | undefined;
  /** Waits for a call; `then` goes on with what it gave. What was cancelled is no trouble. */
  readonly run: <Value>(call: Promise<Reply<Value>>, then?: (value: Value) => void) => void;
  /** Forgets what went wrong. */
  readonly clear: () => void;
}

export const useCall = (): Call => {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  return {
    busy,
    trouble,
    run: (call, then) => {
      setBusy(true);
      setTrouble(undefined);
      void call.then((reply) => {
        setBusy(false);
        if (reply.kind === "done") then?.(reply.value);
        else if (reply.trouble.code !== "cancelled") setTrouble(reply.trouble);
      });
    },
    clear: () => setTrouble(undefined),
  };
};
