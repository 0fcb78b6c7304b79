import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Offer } from "./offer.ts";
import { codeOf, UpdateError } from "./update-error.ts";

const { O_RDONLY } = constants;
/** Windows has none. */
const O_NOFOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;

/** How much is read at once, in bytes. */
const portion = 1024 * 1024;

/**
 * Writes what is downloaded of an offer into a new file of its owner's only. Rejects with an UpdateError where it is not what
 * was offered, as soon as that is known; what is there then is the caller's to remove.
 */
export const writeSound = async (
  parts: AsyncIterable<Buffer>,
  file: string,
  { sha512, size }: Pick<Offer, "sha512" | "size">,
): Promise<void> => {
  const handle = await open(file, "wx", 0o600);
  try {
    const hash = createHash("sha512");
    let written = 0;
    for await (const part of parts) {
      written += part.length;
      if (written > size) throw new UpdateError("hash");
      hash.update(part);
      await writeAll(handle, part);
    }
    if (written < size) throw new UpdateError("truncated");
    if (hash.digest("base64") !== sha512) throw new UpdateError("hash");
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Opens a downloaded file once, hands on all that the open file has, and looks whether that was what was offered, and
 * whether it is still the one of that name. Rejects with an UpdateError (`changed`) where it is not.
 */
export const readSound = async (
  file: string,
  { sha512, size }: Pick<Offer, "sha512" | "size">,
  take: (part: Buffer) => Promise<void> | void = () => undefined,
): Promise<void> => {
  const handle = await open(file, O_RDONLY | O_NOFOLLOW).catch((thrown: unknown) => {
    throw new UpdateError("changed", thrown);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size !== size) throw new UpdateError("changed");
    const hash = createHash("sha512");
    const buffer = Buffer.alloc(portion);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, portion);
      if (bytesRead === 0) break;
      const part = buffer.subarray(0, bytesRead);
      hash.update(part);
      await take(part);
    }
    const now = await lstat(file).catch(() => undefined);
    const isSame = now?.dev === stats.dev && now.ino === stats.ino && now.size === size;
    if (!isSame || hash.digest("base64") !== sha512) throw new UpdateError("changed");
  } finally {
    await handle.close();
  }
};

/**
 * Puts a downloaded file in the place of a program, under the program's own name and mode: whoever starts it gets the old
 * one or the new one, whole. What is put there are the very bytes that were compared. Rejects with an UpdateError, the old
 * one still in its place and nothing left beside it.
 */
export const putSound = async (file: string, offer: Offer, program: string): Promise<void> => {
  const place = await realpath(program);
  const { mode } = await stat(place);
  const beside = besideOf(place);
  try {
    await rm(beside, { force: true });
    const handle = await open(beside, "wx", 0o600);
    try {
      await readSound(file, offer, (part) => writeAll(handle, part));
      await handle.chmod((mode & 0o777) | 0o100);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, place);
  } catch (thrown) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw notWritableCodes.has(codeOf(thrown)) ? new UpdateError("folder", thrown) : thrown;
  }
};

/** Where it is put together. */
const besideOf = (place: string): string =>
  join(dirname(place), `.${basename(place)}.evercred-update`);

const notWritableCodes: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/** A write may take less than it was given. */
const writeAll = async (handle: FileHandle, part: Buffer): Promise<void> => {
  let done = 0;
  while (done < part.length) {
    done += (await handle.write(part, done)).bytesWritten;
  }
};
