import { defineConfig } from "vitest/config";
import manifest from "./package.json" with { type: "json" };

const folders = (...names: readonly string[]): string[] =>
  names.map((name) => `test/${name}/**/*.test.{ts,tsx}`);

/** Three projects by cost: unit needs nothing, integration needs real tools, e2e needs a build. */
export default defineConfig({
  // As scripts/build.mjs does.
  define: { EVERCRED_VERSION: JSON.stringify(manifest.version) },
  test: {
    env: { TZ: "UTC" },
    setupFiles: ["test/loopback-only.ts"],
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: folders("core", "protocol", "commands", "renderer"),
          testTimeout: 5_000,
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
            "shell",
            "shim",
            "fakes",
            "contracts",
            "lint",
            "scripts",
          ),
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: folders("e2e", "faults"),
          // Each file starts Electron, a browser and a daemon: side by side they only slow each other down.
          fileParallelism: false,
          testTimeout: 60_000,
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
