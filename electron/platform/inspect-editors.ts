import { join } from "node:path";
import { inspectSettings, type SettingsFile } from "./inspect-settings.ts";

/** The settings of an editor in which Claude Code may run. */
export interface EditorFacts extends SettingsFile {
  /** `VS Code`, `Cursor` */
  readonly editor: string;
}

/** By the folder in which each keeps its user's settings. */
const editors: Readonly<Record<string, string>> = {
  Code: "VS Code",
  "Code - Insiders": "VS Code Insiders",
  VSCodium: "VSCodium",
  Cursor: "Cursor",
  Windsurf: "Windsurf",
};

/** Where applications keep settings. */
export interface EditorPlaces {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads the settings of those editors that have some. Never rejects. */
export const inspectEditors = async (places: EditorPlaces): Promise<readonly EditorFacts[]> => {
  const folder = settingsFolder(places);
  const all = await Promise.all(
    Object.entries(editors).map(async ([name, editor]) => ({
      ...(await inspectSettings(join(folder, name, "User", "settings.json"), "with-comments")),
      editor,
    })),
  );
  return all.filter(({ state }) => state !== "missing");
};

const settingsFolder = ({ platform, home, env }: EditorPlaces): string => {
  if (platform === "win32") return env["APPDATA"] ?? join(home, "AppData", "Roaming");
  if (platform === "darwin") return join(home, "Library", "Application Support");
  return env["XDG_CONFIG_HOME"] ?? join(home, ".config");
};
