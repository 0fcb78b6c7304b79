// Has V8 compile the app's pieces, each with the functions that a start calls, which it would otherwise compile one by one at each
// start: it lives through one, in a home of its own that scripts/build.mjs makes, up to the first request. Bundled, then
//   ELECTRON_RUN_AS_NODE=1 electron compile.cjs DIST FOLDER
import "../electron/platform/fill-ins.ts";
import { execFile } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import { Pieces } from "../electron/pieces.ts";

const [dist, folder] = process.argv.slice(2);
const app = join(dist, "app");

/** What stands in for all of Electron: whatever is asked of it answers with more of the same. */
const inert = new Proxy(function () {}, {
  get: (_, name) => {
    if (name === "then") return undefined;
    if (name === Symbol.toPrimitive) return () => "";
    return name === Symbol.iterator ? () => [].values() : inert;
  },
  apply: () => inert,
  construct: () => inert,
});

/** Resolves once the app has put up its icon: all that is needed for a request is there by then. */
let shown;
const isShown = new Promise((resolve) => {
  shown = resolve;
});

const electron = {
  app: {
    requestSingleInstanceLock: () => true,
    whenReady: () => Promise.resolve(),
    isReady: () => true,
    getPreferredSystemLanguages: () => ["en"],
    getSystemLocale: () => "en",
    getVersion: () => "",
    setPath: () => undefined,
    on: () => undefined,
    once: () => undefined,
    exit: (code) => process.exit(code),
    quit: () => process.exit(1),
  },
  Tray: class {
    constructor() {
      shown();
      return inert;
    }
  },
};
const inertly = (known) =>
  new Proxy(known, { get: (_, name) => (name in known ? known[name] : inert) });

const nodes = createRequire(join(app, "main.cjs"));
const pieces = new Pieces({
  folder: app,
  compiled: () => undefined,
  outside: (name) =>
    name === "electron" ? inertly({ ...electron, app: inertly(electron.app) }) : nodes(name),
});
pieces.load("main.cjs");

/** Nobody answers for the provider: it comes as far as the request. */
const ask = () =>
  new Promise((resolve) => {
    const shim = join(dist, "bin", process.platform === "win32" ? "evercred.exe" : "evercred");
    execFile(shim, ["aws", "export", "--profile", "p"], resolve);
  });

isShown.then(ask).then(() => {
  const compiled = pieces.compile();
  for (const name of readdirSync(app)) {
    const text = readFileSync(join(app, name), "latin1");
    const data = compiled.get(name) ?? new Script(text, { filename: name }).createCachedData();
    writeFileSync(join(folder, name), data);
    // The daemon has seen to it that nobody else may read what it makes.
    chmodSync(join(folder, name), 0o644);
  }
  process.exit(0);
});
