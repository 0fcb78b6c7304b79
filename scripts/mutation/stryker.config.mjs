import { fileURLToPath } from "node:url";

/** What is mutated, and how; npm run mutation. Paths are from the project's folder. */
export default {
  mutate: ["electron/core/**/*.ts", "electron/protocol/wire.ts"],
  ignorePatterns: ["dist", "coverage"],
  testRunner: "in-process",
  plugins: [fileURLToPath(import.meta.resolve("./test-runner.mjs"))],
  // A mutant meets only the tests that reach it.
  coverageAnalysis: "perTest",
  concurrency: 1,
  // One that does not end is mostly found by what it does; a busy machine must not look like one.
  timeoutMS: 120_000,
  tempDirName: "dist/mutation/sandbox",
  // A run goes on where the last one has ended, and repeats what has changed since.
  incremental: true,
  incrementalFile: "dist/mutation/results.json",
  reporters: ["progress-append-only", "clear-text"],
  // Those that survive are printed by scripts/mutation.mjs, as far as they are not listed.
  clearTextReporter: {
    reportTests: false,
    logTests: false,
    reportMutants: false,
    allowEmojis: false,
  },
  thresholds: { high: 95, low: 90, break: 90 },
  warnings: { slow: false },
};
