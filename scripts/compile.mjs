// Has V8 compile the app's pieces, each with the functions that are called when a start loads it, which it would otherwise
// compile one by one at each start. Run in a home of its own that scripts/build.mjs makes. Bundled, then
//   ELECTRON_RUN_AS_NODE=1 electron compile.cjs DIST FOLDER
import "../electron/platform/fill-ins.ts";
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

// At once: what runs later, a timer or a collection of garbage may change, and with it what is written.
const compiled = pieces.compile();
for (const name of readdirSync(app)) {
  const text = readFileSync(join(app, name), "latin1");
  const data = compiled.get(name) ?? new Script(text, { filename: name }).createCachedData();
  writeFileSync(join(folder, name), data);
  chmodSync(join(folder, name), 0o644);
}
process.exit(0);
