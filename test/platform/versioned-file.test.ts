import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Step, VersionedFile, versionOf } from "../../electron/platform/versioned-file.ts";
import { temporaryFolder } from "./folder.ts";

/** Three versions of one document: a name; a list of names; the same under another word. */
const toSecond: Step = ({ name }) => {
  if (typeof name !== "string") throw new Error("there is no name");
  return { names: [name] };
};
const toThird: Step = ({ names }) => ({ all: names });

const place = (text?: string): string => {
  const file = join(temporaryFolder(), "things.json");
  if (text !== undefined) writeFileSync(file, text);
  return file;
};
const first = '{"name":"ann"}';
const copyOf = (file: string, version: number): string => `${file}.v${String(version)}.bak`;

const refusalOf = (act: () => unknown): EvercredError => {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof EvercredError) return thrown;
    throw thrown;
  }
  throw new Error("It was not refused.");
};

describe("the version of a document", () => {
  test.each([
    [{}, 1],
    [null, 1],
    ["text", 1],
    [[], 1],
    [{ version: 1 }, 1],
    [{ version: 2 }, 2],
    [{ version: 2.5 }, 3],
    [{ version: 0 }, 1],
    [{ version: "9" }, 1],
  ])("%j is of %i", (document, version) => {
    expect(versionOf(document)).toBe(version);
  });
});

describe("a file of our version", () => {
  test("is written with it, for its owner only, and read as it was", () => {
    const file = place();
    expect(new VersionedFile(file).read()).toBeUndefined();
    new VersionedFile(file).write({ name: "ann" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(new VersionedFile(file).read()).toEqual({ version: 1, name: "ann" });
  });

  test("is replaced without a copy, also where it makes no sense", () => {
    const file = place("{");
    expect(() => new VersionedFile(file).read()).toThrow(SyntaxError);
    new VersionedFile(file).write({ name: "ben" });
    expect(readdirSync(join(file, ".."))).toEqual(["things.json"]);
  });
});

describe("a file of an older version", () => {
  test("is read as one of ours, by every step from there on, and is left alone until something is written", () => {
    const file = place(first);
    expect(new VersionedFile(file, [toSecond, toThird]).read()).toEqual({ all: ["ann"] });
    const second = place('{"version":2,"names":["ben"]}');
    expect(new VersionedFile(second, [toSecond, toThird]).read()).toEqual({ all: ["ben"] });
    expect(readFileSync(file, "utf8")).toBe(first);
    expect(existsSync(copyOf(file, 1))).toBe(false);
  });

  test("is kept beside the first thing that is written, for its owner only", () => {
    const file = place(first);
    const versioned = new VersionedFile(file, [toSecond]);
    versioned.write({ names: ["ann", "ben"] });
    versioned.write({ names: ["carl"] });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ version: 2, names: ["carl"] });
    expect(readFileSync(copyOf(file, 1), "utf8")).toBe(first);
    expect(statSync(copyOf(file, 1)).mode & 0o777).toBe(0o600);
  });

  test("that copy goes with the next upgrade, and what only looks like one stays", () => {
    const file = place(first);
    new VersionedFile(file, [toSecond]).write({ names: ["ann"] });
    writeFileSync(`${file}.vold.bak`, "");
    new VersionedFile(file, [toSecond, toThird]).write({ all: ["ann"] });
    expect(readdirSync(join(file, "..")).sort()).toEqual([
      "things.json",
      "things.json.v2.bak",
      "things.json.vold.bak",
    ]);
  });

  test("is not replaced where no copy of it can be kept", () => {
    const file = place(first);
    mkdirSync(copyOf(file, 1));
    const versioned = new VersionedFile(file, [toSecond]);
    expect(() => versioned.write({ names: [] })).toThrow();
    expect(readFileSync(file, "utf8")).toBe(first);
  });

  test("that does not fit its version says so, and is left alone", () => {
    const file = place('{"nobody":1}');
    expect(() => new VersionedFile(file, [toSecond]).read()).toThrow("there is no name");
    expect(readFileSync(file, "utf8")).toBe('{"nobody":1}');
  });
});

describe("a file of a newer version", () => {
  const newer = '{"version":3,"all":["ann"]}';

  test("is neither read nor written over, and the newer one is asked for", () => {
    const file = place(newer);
    const versioned = new VersionedFile(file, [toSecond]);
    const refusal = refusalOf(() => versioned.read());
    expect(refusal).toMatchObject({
      code: "saved-by-newer",
      message: `${file} was saved by a newer Evercred (version 3; this one knows 2), and stays as it is.`,
      remedy: "Install the newer Evercred again, or move it away and run: evercred daemon restart",
    });
    expect(refusalOf(() => versioned.write({ names: [] })).code).toBe("saved-by-newer");
    // Also where nobody has looked before.
    const other = new VersionedFile(file);
    expect(refusalOf(() => other.write({ name: "x" })).code).toBe("saved-by-newer");
    expect(readFileSync(file, "utf8")).toBe(newer);
  });

  test("after a rollback: the copy of before is named", () => {
    const file = place(first);
    new VersionedFile(file, [toSecond]).write({ names: ["ann", "ben"] });
    const { remedy } = refusalOf(() => new VersionedFile(file).read());
    expect(remedy).toBe(
      `Install the newer Evercred again, or put ${copyOf(file, 1)} in its place and run: evercred daemon restart`,
    );
  });

  test("that has gone meanwhile is written anew once it is read again", () => {
    const file = place(newer);
    const versioned = new VersionedFile(file);
    refusalOf(() => versioned.read());
    writeFileSync(file, first);
    expect(versioned.read()).toEqual({ name: "ann" });
    versioned.write({ name: "ben" });
    expect(versioned.read()).toEqual({ version: 1, name: "ben" });
  });
});
