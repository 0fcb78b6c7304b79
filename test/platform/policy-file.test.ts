import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRootsFile } from "../../electron/platform/policy-file.ts";
import { temporaryFolder } from "./folder.ts";

const nobody = 65_534;

/** A file of root's in a folder of root's. */
const written = (content: string | Buffer = "{}"): { folder: string; file: string } => {
  const top = temporaryFolder();
  chmodSync(top, 0o755);
  const folder = join(top, "evercred");
  mkdirSync(folder, { mode: 0o755 });
  const file = join(folder, "policy.json");
  writeFileSync(file, content, { mode: 0o644 });
  return { folder, file };
};

test("a file of root's is read, without its byte order mark", () => {
  const { file } = written("\ufeff{}");
  expect(readRootsFile(file)).toEqual({ kind: "policy", file, text: "{}", isWritten: true });
});

test("a link of root's leads to one", () => {
  const { folder, file } = written();
  symlinkSync(file, join(folder, "link"));
  expect(readRootsFile(join(folder, "link"))).toMatchObject({ kind: "policy", text: "{}" });
});

test("nothing there is no policy", () => {
  const { folder, file } = written();
  expect(readRootsFile(join(folder, "other.json"))).toEqual({ kind: "none" });
  expect(readRootsFile(join(folder, "no", "other.json"))).toEqual({ kind: "none" });
  expect(readRootsFile(join(file, "other.json"))).toEqual({ kind: "none" });
});

test("what does not belong to root is planted, a link too", () => {
  const { folder, file } = written();
  const link = join(folder, "link");
  symlinkSync(file, link);
  lchownSync(link, nobody, nobody);
  expect(readRootsFile(link)).toMatchObject({ kind: "planted" });
  chownSync(file, nobody, nobody);
  expect(readRootsFile(file)).toEqual({
    kind: "planted",
    file,
    why: "It does not belong to root.",
  });
});

describe("a file of root's is unusable", () => {
  test.each([0o664, 0o646])("that others can write: %o", (mode) => {
    const { file } = written();
    chmodSync(file, mode);
    const why = "Others than root can write it.";
    expect(readRootsFile(file)).toEqual({ kind: "unusable", file, why });
  });

  test.each<[string, (folder: string) => void]>([
    ["others can write", (folder) => chmodSync(folder, 0o777)],
    ["a group can write", (folder) => chmodSync(folder, 0o775)],
    ["is somebody else's", (folder) => chownSync(folder, nobody, nobody)],
  ])("in a folder that %s, on whatever way to it", (_, loosen) => {
    const { folder, file } = written();
    const elsewhere = written();
    const link = join(elsewhere.folder, "link.json");
    symlinkSync(file, link);
    loosen(folder);
    const why = `Others than root can write its folder ${folder}.`;
    expect(readRootsFile(file)).toEqual({ kind: "unusable", file, why });
    expect(readRootsFile(link)).toEqual({ kind: "unusable", file: link, why });
  });

  test("that is a link to nothing, or to what is somebody else's", () => {
    const { folder, file } = written();
    const link = join(folder, "link.json");
    symlinkSync(file, link);
    chownSync(file, nobody, nobody);
    expect(readRootsFile(link)).toMatchObject({ why: "Others than root can write it." });
    rmSync(file);
    expect(readRootsFile(link)).toMatchObject({
      kind: "unusable",
      why: "It cannot be read (ENOENT).",
    });
  });

  test("that is none, or too long, or no text", () => {
    const { file, folder } = written(Buffer.from([0x7b, 0xff, 0x7d]));
    expect(readRootsFile(file)).toMatchObject({ why: "It is not UTF-8 text." });
    writeFileSync(file, " ".repeat(1_000_001));
    expect(readRootsFile(file)).toMatchObject({ why: "It is longer than a megabyte." });
    expect(readRootsFile(folder)).toMatchObject({ kind: "unusable", why: "It is no file." });
  });

  test("that is a pipe: nobody waits for what is written there", () => {
    const { folder } = written();
    const file = join(folder, "pipe.json");
    execFileSync("/usr/bin/mkfifo", ["-m", "644", file]);
    expect(readRootsFile(file)).toMatchObject({ kind: "unusable", why: "It is no file." });
  });

  test("that we may not read, or not even look at", () => {
    const { folder, file } = written();
    chmodSync(file, 0o600);
    const seen = asNobody(() => readRootsFile(file));
    expect(seen).toMatchObject({ kind: "unusable", why: "It cannot be read (EACCES)." });
    chmodSync(folder, 0o700);
    const unseen = asNobody(() => readRootsFile(file));
    expect(unseen).toMatchObject({ kind: "unusable", why: "It cannot be looked at (EACCES)." });
  });
});

const asNobody = <T>(work: () => T): T => {
  process.seteuid!(nobody);
  try {
    return work();
  } finally {
    process.seteuid!(0);
  }
};
