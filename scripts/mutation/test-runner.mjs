import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { INSTRUMENTER_CONSTANTS } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { build } from "esbuild";

/**
 * The tests that mutants meet. Two files try thousands of courses of events and reach nearly all of a session: they would be
 * run for each of its mutants, and are left out.
 */
const isLong = (name) => /^session-(?:interleavings|sequences)\./.test(name);
const testFiles = () => [
  ...readdirSync("test/core")
    .filter((name) => name.endsWith(".test.ts") && !isLong(name))
    .map((name) => `./test/core/${name}`),
  "./test/protocol/wire.test.ts",
];

/** A test that is not over when everything else has had its turn so often waits for ever. */
const mostTurns = (usual) => (usual === undefined ? 200_000 : 5_000 + 10 * usual.turns);

/** What tests usually take, in the sandbox, for the processes that follow one which a mutant has kept busy for ever. */
const usualFile = "mutation-usual.json";

/** How many of those that have found a mutant out are asked first for the next one. */
const mostKeen = 8;

/**
 * Runs the tests in Stryker's own process, for one mutant after the other: a new worker of vitest for each takes a hundred
 * times as long as most of them need. For a mutant that counts while modules are loaded, all of them are loaded anew.
 */
class InProcess {
  static inject = [];

  /** What the mutants of the code look at. */
  #mutants = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});
  #bundle = "";
  #loads = 0;
  #tests = [];
  /** How long each takes without a mutant, by its name: milliseconds, and turns of everything else. */
  #usual = new Map();
  /** The latest first: the next mutant is likely to be its neighbour. */
  #keen = [];
  /** An error that nobody has caught. vitest fails for one, too. */
  #stray;

  constructor() {
    process.env.TZ = "UTC";
    for (const event of ["unhandledRejection", "uncaughtException"]) {
      process.on(event, (error) => (this.#stray ??= error ?? new Error(event)));
    }
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // The sandbox. esbuild would take the folder in which it was loaded.
    const folder = process.cwd();
    this.#bundle = join(folder, `mutation-${process.env.STRYKER_MUTATOR_WORKER ?? 0}.mjs`);
    const lines = testFiles().flatMap((file) => [`import "begin:${file}";`, `import "${file}";`]);
    await build({
      stdin: {
        contents: [...lines, 'export { tests } from "vitest";'].join("\n"),
        resolveDir: folder,
      },
      absWorkingDir: folder,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      plugins: [{ name: "vitest", setup: withOurVitest }],
      outfile: this.#bundle,
      logLevel: "error",
    });
    const usual = await readFile(usualFile, "utf8").catch(() => "[]");
    this.#usual = new Map(JSON.parse(usual));
  }

  async dryRun() {
    await this.#load();
    const results = [];
    for (const test of this.#tests) {
      this.#mutants.currentTestId = test.name;
      results.push(await this.#run(test));
    }
    this.#mutants.currentTestId = undefined;
    await writeFile(usualFile, JSON.stringify([...this.#usual]));
    const { mutantCoverage } = this.#mutants;
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, reloadEnvironment }) {
    const { id } = activeMutant;
    Object.assign(this.#mutants, { hitCount: 0, hitLimit });
    this.#mutants.activeMutant = mutantActivation === "static" ? id : undefined;
    if (reloadEnvironment || this.#loads === 0) {
      const error = await this.#load().catch((thrown) => thrown);
      if (error !== undefined) {
        return toMutantRunResult(completed([resultOf({ name: "it loads", error })]));
      }
    }
    this.#mutants.activeMutant = id;
    const result = await this.#meet(testFilter);
    this.#mutants.activeMutant = undefined;
    return toMutantRunResult(result);
  }

  async #load() {
    this.#loads += 1;
    ({ tests: this.#tests } = await import(`${pathToFileURL(this.#bundle)}?${this.#loads}`));
  }

  /** Runs the tests of these names until one fails: first those that are likely to, then those that are soon over. */
  async #meet(names) {
    const wanted = names === undefined ? undefined : new Set(names);
    const rank = ({ name }) => {
      const at = this.#keen.indexOf(name);
      return at === -1 ? mostKeen + (this.#usual.get(name)?.tookMs ?? 0) : at;
    };
    const tests = this.#tests
      .filter(({ name }) => wanted?.has(name) ?? true)
      .sort((one, other) => rank(one) - rank(other));
    const results = [];
    for (const test of tests) {
      const result = await this.#run(test);
      results.push(result);
      const endless = determineHitLimitReached(this.#mutants.hitCount, this.#mutants.hitLimit);
      if (endless !== undefined) return endless;
      if (result.status === TestStatus.Success) continue;
      const others = this.#keen.filter((name) => name !== test.name);
      this.#keen = [test.name, ...others].slice(0, mostKeen);
      break;
    }
    return completed(results);
  }

  async #run({ name, run }) {
    const startedAt = performance.now();
    this.#stray = undefined;
    const { error, turns } = await within(mostTurns(this.#usual.get(name)), run());
    const tookMs = performance.now() - startedAt;
    if (this.#mutants.activeMutant === undefined) this.#usual.set(name, { tookMs, turns });
    return resultOf({ name, error: error ?? this.#stray, timeSpentMs: tookMs });
  }
}

/** Resolves to the error that `work` ends with, if any, and after how many turns; also where it has not ended after `most`. */
function within(most, work) {
  return new Promise((settle) => {
    let turns = 0;
    let isOver = false;
    const end = (error) => {
      isOver = true;
      settle({ error, turns });
    };
    const turn = () => {
      if (isOver) return;
      turns += 1;
      if (turns > most) end(new Error("It waits for ever."));
      else setImmediate(turn);
    };
    turn();
    work.then(
      () => end(undefined),
      (thrown) => end(thrown ?? new Error("Something that is nothing was thrown.")),
    );
  });
}

const completed = (tests) => ({ status: DryRunStatus.Complete, tests });

const resultOf = ({ name, error, timeSpentMs = 0 }) => ({
  id: name,
  name,
  timeSpentMs,
  ...(error === undefined
    ? { status: TestStatus.Success }
    : { status: TestStatus.Failed, failureMessage: String(error?.stack ?? error) }),
});

/** A file of tests, by its name and what it has: the tests of a file that has changed are other ones than in the last run. */
const nameOf = async (file) => {
  const digest = createHash("sha256").update(await readFile(file));
  return `${file} ${digest.digest("hex").slice(0, 8)}`;
};

/** What is imported from vitest is imported from beside this file, which is told where each file of tests begins. */
function withOurVitest({ onResolve, onLoad }) {
  const path = join(import.meta.dirname, "vitest.mjs");
  onResolve({ filter: /^vitest$/ }, () => ({ path }));
  onResolve({ filter: /^begin:/ }, (asked) => ({ path: asked.path, namespace: "begin" }));
  onLoad({ filter: /.*/, namespace: "begin" }, async (asked) => {
    const name = JSON.stringify(await nameOf(asked.path.slice("begin:".length)));
    return { contents: `import { begin } from "vitest"; begin(${name});` };
  });
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "in-process", InProcess)];
