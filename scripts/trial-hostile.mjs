import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { installed } from "./package-parts.mjs";
import { asUser, processesOfPackage } from "./trial-login.mjs";
import { claim, soon } from "./trial-steps.mjs";

const isOpen = (port) =>
  new Promise((settle) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => settle(true)).on("error", () => settle(false));
    socket.on("connect", () => socket.destroy());
  });

/** What would run other code in an Electron that is not locked: each planted, and none of it run. */
export async function hostile(login, home, { version }) {
  const mark = join(home, "planted");
  const script = join(home, "planted.cjs");
  const code = `require("node:fs").appendFileSync(${JSON.stringify(mark)}, "x")`;
  await asUser(script, code);
  const folder = "/opt/Evercred/resources/app";
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{"main":"main.cjs"}');
  await writeFile(join(folder, "main.cjs"), code);
  const env = { ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: `--require=${script}` };
  try {
    await login.evercred("daemon", "stop");
    await soon(async () => claim((await processesOfPackage()).length === 0, "The app runs on."));
    const [inspector, debugging] = [19229, 19222];
    const words = [
      "--require",
      script,
      `--inspect=127.0.0.1:${inspector}`,
      `--remote-debugging-port=${debugging}`,
    ];
    const app = login.start(installed.app, [...words, home], env);
    await soon(async () => {
      const daemon = await login.daemon();
      claim(daemon.version === version, `Another one answers: ${JSON.stringify(daemon)}`);
      const line = await readFile(`/proc/${daemon.pid}/cmdline`, "utf8");
      claim(line.includes(script), `Another one answers: ${line}`);
    });
    for (const port of [inspector, debugging]) {
      claim(!(await isOpen(port)), `Port ${port} is open.`);
    }
    await login.run(installed.app, ["-e", code], env);
    claim(!existsSync(mark), "Planted code has run.");
    const exit = once(app, "exit");
    await login.evercred("daemon", "restart");
    await exit;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(script, { force: true });
  }
}
