import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { textChange } from "./tool-change.ts";
import { readToolFile } from "./tool-file.ts";
import type { ToolChange } from "./tool-settings.ts";

/** gcloud's active configuration, as far as it says where its token comes from. All else in it stays as it is. */
export interface GcloudSetup {
  /**
   * Has gcloud read its token from a file. Throws `usage` where it reads it from another one already, `config-invalid`
   * where its configuration cannot be edited.
   */
  set(tokenFile: string): ToolChange;
  /** Undefined where gcloud reads its token from no file of ours. */
  undo(): ToolChange | undefined;
  /** The files of gcloud's configurations, active or not. */
  files(): readonly string[];
  /** As `undo`, of any of these files. Throws `config-invalid` where it cannot be edited. */
  undoIn(file: string): ToolChange | undefined;
}

/** `folder` is where gcloud keeps its settings, `tokenFolder` where our files with tokens are. */
export const openGcloudSetup = (folder: string, tokenFolder: string): GcloudSetup => ({
  set: (tokenFile) => {
    const file = readToolFile(activeFile(folder));
    const text = file.text ?? "";
    const there = tokenLineIn(text);
    if (there?.value === tokenFile) return textChange(file, text, "added", [tokenFile]);
    if (there !== undefined) {
      throw new EvercredError("usage", `gcloud takes its token from ${there.value} already.`, {
        remedy: "To have it take another one, first: gcloud config unset auth/access_token_file",
      });
    }
    return textChange(file, withTokenLine(text, tokenFile), "added", [tokenFile]);
  },
  undo: () => undoIn(activeFile(folder), tokenFolder),
  files: () => {
    const configurations = join(folder, "configurations");
    return namesIn(configurations)
      .filter((name) => /^config_[a-z][-a-z0-9]*$/.test(name))
      .map((name) => join(configurations, name));
  },
  undoIn: (file) => undoIn(file, tokenFolder),
});

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};

const undoIn = (path: string, tokenFolder: string): ToolChange | undefined => {
  const file = readToolFile(path);
  const text = file.text ?? "";
  const there = tokenLineIn(text);
  if (there === undefined || dirname(there.value) !== tokenFolder) return undefined;
  const rest = text.slice(0, there.from) + text.slice(there.to);
  // The section was made for it where nothing else is in it.
  const next = rest.replace(/(^|\r?\n)(?:\r?\n)?\[auth\]\r?\n(?=\s*(?:\[|$))/, "$1");
  return textChange(file, next, "taken-out", [there.value]);
};

/** gcloud's own rule: the configuration that `active_config` names, else `default`. */
const activeFile = (folder: string): string => {
  const named = readToolFile(join(folder, "active_config")).text?.trim() ?? "";
  const name = /^[a-z][-a-z0-9]*$/.test(named) ? named : "default";
  return join(folder, "configurations", `config_${name}`);
};

const sectionHeader = /^\s*\[([^\]]*)\]/;

/** Where it stands, and what it says. */
const tokenLineIn = (
  text: string,
): { readonly from: number; readonly to: number; readonly value: string } | undefined => {
  let [section, from] = ["", 0];
  for (const line of text.split(/(?<=\n)/)) {
    section = sectionHeader.exec(line)?.[1]?.trim() ?? section;
    const value = /^\s*access_token_file\s*[=:]([^]*)$/.exec(line)?.[1]?.trim();
    const to = from + line.length;
    if (section === "auth" && value !== undefined) return { from, to, value };
    from = to;
  }
  return undefined;
};

const withTokenLine = (text: string, tokenFile: string): string => {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `access_token_file = ${tokenFile}${lineEnd}`;
  const header = /^[ \t]*\[[ \t]*auth[ \t]*\][^\n]*\n/m.exec(text);
  if (header !== null) {
    const at = header.index + header[0].length;
    return text.slice(0, at) + line + text.slice(at);
  }
  const gap = text === "" ? "" : text.endsWith("\n") ? lineEnd : lineEnd + lineEnd;
  return `${text}${gap}[auth]${lineEnd}${line}`;
};
