import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { type Instant, instantOf } from "../../core/time.ts";

/** A small file of text, or why there is none. `dangling`: a link that leads nowhere. */
export type SmallFile =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly writtenAt: Instant;
      readonly mode: number;
    }
  | { readonly kind: FileFault };

/** Why a file cannot be read. */
export type FileFault = "missing" | "dangling" | "not-a-file" | "too-large" | "unreadable";

/** No file of credentials or of settings comes near it. */
const maxBytes = 64 * 1024;

/** Reads a file of at most 64 KiB. Never rejects. */
export const readSmallFile = (path: string): Promise<SmallFile> =>
  // At once: by way of other threads so small a file takes several times as long, and at a start waits for Chromium.
  Promise.resolve(smallFileAt(path));

const smallFileAt = (path: string): SmallFile => {
  try {
    // Without O_NONBLOCK a pipe of that name would hold us for ever.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return { kind: "not-a-file" };
      if (stat.size > maxBytes) return { kind: "too-large" };
      const text = readFileSync(fd, "utf8").replace(/^\uFEFF/, "");
      const writtenAt = instantOf(Math.round(stat.mtimeMs));
      return { kind: "text", text, writtenAt, mode: stat.mode & 0o777 };
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code !== "ENOENT" && code !== "ENOTDIR") return { kind: "unreadable" };
    return { kind: isLink(path) ? "dangling" : "missing" };
  }
};

const isLink = (path: string): boolean => {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
};

/** What can be wrong with a file, and what to do about it. */
export interface Fault {
  readonly sentence: string;
  readonly remedy: string;
}

/** Says why a file cannot be read. */
export const fileFaultOf = (path: string, fault: FileFault): Fault => {
  switch (fault) {
    case "missing":
      return {
        sentence: `${path} does not exist.`,
        remedy: "Put the file there, or correct its name.",
      };
    case "dangling":
      return {
        sentence: `${path} is a link that leads nowhere.`,
        remedy: "Put the file where it leads, or remove the link.",
      };
    case "not-a-file":
      return { sentence: `${path} is not a file.`, remedy: "Name a file." };
    case "too-large":
      return {
        sentence: `${path} is larger than any file of its kind.`,
        remedy: "Name the right file.",
      };
    case "unreadable":
      return {
        sentence: `${path} cannot be read.`,
        remedy: "Give yourself the right to read it.",
      };
  }
};

/** The object in a JSON text; undefined where the text is no JSON, holds something else, or is too deep to be written. */
export const objectIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    // Reading takes any depth; writing throws RangeError.
    JSON.stringify(value);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Puts `text` in the place of a file: readers see the old text or the new one, whole. Its folder must be there.
 * Resolves to false, with nothing done, where `mayReplace`, which is asked last, says no.
 */
export const writeSmallFile = async (
  path: string,
  text: string,
  mode = 0o600,
  mayReplace: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<boolean> => {
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  let isDone = false;
  try {
    await writeNewFile(draft, text, mode);
    if (await mayReplace()) {
      await rename(draft, path);
      isDone = true;
    }
    return isDone;
  } finally {
    if (!isDone) await unlink(draft).catch(() => undefined);
  }
};

/** Writes a file that is not there yet. Rejects with `EEXIST` where it is. */
export const writeNewFile = async (path: string, text: string, mode = 0o600): Promise<void> => {
  const handle = await open(path, "wx", mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The system's word for what went wrong (`ENOENT`). */
export const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
