import { chmod, copyFile, cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const project = join(import.meta.dirname, "..");
/** Where electron-builder.yml looks for them. */
const usualPlace = join(project, "dist", "package");

/** Where Linux packages put the app. */
export const installed = {
  app: "/opt/Evercred/evercred-app",
  shim: "/usr/bin/evercred",
  atLogin: "/opt/Evercred/resources/bin/at-login",
  headless: "/usr/lib/evercred",
};

/** The sizes of the icon theme that every desktop has. */
const iconSizes = [16, 24, 32, 48, 64, 128, 256, 512];

/**
 * Writes to a folder, dist/package/ by itself, what installers hold and a checkout does not: the client with the launch file of an installed
 * app, and on Linux its entries for the desktop. scripts/build.mjs has built dist/ before.
 */
export async function writeParts(parts = usualPlace) {
  await rm(parts, { recursive: true, force: true });
  await mkdir(join(parts, "bin"), { recursive: true });
  const bin = join(project, "dist", "bin");
  const names = process.platform === "win32" ? ["evercred.exe"] : ["evercred", "peer.node"];
  for (const name of names) await copyFile(join(bin, name), join(parts, "bin", name));
  await put(
    join(parts, "bin", "evercred.launch"),
    `${["app", appBesideShim(), "--background"].join("\t")}\n`,
  );
  if (process.platform === "linux") await writeLinuxParts(parts);
}

/** The installed program as the launch file names it; where users choose the folder, by the way from the client to it. */
function appBesideShim() {
  if (process.platform === "linux") return installed.app;
  return process.platform === "win32" ? "..\\Evercred.exe" : "../../MacOS/Evercred";
}

async function writeLinuxParts(parts) {
  const { launcherText, entryText, languages, wordsFor } = await readSources();
  const texts = languages.map(([code]) => [code, wordsFor(code, code).texts.launcher]);
  const { app, shim, atLogin } = installed;
  await put(
    join(parts, "evercred.desktop"),
    launcherText({ command: [app], shim, icon: "evercred-app", texts }),
  );
  const comments = Object.fromEntries(texts.map(([code, { comment }]) => [code, comment]));
  await put(
    join(parts, "autostart.desktop"),
    entryText({ command: [atLogin], environment: {}, comments }),
  );
  await copyFile(join(project, "packaging/linux/at-login.sh"), join(parts, "bin", "at-login"));
  await chmod(join(parts, "bin", "at-login"), 0o755);
  await symlink("../../opt/Evercred/resources/bin/evercred", join(parts, "evercred"));
  await writeDocs(join(parts, "doc"));
  const icons = join(project, "electron/shell/icons");
  await mkdir(join(parts, "icons"));
  for (const size of iconSizes) {
    const name = `${String(size)}x${String(size)}.png`;
    await copyFile(join(icons, `app-${String(size)}.png`), join(parts, "icons", name));
  }
  await writeHeadlessParts(join(parts, "headless"));
}

/** The daemon without Electron, as its own package puts it: the layout of dist/, with keytar where Node looks for it. */
async function writeHeadlessParts(root) {
  const lib = join(root, installed.headless);
  await mkdir(join(lib, "bin"), { recursive: true });
  await copyFile(join(project, "dist/headless.cjs"), join(lib, "headless.cjs"));
  for (const name of ["evercred", "peer.node"]) {
    await copyFile(join(project, "dist/bin", name), join(lib, "bin", name));
  }
  const command = ["/usr/bin/node", join(installed.headless, "headless.cjs"), "--background"];
  await put(join(lib, "bin", "evercred.launch"), `${["headless", ...command].join("\t")}\n`);
  const keytar = join(project, "node_modules/keytar");
  for (const name of ["package.json", "lib", "build/Release/keytar.node"]) {
    await cp(join(keytar, name), join(lib, "node_modules/keytar", name), { recursive: true });
  }
  await mkdir(join(root, "usr/bin"), { recursive: true });
  await symlink("../lib/evercred/bin/evercred", join(root, installed.shim));
  const units = join(root, "usr/lib/systemd/user");
  await mkdir(units, { recursive: true });
  await copyFile(
    join(project, "packaging/linux/evercred.service"),
    join(units, "evercred.service"),
  );
  await writeDocs(join(root, "usr/share/doc/evercred-headless"));
}

/** The licences, of our own code and of what is bundled with it, as Debian expects them. */
async function writeDocs(folder) {
  await mkdir(folder, { recursive: true });
  await copyFile(join(project, "LICENSE"), join(folder, "copyright"));
  await copyFile(join(project, "dist/third-party.txt"), join(folder, "third-party.txt"));
}

async function put(file, text) {
  await writeFile(file, text);
  // The shim refuses a launch file that others may write, whatever the umask was.
  await chmod(file, 0o644);
}

/** The text that `evercred help` prints. */
export async function readUsage() {
  return (await readSources()).usage;
}

async function readSources() {
  const contents = [
    `export { usage } from "./electron/commands/usage.ts";`,
    `export { entryText } from "./electron/platform/desktop-entry.ts";`,
    `export { launcherText } from "./electron/platform/launcher-entry.ts";`,
    `export { languages, wordsFor } from "./electron/protocol/words.ts";`,
  ].join("\n");
  const { outputFiles } = await build({
    bundle: true,
    platform: "node",
    format: "esm",
    stdin: { contents, resolveDir: project },
    write: false,
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}
