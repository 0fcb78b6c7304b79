import { rmSync } from "node:fs";
import { EvercredError } from "../core/errors.ts";
import { replaceFile } from "./atomic-file.ts";
import { readToolFile, unwritable } from "./tool-file.ts";
import { keepNote, noteOf } from "./tool-note.ts";
import { textHash } from "./tool-text.ts";

/** A file that is ours whole. One that somebody else has made, or changed, is theirs, and stays as it is. */
export interface OwnFile {
  /** Throws `config-invalid` where somebody else's is there. */
  check(): void;
  /** Puts a text there that everybody may read. Throws as `check` does, and where it cannot be written. */
  put(text: string): void;
  /** Takes it away where it is ours. */
  remove(): void;
}

/** `noteFile` is `setup.json`: what we wrote. */
export const openOwnFile = (file: string, noteFile: string): OwnFile => {
  const look = () => {
    const now = readToolFile(file);
    const note = noteOf(now.place, noteFile);
    const isThere = now.text !== undefined;
    return {
      now,
      isThere,
      isOurs: isThere && note !== undefined && textHash(now.text) === note.left,
    };
  };
  const check = (): void => {
    const { isThere, isOurs } = look();
    if (!isThere || isOurs) return;
    throw new EvercredError("config-invalid", `${file} is not ours: nothing has been changed.`, {
      remedy: "Move it away first.",
    });
  };
  return {
    check,
    put: (text) => {
      check();
      const { now } = look();
      const note = {
        file: now.place,
        left: textHash(text),
        untouched: true,
        made: [],
        entries: [],
      };
      keepNote(now.place, note, noteFile);
      try {
        replaceFile(now.place, text, 0o644, now.owner);
      } catch (thrown) {
        throw unwritable(file, thrown);
      }
    },
    remove: () => {
      const { now, isOurs } = look();
      if (isOurs) rmSync(now.place, { force: true });
      keepNote(now.place, undefined, noteFile);
    },
  };
};
