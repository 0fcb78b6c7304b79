// Has V8 compile a bundle in the way that electron/boot.ts loads it: ELECTRON_RUN_AS_NODE=1 electron scripts/compile.mjs BUNDLE FILE
import { readFileSync, writeFileSync } from "node:fs";
import { Script } from "node:vm";

const [bundle, file] = process.argv.slice(2);
const script = new Script(readFileSync(bundle, "latin1"), { filename: "app.cjs" });
writeFileSync(file, script.createCachedData());
