import { open, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { EvercredError } from "../core/errors.ts";
import { reasonOf } from "./atomic-file.ts";

/** A file of an archive. */
export interface ArchiveFile {
  /** ASCII, at most 99 characters. */
  readonly name: string;
  readonly text: string;
}

const blockBytes = 512;

/**
 * Writes files as an archive (tar, gzip) that only we can read. Rejects with `usage` where something stands there
 * already, or it cannot be written.
 */
export const writeArchive = async (
  file: string,
  files: readonly ArchiveFile[],
  at: number,
): Promise<void> => {
  const blocks = files.flatMap(({ name, text }) => {
    const bytes = Buffer.from(text);
    return [headerOf(name, bytes.length, at), padded(bytes)];
  });
  const tar = Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
  const packed = await promisify(gzip)(tar);
  const handle = await open(file, "wx", 0o600).catch((thrown: unknown) => {
    throw unwritten(file, thrown);
  });
  try {
    await handle.writeFile(packed);
  } catch (thrown) {
    await rm(file, { force: true });
    throw unwritten(file, thrown);
  } finally {
    await handle.close();
  }
};

const unwritten = (file: string, cause: unknown): EvercredError => {
  const reason = reasonOf(cause);
  if (reason === "EEXIST") {
    return new EvercredError("usage", `${file} is there already.`, {
      remedy: "Name another file.",
    });
  }
  const isFull = ["ENOSPC", "EDQUOT", "EFBIG"].includes(reason);
  return new EvercredError("usage", `${file} cannot be written (${reason}).`, {
    remedy: isFull
      ? "Name a file on another disk: evercred doctor --bundle FILE"
      : "Name a file in a folder of your own.",
    cause,
  });
};

/** A header as POSIX (ustar) has it: numbers in octal, and a sum in which its own place counts as blanks. */
const headerOf = (name: string, size: number, at: number): Buffer => {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string =>
    `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0, 99, "ascii");
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(Math.floor(at / 1000), 11), 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
};

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes)]);
