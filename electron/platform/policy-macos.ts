import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { reasonOf } from "./atomic-file.ts";
import { type FoundPolicy, readRootsBytes } from "./policy-file.ts";

const run = promisify(execFile);

/** It has no more to do than to read a small file, in milliseconds. */
const patienceMs = 10_000;

/** Managed preferences (a configuration profile with our app's id): the keys are those of the file. Never rejects. */
export const readManagedPreferences = async (file: string): Promise<FoundPolicy> => {
  const found = readRootsBytes(file);
  if (found.kind !== "bytes") return found;
  try {
    const words = ["-convert", "json", "-o", "-", file];
    const { stdout } = await run("/usr/bin/plutil", words, { env: {}, timeout: patienceMs });
    return { kind: "policy", file, text: stdout, isWritten: false };
  } catch (thrown) {
    return {
      kind: "unusable",
      file,
      why: `It is no property list that JSON can say (${reasonOf(thrown)}).`,
    };
  }
};
