import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, mkdir, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { EvercredError } from "../../core/errors.ts";
import { readBytes } from "./config-file.ts";

/** Who edits a file by hand saves it once, not again and again. */
const attempts = 5;

/**
 * Puts at the end of `file` what `tailOf` makes of its text, and changes no byte before it. Readers see the old
 * file or the new one. What others write meanwhile stays: then `tailOf` is asked again. Links are followed, the mode
 * is kept; a new file is for its owner only, and so is its folder. Rejects with `config-invalid` where it cannot be
 * written, or with what `tailOf` throws.
 */
export const appendTo = async (file: string, tailOf: (text: string) => string): Promise<void> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = readWhole(file);
    const tail = tailOf(before?.toString("utf8").replace(/^\uFEFF/, "") ?? "");
    if (tail === "" || (await replace(file, before, tail))) return;
  }
  throw new EvercredError("config-invalid", `${file} is being changed by another program.`, {
    remedy: "Try again when that is done.",
  });
};

/** The bytes; undefined where there is no file. */
const readWhole = (file: string): Buffer | undefined => {
  const bytes = readBytes(file);
  if (bytes === "missing") return undefined;
  if (bytes === "unreadable") throw unusable(file, "cannot be read");
  if (typeof bytes === "string") throw unusable(file, "is not a file that can be written to");
  // Of two bytes a character, as some editors save: what is added would be garbage there.
  if (bytes.includes(0)) throw unusable(file, "is not saved as UTF-8");
  return bytes;
};

/** False where somebody else has changed the file since `before` was read; then nothing is done. */
const replace = async (
  file: string,
  before: Buffer | undefined,
  tail: string,
): Promise<boolean> => {
  let draft: string | undefined;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const target = await targetOf(file);
    if (before !== undefined) await access(target, constants.W_OK);
    const mode = before === undefined ? 0o600 : (await stat(target)).mode & 0o7777;
    draft = `${target}.${randomBytes(6).toString("hex")}.tmp`;
    await writeNew(draft, [before ?? Buffer.of(), Buffer.from(tail)]);
    await chmod(draft, mode);
    if (!isSame(before, readWhole(file))) return false;
    await rename(draft, target);
    draft = undefined;
    return true;
  } catch (thrown) {
    if (thrown instanceof EvercredError) throw thrown;
    const code = codeOf(thrown);
    // It was there a moment ago.
    if (code === "ENOENT" && before !== undefined) return false;
    throw unusable(file, `cannot be written (${code})`, thrown);
  } finally {
    if (draft !== undefined) await rm(draft, { force: true }).catch(() => undefined);
  }
};

const isSame = (a: Buffer | undefined, b: Buffer | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.equals(b);

const writeNew = async (path: string, parts: readonly Buffer[]): Promise<void> => {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(Buffer.concat(parts));
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The file itself, where links lead to it, also where it is not there yet. */
const targetOf = async (file: string): Promise<string> => {
  try {
    return await realpath(file);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
    const link = await readlink(file).catch(() => undefined);
    return link === undefined ? file : targetOf(resolve(await realpath(dirname(file)), link));
  }
};

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";

const unusable = (file: string, what: string, cause?: unknown): EvercredError =>
  new EvercredError("config-invalid", `${file} ${what}.`, {
    remedy: "Make it a text file that you may write to.",
    cause,
  });
