// Everything: all tests on desktops of their own, and beside them format, lint and types. Arguments go to vitest.
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { project, runChecks, staticChecks } from "./checks.mjs";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

const wholeRunMs = 14.5 * 60_000;

/** Resolves to the exit code of vitest. */
function test(words, output) {
  const vitest = join(project, "node_modules", "vitest", "vitest.mjs");
  return runOnPrivateDesktop([process.execPath, vitest, "run", ...words], {
    cwd: project,
    limitMs: wholeRunMs - performance.now(),
    output,
  });
}

/** As `test`, but what it prints is printed at its end. */
async function testQuietly(words) {
  const folder = await mkdtemp(join(tmpdir(), "evercred-output-"));
  const path = join(folder, "output");
  const file = await open(path, "w");
  try {
    return await test(words, file.fd);
  } finally {
    await file.close();
    process.stdout.write(await readFile(path));
    await rm(folder, { recursive: true });
  }
}

// A machine that many share may stand still for longer than any test waits. What passes only then is named.
const twice = ["--retry=1", "--reporter=default", "--reporter=./test/second-tries.ts"];

async function testAll() {
  const busy = await test(["--project=unit", "--project=integration", "--project=fuzz"]);
  // These wait most of their time: for other programs, and the app's also for their turn on the screen.
  const waiting = await Promise.all([
    test(["--project=e2e", ...twice]),
    testQuietly(["--project=app", "--shard=1/2", ...twice]),
    testQuietly(["--project=app", "--shard=2/2", ...twice]),
  ]);
  return [busy, ...waiting].find((code) => code !== 0) ?? 0;
}

// Tests wait for other programs much of their time; the checks take what is left of it.
const checked = runChecks(staticChecks, { aside: true });
const words = process.argv.slice(2);
const code = await (words.length > 0 ? test(words) : testAll());
process.exitCode = (await checked) ? code : code || 1;
