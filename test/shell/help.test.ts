import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import type { FindingView, RemedyView } from "../../electron/protocol/help-view.ts";
import { type Doctor, helpOf } from "../../electron/shell/help.ts";

const finding = (action: RemedyView | undefined): FindingView => ({
  id: "claude.x",
  title: "Claude Code",
  verdict: "failure",
  sentence: "It is broken.",
  evidence: [],
  remedy: "Mend it.",
  action,
});

const page = (
  actions: readonly (RemedyView | undefined)[],
  parts: Partial<Doctor> = {},
  folder = "/app",
) => {
  const done: string[] = [];
  const note = (what: string) => (detail: string) => {
    done.push(`${what} ${detail}`);
    return Promise.resolve();
  };
  const help = helpOf({
    doctor: {
      examine: () => Promise.resolve({ at: 0, findings: actions.map(finding) }),
      report: () => ["FAILURE  Claude Code: It is broken.", ""],
      mend: note("mend"),
      bundle: note("bundle"),
      ...parts,
    },
    logFile: "/state/logs/evercred.log",
    folder,
    copyText: note("copy"),
    openPath: async (path) => {
      await note("open")(path);
      return path.includes("none") ? "No application" : "";
    },
    showFile: (path) => void note("show")(path),
    askWhere: (name) => Promise.resolve(`/home/ann/${name}`),
    now: () => Date.UTC(2027, 0, 4),
  });
  return { help, done };
};

test("a click does what the diagnosis says, and nothing that the window makes up", async () => {
  const { help, done } = page([
    { kind: "mend", command: "evercred config unset network.proxy" },
    { kind: "open", file: "/home/ann/.claude/settings.json" },
    { kind: "open", file: "/home/ann/.aws/config" },
    { kind: "copy", command: "chmod 600 x" },
    { kind: "page", page: "settings" },
    undefined,
  ]);
  expect(await help.mend(0)).toMatchObject({ kind: "failed" });
  await help.examine();
  for (const place of [0, 1, 2, 3]) expect(await help.mend(place)).toMatchObject({ kind: "done" });
  for (const place of [4, 5, 6, -1]) {
    expect(await help.mend(place)).toMatchObject({ kind: "failed" });
  }
  expect(done).toEqual([
    "mend evercred config unset network.proxy",
    "open /home/ann/.claude/settings.json",
    "show /home/ann/.aws/config",
    "copy chmod 600 x",
  ]);
});

test("an examination that is stopped is cancelled", async () => {
  const { help } = page([], {
    examine: (_checks, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("cut off")));
      }),
  });
  const examined = help.examine();
  help.stopExamining();
  expect(await examined).toMatchObject({ kind: "failed", trouble: { code: "cancelled" } });
});

test("the diagnosis is copied as the terminal has it; the archive goes where the person says", async () => {
  const { help, done } = page([]);
  await help.copyDiagnosis();
  expect(await help.saveSupport()).toEqual({ kind: "done", value: true });
  await help.openLogs();
  await help.openLicences();
  expect(done).toEqual([
    "copy FAILURE  Claude Code: It is broken.\n\n",
    "bundle /home/ann/evercred-support-2027-01-04.tar.gz",
    "show /home/ann/evercred-support-2027-01-04.tar.gz",
    "open /state/logs",
    "open /app/third-party.txt",
  ]);
});

test("in an installed app the licences are opened where other programs can read them", async () => {
  const { help, done } = page([], {}, "/opt/Evercred/resources/app.asar/dist");
  await help.openLicences();
  expect(done).toEqual(["open /opt/Evercred/resources/app.asar.unpacked/dist/third-party.txt"]);
});

test("what cannot be opened or written is said", async () => {
  const { help } = page([{ kind: "open", file: "/none.json" }], {
    bundle: () => Promise.reject(new EvercredError("usage", "There is something already.")),
  });
  await help.examine();
  expect(await help.mend(0)).toMatchObject({
    kind: "failed",
    trouble: { sentence: "Nothing opens /none.json." },
  });
  expect(await help.saveSupport()).toMatchObject({
    kind: "failed",
    trouble: { sentence: "There is something already." },
  });
});
