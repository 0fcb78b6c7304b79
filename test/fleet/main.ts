import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type FleetOptions, simulate } from "./fleet.ts";
import type { Figures } from "./figures.ts";
import { pictureOf } from "./picture.ts";
import { type Summary, summaryOf, tableOf, violationsOf, withGenerated } from "./report.ts";

/** The most that the highest ten seconds may be of the mean of the working hours. */
const budget = 3;

const { values } = parseArgs({
  options: {
    computers: { type: "string", default: "10000" },
    days: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    /** The folder of the project, where the page, the picture and dist/fleet.json are written; left out: nowhere. */
    write: { type: "string" },
  },
});

const usual: FleetOptions = {
  tool: "evercred",
  computers: Number(values.computers),
  days: Number(values.days),
  seed: Number(values.seed),
  sessionHours: 8,
  outageDay: Number(values.days) > 2 ? 2 : 0,
};
/** What is only compared needs no more of them. */
const fewer = { ...usual, computers: Math.ceil(usual.computers / 5) };
const oneDay = { ...fewer, days: 1, outageDay: undefined };

const fleets: readonly (readonly [string, FleetOptions])[] = [
  ["Evercred", usual],
  ["renewed at the end", { ...fewer, tool: "at-expiry" }],
  ["each half hour", { ...fewer, tool: "at-intervals" }],
  ["Evercred, all in by 9:05", { ...oneDay, habits: { meetingPercent: 100 } }],
  ["Evercred, sessions of 12 h", { ...oneDay, sessionHours: 12 }],
];

// Errors are made by the million here, and nobody reads where.
Error.stackTraceLimit = 0;

const results: { readonly summary: Summary; readonly figures: Figures }[] = [];
for (const [title, options] of fleets) {
  const begun = performance.now();
  const figures = await simulate(options);
  const summary = summaryOf(title, options, figures);
  results.push({ summary, figures });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(`${title}: ${summary.peakToMean.toFixed(2)} times the mean (${seconds} s)`);
}
const summaries = results.map(({ summary }) => summary);
console.log(`\n${tableOf(summaries)}`);

if (values.write !== undefined) {
  const folder = values.write;
  const panels = results.slice(0, 3).map(({ summary, figures }) => ({
    title: `${summary.title} (${summary.options.computers} computers)`,
    figures,
  }));
  await mkdir(join(folder, "docs", "images"), { recursive: true });
  await writeFile(join(folder, "docs", "images", "fleet-week.svg"), pictureOf(panels, usual.days));
  const page = join(folder, "docs", "fleet.md");
  const generated = [
    `Days from Monday on: ${usual.days}. Evercred with ${usual.computers} computers, the others with ${fewer.computers} and a provider that takes as much less; seed ${usual.seed}.`,
    tableOf(summaries),
  ].join("\n\n");
  await writeFile(page, withGenerated(await readFile(page, "utf8"), generated));
  await mkdir(join(folder, "dist"), { recursive: true });
  await writeFile(
    join(folder, "dist", "fleet.json"),
    `${JSON.stringify({ budget, fleets: summaries }, undefined, 2)}\n`,
  );
}

// Few computers are few requests, which come in bunches by chance alone.
const isBig = usual.computers >= 10_000;
const violations = summaries
  .filter(({ options }) => options.tool === "evercred")
  .flatMap((summary) => {
    const most = summary.options === usual && isBig ? budget : Number.POSITIVE_INFINITY;
    return violationsOf(summary, most).map((line) => `${summary.title}: ${line}`);
  });
for (const line of violations) console.error(line);
process.exitCode = violations.length === 0 ? 0 : 1;
