// What is done on the private desktop: the real window shows made-up pictures, and each is kept.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { _electron } from "playwright-core";
import { electronPath } from "./electron-dist.mjs";

const project = dirname(import.meta.dirname);
const [only, into = join(project, "docs", "screenshots")] = process.argv.slice(2);
const root = await mkdtemp(join(tmpdir(), "evercred-screens-"));

try {
  const { openStage, screens, stageSwitches, themes } = await loadStage();
  const app = await _electron.launch({
    executablePath: await electronPath(),
    args: ["--no-sandbox", "--disable-gpu", project, ...stageSwitches],
    env: { ...process.env, EVERCRED_HOME: join(root, "evercred"), TZ: "UTC" },
    colorScheme: null,
  });
  try {
    const stage = await openStage(app);
    await mkdir(into, { recursive: true });
    for (const screen of screens) {
      if (only !== undefined && only !== "all" && !only.split(",").includes(screen.name)) continue;
      await stage.show(screen);
      for (const theme of themes) {
        await stage.wear(theme);
        await writeFile(join(into, `${screen.name}-${theme}.png`), await stage.shoot());
      }
    }
  } finally {
    await app.close();
  }
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}

/** The tests' own stage, so that pictures are of what is tested. */
async function loadStage() {
  const outfile = join(root, "stage.mjs");
  await build({
    stdin: {
      contents: 'export * from "./stage.ts"; export { screens } from "./screens.ts";',
      resolveDir: join(project, "test", "screens"),
      loader: "ts",
    },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["playwright-core"],
    outfile,
    logLevel: "error",
  });
  return import(outfile);
}
