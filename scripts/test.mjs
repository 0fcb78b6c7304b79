// Everything: all tests on desktops of their own, and beside them format, lint and types. Arguments go to vitest.
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { project, runChecks, staticChecks } from "./checks.mjs";
import { runOnPrivateDesktop } from "./private-desktop.mjs";

/** Three times what it takes on two cores that nobody shares. */
const wholeRunMs = 25 * 60_000;

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

/** How many desktops the app's tests share: on one of them only one window has the focus. */
const desktops = 3;

async function testAll() {
  const busy = await test(["--project=unit", "--project=integration", "--project=fuzz"]);
  // These wait most of their time: for other programs, and the app's also for their turn on the screen.
  const onScreen = Array.from({ length: desktops }, (_, index) =>
    testQuietly(["--project=app", `--shard=${index + 1}/${desktops}`, ...twice]),
  );
  const waiting = await Promise.all([test(["--project=e2e", ...twice]), ...onScreen]);
  return [busy, ...waiting].find((code) => code !== 0) ?? 0;
}

// Beside the tests that need no window: what has windows wants to be in time.
const checked = runChecks(staticChecks);
const words = process.argv.slice(2);
const code = await (words.length > 0 ? test(words) : testAll());
process.exitCode = (await checked) ? code : code || 1;
