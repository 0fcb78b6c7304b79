// Everything: format, lint, types, then all tests on a desktop of their own. Arguments go to vitest.
import { join } from "node:path";
import { project, runChecks, staticChecks } from "./checks.mjs";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

const wholeRunMs = 14.5 * 60_000;

if (!(await runChecks(staticChecks))) process.exit(1);
const vitest = join(project, "node_modules", "vitest", "vitest.mjs");
process.exitCode = await runOnPrivateDesktop(
  [process.execPath, vitest, "run", ...process.argv.slice(2)],
  { cwd: project, limitMs: wholeRunMs - performance.now() },
);
