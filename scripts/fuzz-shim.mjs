// libFuzzer on what the shim reads of others: test/fuzz/shim has a target for each, test/fuzz/corpus its inputs.
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shimHeader } from "./build-shim.mjs";
import { project } from "./checks.mjs";
import { run } from "./command.mjs";

const shim = join(project, "electron", "shim");
const targets = join(project, "test", "fuzz", "shim");
const corpora = join(project, "test", "fuzz", "corpus");
const cache = join(project, "node_modules", ".cache", "evercred-fuzz");

/** The targets, each with its part of the time. */
export const shimTargets = { reply: 0.4, launch: 0.15, endpoint: 0.15, bridge: 0.15, names: 0.15 };

const flags = [
  ...["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror"],
  ...["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"],
];

/**
 * Compiles a target with clang's sanitizers, where anything has changed since. Resolves to the program's path. Rejects
 * with the compiler's output.
 */
export async function buildShimTarget(name) {
  // This one has evercred.c in itself.
  const rest = name === "reply" ? [] : ["evercred.c"];
  const parts = [...rest, "text.c", "start.c", "bridge.c"].map((part) => join(shim, part));
  const own = ["port.c", `${name}.c`].map((part) => join(targets, part));
  const program = join(cache, `${name}-${await digest([shim, targets])}`);
  if (await exists(program)) return program;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "build-"));
  try {
    await writeFile(join(folder, "evercred.h"), shimHeader("Usage\n", "1.0.0"));
    const fresh = join(folder, name);
    const places = ["-I", folder, "-I", shim];
    const args = [...flags, ...places, ...own, ...parts, "-lresolv", "-o", fresh];
    const { status, output } = await run("clang", args);
    if (status === 127) throw new Error("clang is not installed. Install it and try again.");
    if (status !== 0) throw new Error(`${name} could not be compiled.\n${output}`);
    await rename(fresh, program);
    return program;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs all of the target's corpus, then what libFuzzer makes of it for so many seconds. An input that breaks something
 * is added to the corpus, as `crash-…`. Resolves to the program's exit code and output.
 */
export async function fuzzShimTarget(name, seconds, program) {
  const corpus = join(corpora, name);
  const found = join(cache, `corpus-${name}`);
  await mkdir(found, { recursive: true });
  const args = [
    `-max_total_time=${seconds}`,
    "-timeout=10",
    "-max_len=70000",
    `-artifact_prefix=${corpus}/`,
    "-print_final_stats=1",
    ...["-verbosity=1", found, corpus],
  ];
  // What is not in use at the end is static: the shim allocates nothing. Looking for leaks wants to trace processes.
  const env = { ...process.env, ASAN_OPTIONS: "detect_leaks=0:abort_on_error=0" };
  return run(program, args, { env, timeoutMs: seconds * 1000 + 60_000 });
}

async function digest(folders) {
  const hash = createHash("sha256").update(flags.join(" "));
  for (const folder of folders) {
    const names = (await readdir(folder)).filter((name) => /\.[ch]$/.test(name)).sort();
    for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  }
  return hash.digest("hex").slice(0, 16);
}

function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
