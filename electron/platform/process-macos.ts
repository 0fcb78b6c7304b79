import { isAbsolute } from "node:path";
import type { SeenOnMacos } from "./peer.ts";
import { realPlace } from "./process-file.ts";
import type { Processes } from "./process.ts";

/** The processes of macOS, as libproc tells. */
export const macosProcesses = (look: (pid: number) => SeenOnMacos | undefined): Processes => ({
  look: (pid) => {
    const seen = look(pid);
    if (seen === undefined) return undefined;
    const { parent, startedAt, path, words, isTyped } = seen;
    return {
      pid,
      parent,
      startedAt,
      // Its start says nothing of what it runs since.
      stamp: [startedAt, ...words].join("\0"),
      path,
      file: path,
      words: () => words,
      isTyped: () => isTyped,
      resolve: (word) => (isAbsolute(word) ? realPlace(word) : undefined),
    };
  },
});
