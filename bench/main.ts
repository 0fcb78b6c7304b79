import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { constants, loadavg, setPriority } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { measureBurst } from "./burst.ts";
import { measureDoor } from "./door.ts";
import type { Findings } from "./figures.ts";
import { fleetBudget, readFleets } from "./fleet.ts";
import { measureGrowth } from "./growth.ts";
import { measureIdle } from "./idle.ts";
import { buildLoad } from "./load.ts";
import { closeAll, placeFor, project, signIn, startHeadless } from "./place.ts";
import { pageOf, reportOf, textOf } from "./report.ts";
import { measureScale } from "./scale.ts";
import { measureShim } from "./shim.ts";
import { measureSizes } from "./sizes.ts";
import { measureStart } from "./start.ts";

const { quick, json, only } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    only: { type: "string", multiple: true },
  },
}).values;
const effort = { quick };

/** All that is started here comes before other work of the machine, which disturbs less then. False where only root may. */
const comeFirst = (): boolean => {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
    // Where Linux shares time among terminals' sessions first, a priority counts within one only (sched(7)).
    writeFileSync("/proc/self/autogroup", String(constants.priority.PRIORITY_HIGHEST));
    return true;
  } catch {
    return false;
  }
};

/** One house, with a sign-in in its keychain and the daemon running, for all that needs no more. */
const measureServing = async (): Promise<Findings> => {
  const house = await placeFor();
  const daemon = await startHeadless(house);
  await signIn(house);
  const shim = await measureShim(house, effort);
  const door = await measureDoor(house, daemon, effort);
  await daemon.stop();
  return {
    budgets: [...shim.budgets, ...door.budgets],
    tables: [...shim.tables, ...door.tables],
  };
};

/** The same house for all that starts and ends the app. */
const measureApp = async (): Promise<Findings> => {
  const house = await placeFor();
  const daemon = await startHeadless(house);
  await signIn(house);
  await daemon.stop();
  const start = await measureStart(house, effort);
  const idle = await measureIdle(house, effort);
  return {
    budgets: [...idle.budgets, ...start.budgets],
    tables: [...start.tables, ...idle.tables],
  };
};

const parts = {
  serving: measureServing,
  burst: () => measureBurst(effort),
  app: measureApp,
  scale: () => measureScale(effort),
  growth: () => measureGrowth(effort),
  sizes: measureSizes,
  fleet: async (): Promise<Findings> => ({
    budgets: [fleetBudget(await readFleets(project))],
    tables: [],
  }),
};

const beganAt = performance.now();
const seconds = (): string => ((performance.now() - beganAt) / 1000).toFixed(0);
const findings: Findings[] = [];
let failed = false;
await buildLoad();
/** How many programs wanted a core in the minute before each part; at its start, none of them was of the bench. */
const busy: number[] = [];
const isFirst = comeFirst();
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && !only.includes(name)) continue;
  try {
    process.stderr.write(`${seconds()} s: ${name}\n`);
    busy.push(loadavg()[0] ?? 0);
    findings.push(await measure());
  } catch (error) {
    failed = true;
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  } finally {
    await closeAll();
  }
}
const report = await reportOf(findings, {
  quick,
  tookMs: performance.now() - beganAt,
  busy: `at its start ${(busy[0] ?? 0).toFixed(1)} programs of others wanted a core, later up to ${Math.max(...busy).toFixed(1)} together with the bench${isFirst ? ", which came before them" : ""}`,
});
process.stdout.write(textOf(report));
if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
if (!quick && only === undefined && !failed) {
  const page = await format(pageOf(report), { parser: "markdown" });
  await writeFile(join(project, "docs", "benchmarks.md"), page);
}
process.exitCode = failed || report.budgets.some(({ holds }) => holds === false) ? 1 : 0;
