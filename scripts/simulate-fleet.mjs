// Lets 10,000 computers live for a working week against one identity provider, and writes docs/fleet.md: npm run simulate-fleet; shorter, and without writing: npm run simulate-fleet -- --computers 500 --days 1
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { run } from "./command.mjs";

const project = dirname(import.meta.dirname);
const words = process.argv.slice(2);

const folder = await mkdtemp(join(tmpdir(), "evercred-fleet-"));
try {
  const outfile = join(folder, "fleet.mjs");
  await build({
    absWorkingDir: project,
    entryPoints: ["test/fleet/main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "warning",
  });
  const all = words.length > 0 ? words : ["--write", project];
  // Much is made and soon forgotten: with room for it, it costs half as much.
  const memory = "--max-semi-space-size=128";
  const simulation = spawn(process.execPath, [memory, outfile, ...all], { stdio: "inherit" });
  const [status] = await once(simulation, "exit");
  if (words.length === 0) {
    const prettier = join(project, "node_modules", "prettier", "bin", "prettier.cjs");
    const page = join(project, "docs", "fleet.md");
    await run(process.execPath, [prettier, "--write", "--log-level=warn", page]);
  }
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true });
}
