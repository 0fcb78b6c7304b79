import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";

/** Runs a program to its end with its output kept. Never throws; a program that cannot start has status 127. */
export function run(program, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: "SIGKILL" }),
    });
    const stdout = [];
    const all = [];
    child.stdout.on("data", (chunk) => {
      stdout.push(chunk);
      all.push(chunk);
    });
    child.stderr.on("data", (chunk) => all.push(chunk));
    const end = (status) =>
      resolve({
        status,
        stdout: Buffer.concat(stdout).toString(),
        output: Buffer.concat(all).toString(),
      });
    child.on("error", () => end(127));
    child.on("close", (code) => end(code ?? 1));
  });
}

/** The absolute path of a program on PATH, or undefined. */
export function programPath(name, path = process.env.PATH ?? "") {
  const places = isAbsolute(name)
    ? [name]
    : path.split(delimiter).map((folder) => join(folder, name));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The folder of the npm that runs us, or of the one on PATH; undefined where there is none. */
export async function npmFolder() {
  const running = process.env.npm_execpath;
  if (running !== undefined && existsSync(join(dirname(running), "npm-cli.js"))) {
    return dirname(dirname(realpathSync(running)));
  }
  const { status, stdout } = await run("npm", ["root", "-g"]);
  const folder = join(stdout.trim(), "npm");
  return status === 0 && existsSync(folder) ? folder : undefined;
}
