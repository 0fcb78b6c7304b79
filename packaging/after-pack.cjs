// Takes from what is packed what only a checkout has: Electron's own default app, and the mark of its version.
const { rm } = require("node:fs/promises");
const { join } = require("node:path");

exports.default = async ({ appOutDir, packager }) => {
  await rm(join(packager.getResourcesDir(appOutDir), "default_app.asar"), { force: true });
  await rm(join(appOutDir, "version"), { force: true });
};
