// Writes docs/screenshots/: each screen of the window, in light and in dark colours: npm run screenshots
import { dirname, join } from "node:path";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

const project = dirname(import.meta.dirname);
const limitMs = 180_000;

process.exitCode = await runOnPrivateDesktop(
  [process.execPath, join(import.meta.dirname, "screenshots-inside.mjs"), ...process.argv.slice(2)],
  { cwd: project, limitMs },
);
