import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** Whose a file is. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Puts `text` in the place of `file`, for its owner only unless another `mode` is named: a reader sees the old text or
 * the new one, whole. Makes its folder (0700) where there is none. It is its `owner`'s then, where one is named. Throws
 * what the system says; the old text is still there.
 */
export const replaceFile = (file: string, text: string, mode = 0o600, owner?: Owner): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
    if (owner !== undefined) give(temporary, owner);
    chmodSync(temporary, mode);
    renameSync(temporary, file);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
};

const give = (file: string, { uid, gid }: Owner): void => {
  const now = statSync(file);
  if (now.uid !== uid || now.gid !== gid) chownSync(file, uid, gid);
};

/** The system's word for what went wrong (`ENOENT`), for a log or a sentence. */
export const reasonOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return "unknown";
  return "code" in thrown && typeof thrown.code === "string" ? thrown.code : thrown.name;
};
