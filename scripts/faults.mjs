// All that docs/faults.md names under test/faults/, at length: each step of each crash, in virtual and in real time.
import { join } from "node:path";
import { project } from "./checks.mjs";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

process.env["FAULTS"] = "long";
const vitest = join(project, "node_modules", "vitest", "vitest.mjs");
process.exitCode = await runOnPrivateDesktop(
  [
    process.execPath,
    vitest,
    "run",
    "--project=integration",
    "--project=e2e",
    "test/faults",
    ...process.argv.slice(2),
  ],
  { cwd: project, limitMs: 15 * 60_000 },
);
