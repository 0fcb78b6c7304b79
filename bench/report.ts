import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import type { Budget, Findings, Table } from "./figures.ts";
import { mib } from "./figures.ts";
import { begin, emptyWords, project } from "./place.ts";

/** A whole run, as it is shown and written. */
export interface Report {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: readonly string[];
  readonly budgets: readonly Budget[];
  readonly tables: readonly Table[];
}

export const reportOf = async (
  findings: readonly Findings[],
  { quick, tookMs, busy }: { quick: boolean; tookMs: number; busy: string },
): Promise<Report> => ({
  date: new Date().toISOString().slice(0, 10),
  quick,
  machine: [
    ...(await machineLines()),
    `the run took ${String(Math.round(tookMs / 1000))} s; ${busy}`,
  ],
  budgets: findings.flatMap(({ budgets }) => budgets),
  tables: findings.flatMap(({ tables }) => tables),
});

const machineLines = async (): Promise<readonly string[]> => {
  const processors = cpus();
  const electron = await electronVersion();
  const { version } = JSON.parse(await readFile(`${project}/package.json`, "utf8")) as {
    version: string;
  };
  const system = await readFile("/etc/os-release", "utf8").catch(() => "");
  const name = /^PRETTY_NAME="(.*)"$/m.exec(system)?.[1] ?? process.platform;
  return [
    `${processors[0]?.model.trim() ?? "a processor"}, ${String(processors.length)} cores, ${mib(totalmem())}`,
    `${name}, Linux ${release()}`,
    `Evercred ${version}, Node ${process.versions.node}, Electron ${electron}`,
  ];
};

/** The version that the empty tray app says. */
const electronVersion = async (): Promise<string> => {
  const program = begin(await emptyWords(), process.env as Record<string, string>);
  const [line] = (await once(program.child.stdout ?? program.child, "data")) as [Buffer];
  await program.stop();
  return line.toString().trim();
};

const verdict = ({ holds, why }: Budget): string =>
  holds === undefined ? "not measured" : holds ? "holds" : (why ?? "fails");

const budgetTable = ({ budgets }: Report): Table => ({
  title: "Budgets",
  head: ["what", "measured", "budget", "verdict"],
  rows: budgets.map((each) => [each.what, each.measured, each.budget, verdict(each)]),
  note: "Ratios are of medians, both sides measured in this run and in turn.",
});

/** For a terminal. */
export const textOf = (report: Report): string =>
  [
    ...report.machine,
    "",
    ...[...report.tables, budgetTable(report)].flatMap((table) => [
      table.title,
      ...aligned([table.head, ...table.rows]).map((line) => `  ${line}`),
      "",
    ]),
  ].join("\n");

const plain = (cell: string): string => cell.replaceAll("`", "");

const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      widths[at] = Math.max(widths[at] ?? 0, plain(cell).length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, at) => plain(cell).padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
};

/** The page docs/benchmarks.md. */
export const pageOf = (report: Report): string =>
  [
    "# Benchmarks",
    "",
    "Written by `npm run bench`, which ends with 1 where a budget fails. Do not edit.",
    "",
    `${report.date}, on`,
    "",
    ...report.machine.map((line) => `- ${line}`),
    "",
    "Programs, doors and apps are the real ones; the provider runs on the same machine, under the provider's own host names. Whatever is compared is measured in the same run, in turn, in several rounds: a slow moment meets all sides. Figures are medians; how far the rounds lie apart stands beside them. On a machine that does other work, absolute times say little, and ratios more.",
    "",
    ...[budgetTable(report), ...report.tables].flatMap((table) => [
      `## ${table.title}`,
      "",
      line(table.head),
      line(table.head.map(() => "---")),
      ...table.rows.map(line),
      "",
      table.note,
      "",
    ]),
  ]
    .join("\n")
    .trimEnd() + "\n";

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
