import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Watch, watchPaths, Watches } from "../../electron/platform/watch.ts";
import { temporaryFolder } from "./folder.ts";
import { bundleProgram, runProgram } from "./program.ts";

interface Watching extends Watch {
  /** Resolves at the next change that was not awaited yet. */
  changed(): Promise<void>;
  readonly count: number;
}

function watching(...paths: readonly string[]): Watching {
  let count = 0;
  let awaited = 0;
  let wake = (): void => undefined;
  const watch = watchPaths(
    paths,
    () => {
      count += 1;
      wake();
    },
    { debounceMs: 10 },
  );
  onTestFinished(() => watch.close());
  return {
    check: () => watch.check(),
    close: () => watch.close(),
    changed: async () => {
      if (count === awaited) await new Promise<void>((resolve) => (wake = resolve));
      awaited = count;
    },
    get count() {
      return count;
    },
  };
}

test("a file that is written to is a change", async () => {
  const file = join(temporaryFolder(), "config");
  writeFileSync(file, "a");
  const { changed } = watching(file);
  appendFileSync(file, "b");
  await changed();
});

test("a file that another is renamed over is a change, each time", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "config");
  writeFileSync(file, "0");
  const { changed } = watching(file);
  for (const text of ["1", "2", "3"]) {
    writeFileSync(join(folder, "new"), text);
    renameSync(join(folder, "new"), file);
    await changed();
  }
});

test("a file that appears, goes and comes again is a change each time", async () => {
  const file = join(temporaryFolder(), "config");
  const { changed } = watching(file);
  for (let i = 0; i < 3; i++) {
    writeFileSync(file, "a");
    await changed();
    rmSync(file);
    await changed();
  }
});

test("a file in folders that do not exist yet is found once all are there", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "a", "b", "c", "config");
  const { changed } = watching(file);
  mkdirSync(join(folder, "a", "b", "c"), { recursive: true });
  writeFileSync(file, "a");
  await changed();
  appendFileSync(file, "b");
  await changed();
});

test("a file whose folder is removed and made again is followed", async () => {
  const folder = temporaryFolder();
  const inner = join(folder, "a", "b");
  const file = join(inner, "config");
  mkdirSync(inner, { recursive: true });
  writeFileSync(file, "a");
  const { changed } = watching(file);
  for (let i = 0; i < 3; i++) {
    rmSync(join(folder, "a"), { recursive: true });
    await changed();
    mkdirSync(inner, { recursive: true });
    writeFileSync(file, "b");
    await changed();
    appendFileSync(file, "c");
    await changed();
  }
});

test("a file in a folder that another is renamed over is followed", async () => {
  const folder = temporaryFolder();
  for (const name of ["a", "b"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "config"), name);
  }
  const { changed } = watching(join(folder, "a", "config"));
  renameSync(join(folder, "a"), join(folder, "old"));
  renameSync(join(folder, "b"), join(folder, "a"));
  await changed();
  appendFileSync(join(folder, "a", "config"), "c");
  await changed();
});

test("a folder tells of each file in it that comes, changes and goes", async () => {
  const cache = join(temporaryFolder(), "sso", "cache");
  const { changed } = watching(cache);
  mkdirSync(cache, { recursive: true });
  await changed();
  writeFileSync(join(cache, "a.json"), "a");
  await changed();
  appendFileSync(join(cache, "a.json"), "b");
  await changed();
  rmSync(join(cache, "a.json"));
  await changed();
});

test("a change behind a symbolic link is a change", async () => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  const target = join(elsewhere, "config");
  writeFileSync(target, "a");
  symlinkSync(target, join(folder, "config"));
  const { changed } = watching(join(folder, "config"));
  appendFileSync(target, "b");
  await changed();
});

test("what happens beside the file is no change", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "config");
  const other = join(folder, "other");
  writeFileSync(file, "a");
  const watch = watching(file);
  const beside = watching(other);
  writeFileSync(other, "x");
  await beside.changed();
  watch.check();
  expect(watch.count).toBe(0);
});

test("many writes in one go are one change", async () => {
  const file = join(temporaryFolder(), "config");
  writeFileSync(file, "");
  const watch = watching(file);
  for (let i = 0; i < 100; i++) appendFileSync(file, "x");
  await watch.changed();
  watch.check();
  expect(watch.count).toBe(1);
});

test("a check finds a change by itself, at once", () => {
  const file = join(temporaryFolder(), "config");
  writeFileSync(file, "a");
  const watch = watching(file);
  watch.check();
  expect(watch.count).toBe(0);
  utimesSync(file, 1, 1);
  watch.check();
  expect(watch.count).toBe(1);
});

test("what lies under a file is absent until there is a folder", async () => {
  const folder = join(temporaryFolder(), ".aws");
  writeFileSync(folder, "not a folder");
  const watch = watching(join(folder, "config"), join(folder, "deep", "file"));
  watch.check();
  expect(watch.count).toBe(0);
  rmSync(folder);
  mkdirSync(folder);
  writeFileSync(join(folder, "config"), "a");
  await watch.changed();
});

test("after close nothing is told", () => {
  const file = join(temporaryFolder(), "config");
  const watch = watching(file);
  watch.close();
  writeFileSync(file, "a");
  watch.check();
  expect(existsSync(file)).toBe(true);
  expect(watch.count).toBe(0);
});

test("a watch does not keep the process alive", async () => {
  const folder = temporaryFolder();
  const file = await bundleProgram(
    `import { watchPaths } from "./electron/platform/watch.ts";
     watchPaths([process.env.FILE], () => undefined);`,
    folder,
  );
  expect(await runProgram(file, { FILE: join(folder, "config") }).ended).toBe(0);
});

test("files whose names change are watched by their names of now", async () => {
  const folder = temporaryFolder();
  const first = join(folder, "first");
  const second = join(folder, "second");
  let told: (() => void) | undefined;
  let count = 0;
  const watches = new Watches(() => {
    count += 1;
    told?.();
  });
  onTestFinished(() => watches.close());
  const next = (): Promise<void> => new Promise((resolve) => (told = resolve));
  watches.use([first]);
  let change = next();
  writeFileSync(first, "1");
  await change;
  watches.use([second]);
  change = next();
  writeFileSync(first, "2");
  writeFileSync(second, "1");
  await change;
  expect(count).toBe(2);
  // The same names again: nothing is forgotten meanwhile.
  change = next();
  writeFileSync(second, "2");
  watches.use([second]);
  await change;
  watches.close();
  watches.check();
});
