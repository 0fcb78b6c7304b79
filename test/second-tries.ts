import type { Reporter, TestCase } from "vitest/node";

/** Names at the end, last of all, the tests that have passed only on a second try. */
export default class SecondTries implements Reporter {
  readonly #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky === true) {
      this.#names.push(`${test.module.relativeModuleId}: ${test.fullName}`);
    }
  }

  onTestRunEnd(): void {
    if (this.#names.length === 0) return;
    console.warn(["Passed only on a second try:", ...this.#names].join("\n  "));
  }
}
