// The real app against providers that run on this machine: npm run demo
import { dirname, join } from "node:path";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

const project = dirname(import.meta.dirname);
const limitMs = 120_000;

process.exitCode = await runOnPrivateDesktop(
  [process.execPath, join(import.meta.dirname, "demo-inside.mjs")],
  { cwd: project, limitMs },
);
