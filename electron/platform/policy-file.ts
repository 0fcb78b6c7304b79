import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { reasonOf } from "./atomic-file.ts";

/** What is found where a policy may stand. */
export type FoundPolicy =
  /** `isWritten`: whether people write it as it is, so that lines mean something to them. */
  | {
      readonly kind: "policy";
      readonly file: string;
      readonly text: string;
      readonly isWritten: boolean;
    }
  | NoPolicy;

/** Why there is nothing that could be read. */
export type NoPolicy =
  | { readonly kind: "none" }
  /** Somebody has put it there who may not: it does not count. */
  | { readonly kind: "planted"; readonly file: string; readonly why: string }
  /** It is the administrator's, and cannot be relied on: nobody knows what is allowed. `why` is a sentence. */
  | { readonly kind: "unusable"; readonly file: string; readonly why: string };

const root = 0;

const limitBytes = 1_000_000;

/** Why a file that is there cannot be relied on. */
class Unreliable extends Error {}

/** Reads a policy that only root may have written: see `readRootsBytes`. Never throws. */
export const readRootsFile = (file: string): FoundPolicy => {
  const found = readRootsBytes(file);
  return found.kind === "bytes" ? decoded(file, found.bytes) : found;
};

/** The text of a policy, without its byte order mark. */
export const decoded = (file: string, bytes: Buffer): FoundPolicy => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { kind: "policy", file, text, isWritten: true };
  } catch {
    return { kind: "unusable", file, why: "It is not UTF-8 text." };
  }
};

/**
 * Reads a file of root's (Linux, macOS): it and all folders on the way to it have to be root's, and nobody else may
 * write them. Never throws.
 */
export const readRootsBytes = (
  file: string,
): { readonly kind: "bytes"; readonly bytes: Buffer } | NoPolicy => {
  let named: Stats | undefined;
  try {
    named = lstatSync(file);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (reason === "ENOENT" || reason === "ENOTDIR") return { kind: "none" };
    return { kind: "unusable", file, why: `It cannot be looked at (${reason}).` };
  }
  if (named.uid !== root) return { kind: "planted", file, why: "It does not belong to root." };
  try {
    checkFolders(file);
    const place = realpathSync(file);
    if (place !== file) checkFolders(place);
    return { kind: "bytes", bytes: bytesOf(place) };
  } catch (thrown) {
    const why =
      thrown instanceof Unreliable ? thrown.message : `It cannot be read (${reasonOf(thrown)}).`;
    return { kind: "unusable", file, why };
  }
};

/** Who can write a folder can put another file in the place of this one. */
const checkFolders = (path: string): void => {
  const folder = dirname(path);
  if (folder === path) return;
  const stats = statSync(folder);
  // In a folder with the sticky bit, only its owner can move what is root's.
  if (stats.uid !== root || (isLoose(stats) && (stats.mode & 0o1000) === 0)) {
    throw new Unreliable(`Others than root can write its folder ${folder}.`);
  }
  checkFolders(folder);
};

/** What is looked at and what is read are the same file. */
const bytesOf = (place: string): Buffer => {
  // Without waiting: a pipe would have us wait for somebody who writes.
  const handle = openSync(place, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) throw new Unreliable("It is no file.");
    if (stats.uid !== root || isLoose(stats)) {
      throw new Unreliable("Others than root can write it.");
    }
    if (stats.size > limitBytes) throw new Unreliable("It is longer than a megabyte.");
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
};

const isLoose = ({ mode }: Stats): boolean => (mode & 0o022) !== 0;
