import {
  mkdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  type StatSyncOptions,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { Footprint } from "../../electron/platform/footprint.ts";
import { temporaryFolder } from "./folder.ts";

const asIs = (stats: Stats | undefined): Stats | undefined => stats;
/** What the file system says otherwise: no such one can be mounted in a test. */
let renumber = asIs;
vi.mock("node:fs", async (load) => {
  const real = await load<typeof import("node:fs")>();
  return {
    ...real,
    statSync: (path: string, options?: StatSyncOptions) =>
      renumber(real.statSync(path, { bigint: false, ...options }) as Stats | undefined),
  };
});
afterEach(() => {
  renumber = asIs;
});

const installed = () => {
  const folder = temporaryFolder();
  const [bundle, binary] = [join(folder, "app.asar"), join(folder, "evercred")];
  const put = (file: string): void => {
    const before = statSync(file, { throwIfNoEntry: false })?.ctimeMs;
    do {
      writeFileSync(`${file}.new`, "another");
      // As packages that can be built again have it.
      utimesSync(`${file}.new`, 1, 1);
      // The kernel's clock for files goes by its ticks.
    } while (statSync(`${file}.new`).ctimeMs === before);
    renameSync(`${file}.new`, file);
  };
  put(bundle);
  put(binary);
  const footprint = new Footprint([join(bundle, "dist", "main.cjs"), binary]);
  return { footprint, bundle, binary, put };
};

/** As if so much time had passed. */
const later = (ms: number): void => {
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now + ms);
};

test("what stands as it stood is not replaced", () => {
  const { footprint } = installed();
  later(60_000);
  expect(footprint.isReplaced()).toBe(false);
});

test.each(["bundle", "binary"] as const)(
  "another %s, of the same size, counts once it has been there for a moment",
  (which) => {
    const its = installed();
    its.put(its[which]);
    expect(its.footprint.isReplaced()).toBe(false);
    later(2_100);
    expect(its.footprint.isReplaced()).toBe(true);
  },
);

test("an installation of which a file is missing is not there yet", () => {
  const { footprint, bundle, binary, put } = installed();
  put(bundle);
  rmSync(binary);
  later(60_000);
  expect(footprint.isReplaced()).toBe(false);
});

test("a file that comes where none was is another one", () => {
  const folder = temporaryFolder();
  const footprint = new Footprint([join(folder, "evercred")]);
  mkdirSync(join(folder, "evercred"));
  later(60_000);
  expect(footprint.isReplaced()).toBe(true);
});

test("what a file system merely numbers anew is not replaced, however often it does", () => {
  const { footprint, put, binary } = installed();
  later(60_000);
  let number = 1;
  renumber = (stats) => stats && Object.assign(stats, { dev: number, ino: (number += 1) });
  expect(footprint.isReplaced()).toBe(false);
  expect(footprint.isReplaced()).toBe(false);
  put(binary);
  later(60_000);
  expect(footprint.isReplaced()).toBe(true);
});
