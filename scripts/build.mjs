// Builds dist/: the daemon for Electron, compiled where there is one, and for plain Node, the window, the shim with its launch file, and
// the addon that tells who asks; with --target linux-arm64 also a shim for containers and SSH hosts of that kind; with
// --version under another version; with --update-key as an app that takes the updates signed with that key; with --out elsewhere.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { build, transform } from "esbuild";
import { load } from "js-yaml";
import { buildArm64Shim, buildPeer, buildShim } from "./build-shim.mjs";
import { run } from "./command.mjs";
import { knownElectron } from "./electron-dist.mjs";
import { fetchMusl } from "./musl.mjs";
import { thirdParties, thirdPartyText } from "./third-party.mjs";

const project = dirname(import.meta.dirname);
const options = parseArgs({
  options: {
    target: { type: "string", multiple: true, default: [] },
    // What it calls itself, where that is not the version of package.json.
    version: { type: "string" },
    // The public half, as scripts/update-key.mjs has it. Without one the app looks for no updates.
    "update-key": { type: "string", default: "" },
    out: { type: "string", default: join(project, "dist") },
  },
}).values;
const dist = options.out;
const version =
  options.version ?? JSON.parse(await readFile(join(project, "package.json"), "utf8")).version;

const { publish } = load(await readFile(join(project, "electron-builder.yml"), "utf8"));

const common = {
  absWorkingDir: project,
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  minifyIdentifiers: true,
  // The licences of all that is bundled are in third-party.txt.
  legalComments: "none",
  metafile: true,
  // Where a checkout keeps its packages is in no name: the same everywhere, whatever node_modules leads to.
  preserveSymlinks: true,
  logLevel: "warning",
  define: {
    EVERCRED_VERSION: JSON.stringify(version),
    EVERCRED_UPDATE_URL: JSON.stringify(publish.url),
    EVERCRED_UPDATE_KEY: JSON.stringify(options["update-key"]),
  },
};

/** For Electron's Node 18.15 and every later one. keytar is a compiled addon: it is loaded from node_modules. */
const daemon = {
  ...common,
  platform: "node",
  target: "node18.15",
  format: "cjs",
  // Names stay as they are written, so that a stack trace in the log can be read. `keepNames` would give each function its
  // name anew whenever it is made, at each request too.
  minifyIdentifiers: false,
  // What is not bundled is Node's own: a script of boot.ts has no import().
  supported: { "dynamic-import": false },
  external: ["electron", "keytar"],
  alias: { debug: "./scripts/no-debug.cjs" },
  // jsonc-parser's CommonJS half loads its files in a way that no bundler sees; its module half is plain.
  mainFields: ["module", "main"],
  // A CommonJS module has no import.meta.url; node-cron needs it to find its own worker file.
  banner: { js: 'const __import_meta_url=require("url").pathToFileURL(__filename).href;' },
  define: { ...common.define, "import.meta.url": "__import_meta_url" },
};

const headless = join(dist, "headless.cjs");
const bundles = [
  {
    ...daemon,
    external: ["keytar"],
    entryPoints: ["electron/headless.ts"],
    outfile: headless,
  },
  {
    ...common,
    platform: "node",
    target: "chrome114",
    format: "cjs",
    external: ["electron"],
    entryPoints: ["electron/preload.ts"],
    outfile: join(dist, "preload.cjs"),
  },
  {
    ...common,
    platform: "browser",
    target: "chrome114",
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
    entryPoints: ["renderer/main.tsx"],
    outfile: join(dist, "renderer", "app.js"),
  },
];

/**
 * The app in pieces, as electron/pieces.ts runs them: what is loaded with `import()` is a piece of its own, with what it
 * alone needs. esbuild finds the pieces in modules only; each is made CommonJS then. Resolves to esbuild's account of them.
 */
async function buildPieces() {
  const folder = join(dist, "app");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { outputFiles, metafile } = await build({
    ...daemon,
    format: "esm",
    splitting: true,
    // A piece's import() is turned into its loading below.
    supported: {},
    banner: {},
    entryPoints: ["electron/main.ts"],
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    chunkNames: "[name]-[hash]",
    write: false,
  });
  const { target, minifyWhitespace, minifySyntax, legalComments, supported } = daemon;
  for (const { path, text } of outputFiles) {
    const { code } = await transform(asWritten(path, text, metafile), {
      ...{ target, minifyWhitespace, minifySyntax, legalComments, supported, format: "cjs" },
      platform: "node",
      logLevel: "warning",
      logOverride: { "commonjs-variable-in-esm": "silent" },
    });
    const head = `(function (exports, require, module, __filename, __dirname) {${daemon.banner.js}`;
    await writeFile(path, asciiOf(`${head}${code}})`));
  }
  return metafile;
}

/** A piece that is a CommonJS package exports what that exports by name too: of a module esbuild makes it the default alone. */
function asWritten(path, text, { inputs, outputs }) {
  const { entryPoint } = outputs[relative(project, path)];
  if (inputs[entryPoint]?.format !== "cjs") return text;
  const start = text.lastIndexOf("export default require_");
  if (start < 0) throw new Error(`What ${entryPoint} exports was not found in ${path}.`);
  return `${text.slice(0, start)}${text.slice(start).replace("export default ", "module.exports=")}`;
}

/** A text readable as Latin-1, in which a character takes one byte of memory: esbuild leaves regular expressions as they are. */
function asciiOf(text) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[^\0-\x7f]/g, escaped);
}

