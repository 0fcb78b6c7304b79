// npm run fuzz [SECONDS]: the shim under libFuzzer and the readers' properties under fast-check, side by side.
import { join } from "node:path";
import { project } from "./checks.mjs";
import { run } from "./command.mjs";
import { buildShimTarget, fuzzShimTarget, shimTargets } from "./fuzz-shim.mjs";

const seconds = Number(process.argv[2] ?? 300);
if (!Number.isInteger(seconds) || seconds < 20 || process.argv.length > 3) {
  console.error("Usage: npm run fuzz [SECONDS], at least 20");
  process.exit(2);
}
// What is left is for compiling, and for what ends late.
const usable = Math.floor(seconds * 0.9);

function report(name, { status, output }, startedAt) {
  const took = ((performance.now() - startedAt) / 1000).toFixed(0);
  const runs = /number_of_executed_units: (\d+)/.exec(output)?.[1];
  const count = runs === undefined ? "" : `, ${runs} inputs`;
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${took} s${count})`);
  if (status !== 0) process.stdout.write(output);
  return status === 0;
}

async function fuzzShim() {
  let passed = true;
  for (const [name, part] of Object.entries(shimTargets)) {
    const startedAt = performance.now();
    const program = await buildShimTarget(name);
    const result = await fuzzShimTarget(name, Math.max(1, Math.floor(usable * part)), program);
    passed = report(`shim: ${name}`, result, startedAt) && passed;
  }
  return passed;
}

/** Each property has its part of the time; a failure prints its seed and the smallest case. */
async function fuzzProperties() {
  const startedAt = performance.now();
  const vitest = join(project, "node_modules", "vitest", "vitest.mjs");
  const result = await run(process.execPath, [vitest, "run", "--project=fuzz", "--no-color"], {
    cwd: project,
    env: { ...process.env, FUZZ_SECONDS: String(usable) },
    timeoutMs: (seconds + 120) * 1000,
  });
  return report("properties", result, startedAt);
}

const passed = await Promise.all([fuzzShim(), fuzzProperties()]);
process.exitCode = passed.every(Boolean) ? 0 : 1;
