// Runs the real app through faults for a while, with 20 callers a second, and says what came of it:
// npm run soak -- --minutes 10 --seed 1
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { electronPath } from "./electron-dist.mjs";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

const project = dirname(import.meta.dirname);
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});

// The tests' house finds dist/ from where its own file is: two folders below the project.
const outfile = join(project, "node_modules", ".cache", "soak.mjs");
await build({
  absWorkingDir: project,
  entryPoints: ["test/soak/main.ts"],
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  outfile,
  logLevel: "warning",
});
const app = [await electronPath(), "--no-sandbox", "--disable-gpu", project];
const words = app.map((word) => `--app=${word}`);
process.exitCode = await runOnPrivateDesktop(
  [process.execPath, outfile, `--minutes=${values.minutes}`, `--seed=${values.seed}`, ...words],
  { cwd: project, limitMs: (Number(values.minutes) + 4) * 60_000 },
);
