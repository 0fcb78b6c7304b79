import { randomBytes } from "node:crypto";
import { rename, unlink, writeFile } from "node:fs/promises";
import { EvercredError } from "../core/errors.ts";

/**
 * Puts `text` in the place of `file`, for its owner only (0600): a reader sees the old text or the new one, whole.
 * Rejects with `config-invalid`.
 */
export const writePrivateFile = async (file: string, text: string): Promise<void> => {
  const fresh = `${file}.${randomBytes(8).toString("hex")}`;
  try {
    await writeFile(fresh, text, { mode: 0o600, flag: "wx" });
    await rename(fresh, file);
  } catch (cause) {
    await unlink(fresh).catch(() => undefined);
    throw new EvercredError("config-invalid", `${file} cannot be written.`, {
      remedy: "Make sure that its directory is yours, and that the disk has room.",
      cause,
    });
  }
};
