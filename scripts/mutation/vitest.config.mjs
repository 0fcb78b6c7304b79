import { defineConfig } from "vitest/config";

/**
 * The tests that mutants are run against: those of the unit project that are about what is mutated. Two files try thousands
 * of courses of events and reach nearly all of a session: they would be run for each of its mutants, and are left out.
 */
export default defineConfig({
  test: {
    env: { TZ: "UTC" },
    setupFiles: ["test/loopback-only.ts"],
    restoreMocks: true,
    include: ["test/core/**/*.test.ts", "test/protocol/wire.test.ts"],
    exclude: ["test/core/session-{interleavings,sequences}.test.ts"],
    isolate: false,
    testTimeout: 60_000,
  },
});
