import { existsSync } from "node:fs";
import { join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import type { ToolForm } from "./tool-form.ts";
import {
  setInTool,
  type ToolChange,
  type ToolSettingsOptions,
  undoInTool,
} from "./tool-settings.ts";

export interface VscodeSettingsOptions {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** The daemon's own: where applications have their settings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `setup.json`: what we wrote, and what stood there before. */
  readonly noteFile: string;
}

/** Whose settings: an editor's own, or those of a project. */
type Place =
  | { readonly kind: "user"; readonly editor: string }
  | { readonly kind: "project"; readonly cwd: string };

/** The settings of VS Code and the editors made of it. */
export interface VscodeSettings {
  readonly known: readonly string[];
  /** Those that somebody has used here. */
  present(): readonly string[];
  /** Throws `config-invalid` where the file cannot be edited. */
  set(place: Place, env: Readonly<Record<string, string>>): ToolChange;
  undo(place: Place): ToolChange | undefined;
}

/** The folders in which the editors of the family keep their settings. */
const folders: Readonly<Record<string, string>> = {
  code: "Code",
  insiders: "Code - Insiders",
  codium: "VSCodium",
  cursor: "Cursor",
  windsurf: "Windsurf",
};

/** The variables that the extension starts Claude Code with. */
export const vscodeVariables = "claudeCode.environmentVariables";

/** The extension takes them as a list of names and values. */
export const vscodeForm: ToolForm = { [vscodeVariables]: "pairs" };

export const openVscodeSettings = (options: VscodeSettingsOptions): VscodeSettings => {
  const toolOf = (place: Place): ToolSettingsOptions => ({
    file: vscodeFileOf(place, options),
    form: vscodeForm,
    noteFile: options.noteFile,
  });
  return {
    known: Object.keys(folders),
    present: () => presentEditors(options),
    set: (place, env) =>
      setInTool(toolOf(place), [
        ...Object.entries(env).map(([name, value]) => ({ path: [vscodeVariables, name], value })),
        { path: ["claudeCode.disableLoginPrompt"], value: true },
      ]),
    undo: (place) => undoInTool(toolOf(place)),
  };
};

type Whereabouts = Pick<VscodeSettingsOptions, "platform" | "home" | "env">;

/** The editors that somebody has used here. */
export const presentEditors = (whereabouts: Whereabouts): readonly string[] =>
  Object.keys(folders).filter((editor) => existsSync(userFolderOf(editor, whereabouts)));

/** Where the settings of an editor or a project are. Throws `usage` for an editor that nobody knows. */
export const vscodeFileOf = (place: Place, whereabouts: Whereabouts): string =>
  place.kind === "project"
    ? join(place.cwd, ".vscode", "settings.json")
    : join(userFolderOf(place.editor, whereabouts), "settings.json");

const userFolderOf = (editor: string, { platform, home, env }: Whereabouts): string => {
  const folder = Object.hasOwn(folders, editor) ? folders[editor] : undefined;
  if (folder === undefined) {
    throw new EvercredError("usage", `There is no editor ${editor}.`, {
      remedy: `There are ${Object.keys(folders).join(", ")}.`,
    });
  }
  return join(applicationsFolder(platform, home, env), folder, "User");
};

const applicationsFolder = (
  platform: NodeJS.Platform,
  home: string,
  env: VscodeSettingsOptions["env"],
): string => {
  switch (platform) {
    case "darwin":
      return join(home, "Library", "Application Support");
    case "win32":
      return env["APPDATA"] || join(home, "AppData", "Roaming");
    default:
      return env["XDG_CONFIG_HOME"] || join(home, ".config");
  }
};
