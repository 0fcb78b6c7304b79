// Electron's own default app opens the folder named on the command line. The stand-in came without one; this does the same.
const { readFileSync } = require("node:fs");
const { join, resolve } = require("node:path");
const { app } = require("electron");

const folder = process.argv.slice(1).find((word) => !word.startsWith("-"));
if (folder === undefined) {
  process.stderr.write("Name the folder of the app to run.\n");
  process.exit(2);
}
const path = resolve(folder);
const description = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
app.setName(description.productName ?? description.name);
app.setVersion(description.version);
app.setAppPath(path);
require(join(path, description.main));
