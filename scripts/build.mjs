// Builds dist/: the daemon for Electron and for plain Node, the window, and the shim with its launch file; with
// --target linux-arm64 also a shim for containers and SSH hosts of that kind.
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { buildArm64Shim, buildShim } from "./build-shim.mjs";
import { knownElectron } from "./electron-dist.mjs";
import { fetchMusl } from "./musl.mjs";

const project = dirname(import.meta.dirname);
const dist = join(project, "dist");
const { version } = JSON.parse(await readFile(join(project, "package.json"), "utf8"));

const common = {
  absWorkingDir: project,
  bundle: true,
  minify: true,
  // Names of classes and functions stay, so that a stack trace in the log can be read.
  keepNames: true,
  legalComments: "external",
  logLevel: "warning",
  define: { EVERCRED_VERSION: JSON.stringify(version) },
};

/** For Electron's Node 18.15 and every later one. keytar is a compiled addon: it is loaded from node_modules. */
const daemon = {
  ...common,
  platform: "node",
  target: "node18.15",
  format: "cjs",
  external: ["electron", "keytar"],
  // jsonc-parser's CommonJS half loads its files in a way that no bundler sees; its module half is plain.
  mainFields: ["module", "main"],
  // A CommonJS module has no import.meta.url; node-cron needs it to find its own worker file.
  banner: { js: 'const __import_meta_url=require("url").pathToFileURL(__filename).href;' },
  define: { ...common.define, "import.meta.url": "__import_meta_url" },
};

const bundles = [
  { ...daemon, entryPoints: ["electron/main.ts"], outfile: "dist/main.cjs" },
  {
    ...daemon,
    external: ["keytar"],
    entryPoints: ["electron/headless.ts"],
    outfile: "dist/headless.cjs",
  },
  {
    ...common,
    platform: "node",
    target: "chrome114",
    format: "cjs",
    external: ["electron"],
    entryPoints: ["electron/preload.ts"],
    outfile: "dist/preload.cjs",
  },
  {
    ...common,
    platform: "browser",
    target: "chrome114",
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
    entryPoints: ["renderer/main.tsx"],
    outfile: "dist/renderer/app.js",
  },
];

async function copyStatic() {
  await mkdir(join(dist, "renderer"), { recursive: true });
  for (const name of ["index.html", "style.css"]) {
    await cp(join(project, "renderer", name), join(dist, "renderer", name));
  }
  const icons = join(project, "electron", "shell", "icons");
  if (!existsSync(icons)) return;
  for (const name of await readdir(icons)) {
    if (name.endsWith(".png")) await cp(join(icons, name), join(dist, "icons", name));
  }
}

/** The text that `evercred help` prints; the shim has it compiled in. */
async function readUsage() {
  const { outputFiles } = await build({
    ...common,
    platform: "node",
    format: "esm",
    legalComments: "none",
    entryPoints: ["electron/commands/usage.ts"],
    write: false,
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  return (await import(`data:text/javascript;base64,${code}`)).usage;
}

/** What the shim starts when nobody answers: one way a line, its words separated by tabs. */
async function writeLaunchFile() {
  const electron = knownElectron();
  const ways = [
    ...(electron === undefined ? [] : [["app", electron, project, "--background"]]),
    ["headless", process.execPath, join(dist, "headless.cjs"), "--background"],
  ];
  const file = join(dist, "bin", "evercred.launch");
  await writeFile(file, ways.map((words) => `${words.join("\t")}\n`).join(""));
  // The shim refuses a launch file that others may write, whatever the umask was.
  await chmod(file, 0o644);
}

async function buildClient() {
  await mkdir(join(dist, "bin"), { recursive: true });
  const outFile = join(dist, "bin", process.platform === "win32" ? "evercred.exe" : "evercred");
  const usage = await readUsage();
  await buildShim({ usage, version, outFile });
  await writeLaunchFile();
  for (const target of targets()) {
    if (target !== "linux-arm64") throw new Error(`--target knows linux-arm64, not ${target}.`);
    const shim = { usage, version, outFile: join(dist, "bin", `evercred-${target}`) };
    await buildArm64Shim(shim, await fetchMusl("arm64"));
  }
}

/** The further systems that a shim is asked for. */
function targets() {
  return parseArgs({ options: { target: { type: "string", multiple: true, default: [] } } }).values
    .target;
}

try {
  await Promise.all([...bundles.map((bundle) => build(bundle)), copyStatic(), buildClient()]);
} catch (error) {
  // esbuild has printed its own errors already.
  if (error.errors === undefined) console.error(error.message);
  process.exit(1);
}
