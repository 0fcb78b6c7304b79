import type { AnswerStore, KeptAnswer } from "../../electron/core/answers.ts";

/** Answers that outlive a daemon, in memory. */
export class MemoryAnswers implements AnswerStore {
  kept: readonly KeptAnswer[] = [];
  /** How often they were written. */
  saves = 0;

  load(): readonly KeptAnswer[] {
    return this.kept;
  }

  save(answers: readonly KeptAnswer[]): void {
    this.kept = answers;
    this.saves += 1;
  }
}