/** main.cjs, and what it loads the pieces with: as the Electron that is here compiles them, if one is here and runs. */
async function buildBoot() {
  const app = join(dist, "app");
  const hash = createHash("sha256");
  for (const name of (await readdir(app)).sort()) hash.update(await readFile(join(app, name)));
  const digest = hash.digest("hex").slice(0, 16);
  await build({
    ...daemon,
    define: { ...daemon.define, EVERCRED_COMPILED: JSON.stringify(digest) },
    entryPoints: ["electron/boot.ts"],
    outfile: join(dist, "main.cjs"),
  });
  const compiled = join(dist, "compiled");
  await rm(compiled, { recursive: true, force: true });
  await mkdir(compiled);
  const electron = knownElectron();
  if (electron === undefined) return;
  const folder = join(compiled, `${digest}-${process.platform}-${process.arch}`);
  await mkdir(folder);
  const home = await mkdtemp(join(tmpdir(), "evercred-build-"));
  try {
    const program = join(home, "compile.cjs");
    await build({ ...daemon, entryPoints: ["scripts/compile.mjs"], outfile: program });
    // The same seed gives the same bytes.
    const words = ["--random-seed=1", program, dist, folder, "--background"];
    const env = { ...emptyHome(home), ELECTRON_RUN_AS_NODE: "1" };
    const { status, output } = await run(electron, words, { env, timeoutMs: 60_000 });
    if (status === 0) return;
    console.warn(`Electron does not run here, so the app will start slower. It said: ${output}`);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The environment of a start that finds nobody's home. */
function emptyHome(home) {
  const { PATH, SystemRoot } = process.env;
  return {
    ...{ PATH, SystemRoot, HOME: home, USERPROFILE: home, EVERCRED_HOME: join(home, "evercred") },
    ...{ XDG_RUNTIME_DIR: home, EVERCRED_KEYCHAIN: "memory" },
  };
}

async function copyStatic() {
  await mkdir(join(dist, "renderer"), { recursive: true });
  const renderer = join(project, "renderer");
  await cp(join(renderer, "index.html"), join(dist, "renderer", "index.html"));
  await writeFile(join(dist, "renderer", "style.css"), await readStyles(renderer));
  const icons = join(project, "electron", "shell", "icons");
  if (!existsSync(icons)) return;
  for (const name of await readdir(icons)) {
    if (/\.(?:png|ico)$/.test(name)) await cp(join(icons, name), join(dist, "icons", name));
  }
}

/** The page's one sheet of styles: what all pages share, then each page's own. */
async function readStyles(renderer) {
  const own = (await readdir(join(renderer, "styles"))).filter((name) => name.endsWith(".css"));
  const files = ["style.css", ...own.sort().map((name) => join("styles", name))];
  const texts = await Promise.all(files.map((name) => readFile(join(renderer, name), "utf8")));
  return texts.join("\n");
}

/** What the sources of the app export, for use at the build. */
async function readSources() {
  const { outputFiles } = await build({
    ...common,
    platform: "node",
    format: "esm",
    stdin: { contents: wanted, resolveDir: project },
    write: false,
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}

/** `usage`: the text that `evercred help` prints; the shim has it compiled in. */
const wanted = [
  `export { usage } from "./electron/commands/usage.ts";`,
  `export { launcherText } from "./electron/platform/launcher-entry.ts";`,
  `export { languages, wordsFor } from "./electron/protocol/words.ts";`,
].join("\n");

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

/** The entry in the desktop's list of apps that starts this checkout. */
async function writeLauncher({ launcherText, languages, wordsFor }, shim) {
  const electron = knownElectron();
  if (process.platform !== "linux" || electron === undefined) return;
  const texts = languages.map(([code]) => [code, wordsFor(code, code).texts.launcher]);
  const icon = join(dist, "icons", "app-256.png");
  const text = launcherText({ command: [electron, project], shim, icon, texts });
  await writeFile(join(dist, "evercred.desktop"), text);
}

async function buildClient() {
  await mkdir(join(dist, "bin"), { recursive: true });
  const outFile = join(dist, "bin", process.platform === "win32" ? "evercred.exe" : "evercred");
  const sources = await readSources();
  const { usage } = sources;
  await buildShim({ usage, version, outFile });
  if (process.platform !== "win32") await buildPeer(join(dist, "bin", "peer.node"));
  await writeLaunchFile();
  await writeLauncher(sources, outFile);
  for (const target of options.target) {
    if (target !== "linux-arm64") throw new Error(`--target knows linux-arm64, not ${target}.`);
    const shim = { usage, version, outFile: join(dist, "bin", `evercred-${target}`) };
    await buildArm64Shim(shim, await fetchMusl("arm64"));
  }
}

try {
  const made = Promise.all(bundles.map((bundle) => build(bundle)));
  const pieces = buildPieces();
  await Promise.all([made, pieces, copyStatic(), buildClient()]);
  await writeFile(headless, asciiOf(await readFile(headless, "utf8")));
  await buildBoot();
  const metafiles = [await pieces, ...(await made).map(({ metafile }) => metafile)];
  const parties = thirdParties(metafiles, ["keytar"]);
  await writeFile(join(dist, "third-party.txt"), thirdPartyText(parties));
} catch (error) {
  // esbuild has printed its own errors already.
  if (error.errors === undefined) console.error(error.message);
  process.exit(1);
}
