import { existsSync, realpathSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
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
  const compile = (...words) =>
    run(process.execPath, [nodeGyp, "rebuild", ...headers, ...words], { cwd: folder });
  const made = process.platform === "darwin" ? compileForBoth(folder, compile) : compile();
  const { status, output } = await made;
  if (status === 0) return undefined;
  process.stderr.write(output);
  return "keytar could not be compiled; the compiler's output is above. It needs python3, make, g++ and libsecret's headers.";
}

/** Puts what is compiled for each of a Mac's processors into one file: the app for both has one addon. */
async function compileForBoth(folder, compile) {
  const out = join(folder, "build", "Release", "keytar.node");
  const halves = [];
  for (const processor of ["x64", "arm64"]) {
    const outcome = await compile(`--arch=${processor}`);
    if (outcome.status !== 0) return outcome;
    const half = join(folder, `keytar-${processor}.node`);
    // Out of the folder that the next one empties.
    await rename(out, half);
    halves.push(half);
  }
  const outcome = await run("lipo", ["-create", ...halves, "-output", out]);
  for (const half of halves) await rm(half);
  return outcome;
}
