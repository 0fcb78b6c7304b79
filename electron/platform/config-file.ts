import { readFileSync, statSync } from "node:fs";
import { reasonOf } from "./atomic-file.ts";
import { mend } from "./config-text.ts";
import type { Problem } from "./problem.ts";

/** What stands in a configuration file, or why nobody can tell. */
export type ConfigFileText =
  | { readonly kind: "text"; readonly mark: "" | "\ufeff"; readonly text: string }
  | { readonly kind: "unusable"; readonly problem: Problem };

const limitBytes = 1_000_000;

/** Reads it, without its byte order mark. A file that is not there says nothing, and that is fine. Never throws. */
export const readConfigFile = (file: string): ConfigFileText => {
  let bytes;
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return unusable(file, "is no file");
    if (stats.size > limitBytes) return unusable(file, "is longer than a megabyte");
    bytes = readFileSync(file);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return reason === "ENOENT"
      ? { kind: "text", mark: "", text: "" }
      : unusable(file, `cannot be read (${reason})`);
  }
  try {
    const all = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const mark = all.startsWith("\ufeff") ? "\ufeff" : "";
    return { kind: "text", mark, text: all.slice(mark.length) };
  } catch {
    return unusable(file, "is not UTF-8 text");
  }
};

const unusable = (file: string, what: string): ConfigFileText => {
  const sentence = `The configuration ${what}.`;
  return {
    kind: "unusable",
    problem: { severity: "error", file, line: undefined, sentence, remedy: mend },
  };
};
