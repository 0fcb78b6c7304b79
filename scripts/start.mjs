// Runs the app from this checkout. Arguments go to the app.
import { dirname } from "node:path";
import { spawn } from "node:child_process";
import { electronPath } from "./electron-dist.mjs";

const project = dirname(import.meta.dirname);

async function start() {
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    throw new Error("There is no display here. Run the daemon without a window: npm run daemon");
  }
  const electron = await electronPath();
  const asRoot = process.platform === "linux" && process.getuid() === 0;
  if (asRoot) console.log("Running as root: Chromium's sandbox is off (--no-sandbox).");
  const args = [...(asRoot ? ["--no-sandbox"] : []), project, ...process.argv.slice(2)];
  const app = spawn(electron, args, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => app.kill(signal));
  app.on("error", (error) => fail(`Electron cannot be started: ${error.message}`));
  app.on("close", (code) => (process.exitCode = code ?? 1));
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}

await start().catch((error) => fail(error.message));
