// Measures what the budgets promise, beside other programs of this machine: npm run bench. With --quick in a minute, and
// nothing is written; with --json FILE also as data; with --only PART that part alone (see bench/main.ts).
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { programPath } from "./command.mjs";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

const project = dirname(import.meta.dirname);
const outfile = join(project, "node_modules", ".cache", "bench", "main.mjs");

const { quick, json, only } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
  },
}).values;

if (process.platform !== "linux" || programPath("hyperfine") === undefined) {
  console.error("The bench runs on Linux, and needs hyperfine. Run: npm run setup bench");
  process.exit(1);
}
if (!existsSync(join(project, "dist", "headless.cjs"))) {
  console.error("There is no build. Run: npm run build");
  process.exit(1);
}
await build({
  absWorkingDir: project,
  entryPoints: ["bench/main.ts"],
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  plugins: [{ name: "places", setup: keepPlaces }],
  outfile,
  logLevel: "warning",
});
const words = [
  ...(quick ? ["--quick"] : []),
  ...(json === undefined ? [] : ["--json", resolve(json)]),
  ...only.flatMap((part) => ["--only", part]),
];
process.exitCode = await runOnPrivateDesktop([process.execPath, outfile, ...words], {
  cwd: project,
  limitMs: quick ? 300_000 : 900_000,
});

/** In one bundle each file still finds what it needs from where it stands. */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\/(?:test|scripts)\/.*\.(?:ts|mjs)$/ }, async ({ path }) => {
    const text = await readFile(path, "utf8");
    const contents = text.replaceAll("import.meta.dirname", JSON.stringify(dirname(path)));
    return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
  });
}
