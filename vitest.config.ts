import { defineConfig } from "vitest/config";
import manifest from "./package.json" with { type: "json" };

const folders = (...names: readonly string[]): string[] =>
  names.map((name) => `test/${name}/**/*.test.{ts,tsx}`);

/** What is tested with the app's window. */
const onScreen = ["test/e2e/*app*.test.ts"];

/**
 * Five projects by cost: unit needs nothing, integration needs real tools, fuzz takes as long as it is given, e2e and app need a
 * build. scripts/test.mjs runs the last two side by side.
 */
export default defineConfig({
  // As scripts/build.mjs does.
  define: { EVERCRED_VERSION: JSON.stringify(manifest.version) },
  test: {
    env: { TZ: "UTC" },
    setupFiles: ["test/loopback-only.ts"],
    restoreMocks: true,
    // As long as a busy machine may need; vitest's own second is not.
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: folders("core", "protocol", "commands", "renderer"),
          // They leave nothing behind that another file could meet.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: folders(
            "sources",
            "platform",
            "server",
            "assembly",
            "shell",
            "shim",
            "fakes",
            "contracts",
            "lint",
            "scripts",
          ).concat("test/faults/*.test.ts"),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "fuzz",
          include: folders("fuzz"),
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: folders("e2e", "faults/real"),
          exclude: onScreen,
          // Most of the time they wait for other programs and for ends of tokens.
          maxWorkers: 8,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "app",
          include: onScreen,
          // There is one screen, and one window has the focus.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["electron/core/**/*.ts"],
      thresholds: { lines: 100, functions: 100, branches: 100, statements: 100 },
    },
  },
});
