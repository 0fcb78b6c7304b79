import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { npmFolder, run } from "./command.mjs";

/**
 * Compiles keytar from its source where it is not compiled yet, with npm's own node-gyp and, where they are installed,
 * Node's own headers: then nothing is downloaded. Resolves to an error sentence, or undefined.
 */
export async function buildKeytar(project) {
  const folder = join(project, "node_modules", "keytar");
  if (existsSync(join(folder, "build", "Release", "keytar.node"))) return undefined;
  if (!existsSync(folder)) return "node_modules is not complete. Run: npm ci";
  const npm = await npmFolder();
  const nodeGyp = join(npm ?? "", "node_modules", "node-gyp", "bin", "node-gyp.js");
  if (npm === undefined || !existsSync(nodeGyp)) {
    return "npm's node-gyp was not found, and keytar cannot be compiled without it. Install npm beside Node.";
  }
  console.log("Compiling keytar (once, about ten seconds).");
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const headers = existsSync(join(prefix, "include", "node", "node.h"))
    ? [`--nodedir=${prefix}`]
    : [];
  const { status, output } = await run(process.execPath, [nodeGyp, "rebuild", ...headers], {
    cwd: folder,
  });
  if (status === 0) return undefined;
  process.stderr.write(output);
  return "keytar could not be compiled; the compiler's output is above. It needs python3, make, g++ and libsecret's headers.";
}
