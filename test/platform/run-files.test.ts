import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { RunFiles } from "../../electron/platform/run-files.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

const hour = 60 * 60_000;

const openedIn = (
  folder = join(temporaryFolder(), "run", "runs"),
): { readonly folder: string; readonly files: RunFiles } => ({
  folder,
  files: new RunFiles({ folder, log: new MemoryLog() }),
});

const ageOf = (folder: string, ageMs: number): void => {
  const then = new Date(Date.now() - ageMs);
  utimesSync(folder, then, then);
};

test("files are there, for us only, until their run ends", async () => {
  const { folder, files } = openedIn();
  const run = new AbortController();
  const path = await files.filesFor({ config: "[default]\n", credentials: "" }, run.signal);
  expect(readFileSync(join(path, "config"), "utf8")).toBe("[default]\n");
  expect(readFileSync(join(path, "credentials"), "utf8")).toBe("");
  const modes = [folder, path, join(path, "config")].map((each) => statSync(each).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700, 0o600]);
  run.abort();
  await vi.waitFor(() => expect(existsSync(path)).toBe(false), patient);
});

test("a file may stand in folders of its own, which are for us only too", async () => {
  const { files } = openedIn();
  const run = new AbortController();
  const wanted = { active_config: "work", "configurations/config_work": "[core]\n" };
  const path = await files.filesFor(wanted, run.signal);
  expect(readFileSync(join(path, "active_config"), "utf8")).toBe("work");
  const inner = join(path, "configurations", "config_work");
  expect(readFileSync(inner, "utf8")).toBe("[core]\n");
  const modes = [join(path, "configurations"), inner].map((each) => statSync(each).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
  run.abort();
  await vi.waitFor(() => expect(existsSync(path)).toBe(false), patient);
});

test.each(["../out", "a/../../out", "/out", "a//b", "", ".", "a\\b", "c:out"])(
  "a name that leads elsewhere is not written: %j",
  async (name) => {
    const { folder, files } = openedIn();
    const { signal } = new AbortController();
    await expect(files.filesFor({ [name]: "" }, signal)).rejects.toMatchObject({
      code: "internal",
    });
    expect(readdirSync(folder)).toEqual([]);
  },
);

test("each run has a folder of its own, and ends alone", async () => {
  const { files } = openedIn();
  const run = new AbortController();
  const path = await files.filesFor({ config: "" }, run.signal);
  const other = await files.filesFor({ config: "" }, new AbortController().signal);
  run.abort();
  await vi.waitFor(() => expect(existsSync(path)).toBe(false), patient);
  expect(existsSync(join(other, "config"))).toBe(true);
});

test("a run that has ended gets none", async () => {
  const { folder, files } = openedIn();
  const reason = new Error("gone");
  await expect(files.filesFor({ config: "" }, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(existsSync(folder)).toBe(false);
});

test("a run that ends while they are written leaves none", async () => {
  const { folder, files } = openedIn();
  const run = new AbortController();
  const writing = files.filesFor({ config: "" }, run.signal);
  run.abort();
  await writing;
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), patient);
});

test("what cannot be written is said, and nothing is left", async () => {
  const { folder, files } = openedIn();
  const { signal } = new AbortController();
  await expect(files.filesFor({ config: "", "config/where": "" }, signal)).rejects.toMatchObject({
    code: "internal",
    message: "The files for the program cannot be written.",
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("the daemon's own end leaves them, and their day begins then", async () => {
  const { folder, files } = openedIn();
  const run = new AbortController();
  const path = await files.filesFor({ config: "" }, run.signal);
  ageOf(path, 30 * hour);
  await files.close();
  run.abort();
  const next = openedIn(folder).files;
  await next.clean();
  // By the time that files of a later run are gone, these would be.
  const other = new AbortController();
  const gone = await next.filesFor({ config: "" }, other.signal);
  other.abort();
  await vi.waitFor(() => expect(existsSync(gone)).toBe(false), patient);
  expect(existsSync(join(path, "config"))).toBe(true);
});

test("what daemons before have left is removed after a day, and nothing younger", async () => {
  const { folder, files } = openedIn();
  for (const [name, ageMs] of Object.entries({ old: 25 * hour, young: 23 * hour })) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "config"), "");
    ageOf(join(folder, name), ageMs);
  }
  await files.clean();
  expect(readdirSync(folder)).toEqual(["young"]);
});

test("there is nothing to clean where there was no run", async () => {
  const { files } = openedIn();
  await files.clean();
});
