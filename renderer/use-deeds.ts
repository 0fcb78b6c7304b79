import { useEffect, useState } from "preact/hooks";
import type { Reply } from "../electron/protocol/ipc.ts";
import type { Trouble } from "../electron/protocol/view.ts";
import { evercred } from "./bridge.ts";

/** What the reader does about sources, and what came of it. */
export interface Deeds {
  /** Of each source, what went wrong with the last thing that was done. */
  readonly notices: ReadonlyMap<string, Trouble>;
  /** The sources at which something is being done. */
  readonly busy: ReadonlySet<string>;
  readonly signIn: (source: string) => void;
  readonly signOut: (source: string) => void;
  /** Opens the page of the open sign-in, though its address is doubtful. */
  readonly openAllTheSame: (source: string) => void;
  readonly useCode: (source: string) => void;
  readonly cancelSignIn: (source: string) => void;
  readonly acceptAccount: (source: string) => void;
  readonly submitCode: (source: string, code: string) => void;
  readonly submitSecret: (source: string, secret: string) => void;
  /** Opens the AWS console with the role of a target. */
  readonly openConsole: (source: string, target: string) => void;
  /** Of each source, the target whose console is being opened. */
  readonly opening: ReadonlyMap<string, string>;
  readonly stopConsole: (source: string) => void;
  /** Puts the command for a target on the clipboard, which is said for a moment. */
  readonly copyCommand: (source: string, target: string) => void;
  readonly hasCopied: boolean;
}

/** How long it is said that something was copied, in milliseconds. */
const copiedMs = 2_500;

export const useDeeds = (): Deeds => {
  const [notices, setNotices] = useState<ReadonlyMap<string, Trouble>>(new Map());
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());

  const [opening, setOpening] = useState<ReadonlyMap<string, string>>(new Map());
  const [copiedAt, setCopiedAt] = useState<number>();
  useEffect(() => {
    if (copiedAt === undefined) return undefined;
    const timer = setTimeout(() => {
      setCopiedAt(undefined);
    }, copiedMs);
    return () => {
      clearTimeout(timer);
    };
  }, [copiedAt]);

  const note = (source: string, reply: Reply<void>): void => {
    if (reply.kind === "failed" && reply.trouble.code !== "cancelled") {
      setNotices((before) => new Map(before).set(source, reply.trouble));
    }
  };
  const run = (source: string, call: Promise<Reply<void>>): void => {
    setNotices((before) => without(before, source));
    setBusy((before) => new Set(before).add(source));
    void call.then((reply) => {
      note(source, reply);
      setBusy((before) => new Set([...before].filter((id) => id !== source)));
    });
  };
  const submitSecret = (source: string, secret: string): void => {
    setNotices((before) => without(before, source));
    void evercred.submitSecret(source, secret).then((reply) => {
      note(source, reply);
      // It is no such secret: another one is asked for beside the reason.
      if (reply.kind !== "failed" || reply.trouble.code !== "usage") return;
      void evercred.signIn(source).then((again) => {
        note(source, again);
      });
    });
  };

  return {
    notices,
    busy,
    submitSecret,
    hasCopied: copiedAt !== undefined,
    opening,
    openConsole: (source, target) => {
      const call = evercred.openConsole(target);
      setOpening((before) => new Map(before).set(source, target));
      run(source, call);
      void call.then(() => setOpening((before) => without(before, source)));
    },
    stopConsole: (source) => {
      const target = opening.get(source);
      if (target !== undefined) void evercred.stopErrand(target);
    },
    copyCommand: (source, target) => {
      const call = evercred.copyCommand(target);
      run(source, call);
      void call.then((reply) => {
        if (reply.kind === "done") setCopiedAt(Date.now());
      });
    },
    signIn: (source) => run(source, evercred.signIn(source)),
    signOut: (source) => run(source, evercred.signOut(source)),
    openAllTheSame: (source) => run(source, evercred.openAllTheSame(source)),
    useCode: (source) => run(source, evercred.useCode(source)),
    cancelSignIn: (source) => run(source, evercred.cancelSignIn(source)),
    acceptAccount: (source) => run(source, evercred.acceptAccount(source)),
    submitCode: (source, code) => run(source, evercred.submitCode(source, code)),
  };
};

const without = <Value>(
  bySource: ReadonlyMap<string, Value>,
  source: string,
): ReadonlyMap<string, Value> => new Map([...bySource].filter(([id]) => id !== source));
