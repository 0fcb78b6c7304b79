import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DifferenceView, FirstRunView } from "../protocol/first-run-view.ts";
import type { Reply } from "../protocol/ipc.ts";
import { replyOf } from "./actions.ts";

/** The file that is there once the first run is finished. */
export const firstRunFile = (stateDir: string): string => join(stateDir, "first-run");

/** What is asked at the first start. No call rejects. */
export interface FirstRun {
  /** Undefined once it is finished. */
  view(): FirstRunView | undefined;
  /** Asks no more, also not at the next start. */
  finish(): Promise<Reply<void>>;
  /** Asks anew. */
  again(): Promise<Reply<void>>;
  /** Where the user's terminals work otherwise than Evercred. */
  differences(): Promise<Reply<readonly DifferenceView[]>>;
  /** Has Evercred work so too. */
  saveDifference(sentence: string): Promise<Reply<void>>;
}

export interface FirstRunPorts {
  /** It is there once nothing is left to ask. */
  readonly file: string;
  /** The settings that there may be, and who has set them. */
  readonly settings: () => readonly {
    readonly path: readonly string[];
    readonly setBy: string;
  }[];
  readonly environment: {
    differences(): Promise<readonly DifferenceView[]>;
    save(sentence: string): Promise<void>;
  };
  /** Called after the view has changed. */
  readonly changed: () => void;
}

export const firstRunOf = ({ file, settings, environment, changed }: FirstRunPorts): FirstRun => {
  let isDone = existsSync(file);
  const set = (done: boolean): void => {
    // Where it cannot be kept it is asked again at the next start: nobody is held up by that now.
    isDone = done;
    changed();
    if (done) writeFileSync(file, "", { mode: 0o600 });
    else rmSync(file, { force: true });
  };
  return {
    view: () => {
      if (isDone) return undefined;
      const forced = settings().filter(({ setBy }) => setBy === "policy");
      return { forced: forced.map(({ path }) => path.join(".")) };
    },
    finish: () => replyOf(() => set(true)),
    again: () => replyOf(() => set(false)),
    differences: () => replyOf(() => environment.differences()),
    saveDifference: (sentence) => replyOf(() => environment.save(sentence)),
  };
};
