import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { run } from "./command.mjs";

/** The checkout's folder. */
export const project = dirname(import.meta.dirname);

const cache = join("node_modules", ".cache");

/** A tool of node_modules as arguments for Node, which starts faster than through npx. */
const tool = (...path) => join(project, "node_modules", ...path);

const typesOf = (folder) => ({
  name: `types of ${folder}`,
  args: [tool("typescript-native", "bin", "tsc"), "--project", folder],
});

/** Format, lint and types: what can be said without running anything. */
export const staticChecks = [
  {
    name: "lint",
    args: [
      tool("eslint", "bin", "eslint.js"),
      "--cache",
      "--cache-strategy=content",
      `--cache-location=${join(cache, "eslint")}`,
      "--max-warnings=0",
      ".",
    ],
  },
  typesOf("test"),
  typesOf("."),
  typesOf("renderer"),
  {
    name: "format",
    args: [tool("prettier", "bin", "prettier.cjs"), "--check", "--log-level=warn", "--cache", "."],
  },
];

/** The tests that need neither a build nor a tool. */
export const unitTests = {
  name: "unit tests",
  args: [tool("vitest", "vitest.mjs"), "run", "--project=unit", "--reporter=dot"],
};

/** Runs the checks side by side, one a core, and prints a line for each, with its output if it failed. True if all passed. */
export async function runChecks(checks) {
  const waiting = [...checks];
  let passed = true;
  async function work() {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const startedAt = performance.now();
      const { status, output } = await run(process.execPath, check.args, { cwd: project });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${status === 0 ? "ok    " : "FAILED"} ${check.name} (${seconds} s)`);
      if (status !== 0) {
        process.stdout.write(output);
        passed = false;
      }
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return passed;
}
