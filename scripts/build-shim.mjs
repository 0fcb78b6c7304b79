import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { include_dir as nodeApiHeaders } from "node-api-headers";
import { programPath, run } from "./command.mjs";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(project, "electron", "shim");
const strict = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Os"];
// One segment for code and constants, and no tables to unwind the stack: several kilobytes less each.
const small = ["-s", "-fno-asynchronous-unwind-tables", "-Wl,-z,noseparate-code"];
// For both kinds of processor in one file, from the oldest system that the app runs on.
const mac = ["-arch", "x86_64", "-arch", "arm64", "-mmacosx-version-min=12.0"];
const shared = ["evercred.c", "text.c", "start.c", "bridge.c"];
const posix = [...shared, "posix.c", "posix-endpoint.c", "posix-tcp.c", "posix-start.c"];
const windows = [...shared, "windows.c", "windows-endpoint.c", "windows-process.c"];

/**
 * @typedef {object} Shim
 * @property {string} usage what `evercred help` prints, byte for byte
 * @property {string} version
 * @property {string} outFile
 */

/**
 * Compiles the shim for this system. Resolves to "built", or to "kept" if outFile is up to date. Rejects with the
 * compiler's output.
 * @param {Shim} shim
 * @returns {Promise<"built" | "kept">}
 */
export async function buildShim(shim) {
  if (process.platform === "darwin") return compile(shim, "cc", [...strict, ...mac, ...posix]);
  if (programPath("musl-gcc") !== undefined) {
    return compile(shim, "musl-gcc", [...strict, "-static", ...small, ...posix]);
  }
  console.log(
    "musl-gcc is not installed (Debian: musl-tools), so cc builds a shim that needs this system's C library.",
  );
  return compile(shim, "cc", [...strict, ...small, ...posix]);
}

/** The compiler of buildArm64Shim. */
export const arm64Compiler = "aarch64-linux-gnu-gcc";

/**
 * Compiles the static shim for Linux on arm64, as buildShim does for this system.
 * @param {Shim} shim
 * @param {string} musl folder of the C library for arm64
 * @returns {Promise<"built" | "kept">}
 */
export async function buildArm64Shim(shim, musl) {
  // The compiler's own headers, but another C library than its own.
  const { status, stdout } = await run(arm64Compiler, ["-print-file-name=include"]);
  if (status !== 0) throw missing(arm64Compiler);
  const headers = [join(musl, "usr/include/aarch64-linux-musl"), stdout.trim()];
  const part = (name) => join(musl, "usr/lib/aarch64-linux-musl", name);
  return compile(shim, arm64Compiler, [
    ...strict,
    "-static",
    ...small,
    // Data that is read-only after the start begins a page, of 64 KiB here; a static musl never makes it read-only.
    "-Wl,-z,norelro",
    ...["-nostdinc", ...headers.flatMap((folder) => ["-isystem", folder])],
    ...["-nostdlib", part("crt1.o"), part("crti.o")],
    ...posix,
    ...[part("libc.a"), "-lgcc", part("crtn.o")],
  ]);
}

/** The compiler of buildWindowsShim. */
export const windowsCompiler = "x86_64-w64-mingw32-gcc";

/**
 * Compiles the shim for Windows, as buildShim does for this system.
 * @param {Shim} shim
 * @returns {Promise<"built" | "kept">}
 */
export async function buildWindowsShim(shim) {
  const libraries = ["-ladvapi32", "-lws2_32"];
  return compile(shim, windowsCompiler, [...strict, "-municode", "-s", ...windows, ...libraries]);
}

/**
 * Compiles peer.node, the addon that tells who is at the other end of a socket, for Node and Electron on this system;
 * not for Windows, where Node gives nobody the handle of a pipe. Resolves as buildShim does.
 * @param {string} outFile
 * @returns {Promise<"built" | "kept">}
 */
export async function buildPeer(outFile) {
  const safe = ["-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"];
  // What it calls of Node is in the program that loads it.
  const linked =
    process.platform === "darwin"
      ? [...mac, "-bundle", "-undefined", "dynamic_lookup"]
      : ["-shared", "-fPIC", "-s", "-Wl,-z,relro,-z,now,-z,noexecstack"];
  const args = [
    ...strict,
    ...safe,
    "-fvisibility=hidden",
    ...linked,
    "-isystem",
    nodeApiHeaders,
    "peer.c",
  ];
  return compileWith("", "cc", args, outFile);
}

async function compile({ usage, version, outFile }, compiler, args) {
  return compileWith(shimHeader(usage, version), compiler, args, outFile);
}

/** `header` is what evercred.h holds. */
async function compileWith(header, compiler, args, outFile) {
  const names = (await readdir(source)).filter((name) => /\.[ch]$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(source, name))));
  const made = digest([header, compiler, ...args, ...texts]);
  const out = resolve(outFile);
  const cache = join(project, "node_modules", ".cache", "evercred-shim");
  const note = join(cache, digest([out]));
  if ((await stateOf(note)) === `${made} ${await contentOf(out)}`) return "kept";

  const folder = await mkdtemp(join(tmpdir(), "evercred-shim-"));
  try {
    await writeFile(join(folder, "evercred.h"), header);
    await mkdir(dirname(out), { recursive: true });
    // Beside its place, then renamed: a running shim stays whole, and so does one that is built twice at once.
    const fresh = join(dirname(out), `.${basename(out)}.${randomUUID()}`);
    const { status, output } = await run(compiler, ["-I", folder, ...args, "-o", fresh], {
      cwd: source,
    });
    if (status === 127) throw missing(compiler);
    if (status !== 0) throw new Error(`${basename(out)} could not be compiled.\n${output}`);
    const content = await contentOf(fresh);
    await rename(fresh, out);
    await mkdir(cache, { recursive: true });
    await writeFile(note, `${made} ${content}`);
    return "built";
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function missing(compiler) {
  return new Error(`${compiler} is not installed. Install it and try again.`);
}

/** What evercred.h holds. */
export function shimHeader(usage, version) {
  return `#define EVERCRED_VERSION ${cString(version)}\n#define EVERCRED_USAGE ${cString(usage)}\n`;
}

/** The text as a C string of plain ASCII, a line of it a line. Octal escapes end after three digits, hex ones do not. */
export function cString(text) {
  if (text.includes("\0")) throw new Error("A C string cannot hold a NUL character.");
  const lines = text.split(/(?<=\n)/).map((line) => {
    const bytes = [...Buffer.from(line)].map((byte) => {
      const plain = byte >= 0x20 && byte < 0x7f && !'"\\?'.includes(String.fromCharCode(byte));
      return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
    });
    return `"${bytes.join("")}"`;
  });
  return lines.join(" \\\n  ");
}

function digest(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}

async function contentOf(file) {
  const content = await readFile(file).catch(() => undefined);
  return content === undefined ? "missing" : digest([content]);
}

async function stateOf(note) {
  return readFile(note, "utf8").catch(() => undefined);
}
