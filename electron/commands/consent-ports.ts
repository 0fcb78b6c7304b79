import type { KeptAnswer } from "../core/answers.ts";
import type { Caller } from "../core/caller.ts";

/** What people have said that programs may have, or not. No verb gives an answer: that is a person's click. */
export interface Consents {
  /** The answers that are kept, the newest last. */
  answers(): readonly KeptAnswer[];
  /** Whether people are asked at all now. */
  isOn(): boolean;
  /** Forgets answers, and gives them: the next request is asked about again. The record has whom it was `by`. */
  forget(isMeant: (answer: KeptAnswer) => boolean, by: Caller): readonly KeptAnswer[];
  /** Runs what may turn asking on or off; where it does, the record has whom it was `by`. */
  changedBy<T>(by: Caller, change: () => Promise<T>): Promise<T>;
}
