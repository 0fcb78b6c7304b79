import { useEffect, useState } from "preact/hooks";
import type { SourceView } from "../electron/protocol/view.ts";
import type { SignInStep } from "./sign-in-sheet.tsx";

/** The one sign-in that is shown. */
export interface ShownSignIn {
  readonly source: SourceView;
  readonly step: SignInStep;
}

/** A sign-in that the reader has seen open. */
export interface Seen {
  readonly id: string;
  readonly startedAt: number;
}

/**
 * Which sign-in is shown: the one that was `seen`, also how it has ended; else the first one that is open. A key that was
 * entered is there or not, without more words.
 */
export const shownSignIn = (
  sources: readonly SourceView[],
  seen: Seen | undefined,
): ShownSignIn | undefined => {
  const before = sources.find(({ id }) => id === seen?.id);
  if (before?.signIn === undefined && before?.isEntered === false) {
    const end = before.signInEnd;
    // One that was tried again may have ended before it was seen.
    if (end !== undefined && seen !== undefined && end.startedAt >= seen.startedAt) {
      return { source: before, step: { kind: "ended", end } };
    }
  }
  const inOrder = before === undefined ? sources : [before, ...sources];
  for (const source of inOrder) {
    if (source.signIn !== undefined) {
      return { source, step: { kind: "open", signIn: source.signIn } };
    }
  }
  return undefined;
};

/** The sign-in that is shown, and the way to be done with one that has ended. */
export const useSignIns = (
  sources: readonly SourceView[],
): { readonly shown: ShownSignIn | undefined; readonly close: () => void } => {
  const [seen, setSeen] = useState<Seen>();
  const shown = shownSignIn(sources, seen);
  const id = shown?.source.id;
  const startedAt = shown?.step.kind === "open" ? shown.step.signIn.startedAt : undefined;
  useEffect(() => {
    if (id !== undefined && startedAt !== undefined) setSeen({ id, startedAt });
  }, [id, startedAt]);
  return { shown, close: () => setSeen(undefined) };
};
