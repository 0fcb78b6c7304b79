import { existsSync } from "node:fs";
import { join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { openOwnFile } from "./own-file.ts";
import type { ToolForm } from "./tool-form.ts";
import {
  setInTool,
  type ToolChange,
  type ToolSettingsOptions,
  undoInTool,
} from "./tool-settings.ts";

/** What a container is to have. */
interface Wishes {
  readonly mounts: readonly string[];
  readonly containerEnv: Readonly<Record<string, string>>;
  /** The text of the file that is mounted as managed settings of Claude Code; its folder is that of the container's. */
  readonly claude: { readonly file: string; readonly text: string };
}

/** `devcontainer.json` of projects. What is not ours in it stays as it is. */
export interface DevcontainerSettings {
  /**
   * Throws `config-invalid` where the project has none, or it cannot be edited, or the file for Claude Code is somebody
   * else's.
   */
  set(cwd: string, wishes: Wishes): ToolChange;
  /** Takes out what was set, and `claudeFile` of the project where it is ours. Undefined where nothing was. */
  undo(cwd: string, claudeFile: string): ToolChange | undefined;
}

/** The variables and the mounts of a container. */
export const devcontainerForm: ToolForm = { containerEnv: "object", mounts: "texts" };

/** Where the specification has it, the first one that is there. */
const places = [[".devcontainer", "devcontainer.json"], [".devcontainer.json"]];

/** `noteFile` is `setup.json`: what we wrote, and what stood there before. */
export const openDevcontainerSettings = (noteFile: string): DevcontainerSettings => {
  const toolIn = (cwd: string): ToolSettingsOptions | undefined => {
    const file = places.map((place) => join(cwd, ...place)).find((each) => existsSync(each));
    return file === undefined ? undefined : { file, form: devcontainerForm, noteFile };
  };
  return {
    set: (cwd, { mounts, containerEnv, claude }) => {
      const tool = toolIn(cwd);
      if (tool === undefined) {
        const sentence = `There is no .devcontainer/devcontainer.json in ${cwd}.`;
        throw new EvercredError("config-invalid", sentence, {
          remedy:
            "Make the container first, or leave --write out and put the lines there yourself.",
        });
      }
      const change = setInTool(tool, [
        ...mounts.map((mount) => ({ path: ["mounts", mount], value: mount })),
        ...Object.entries(containerEnv).map(([name, value]) => ({
          path: ["containerEnv", name],
          value,
        })),
      ]);
      const own = openOwnFile(join(cwd, claude.file), noteFile);
      own.check();
      const make = (): void => {
        // A mount of what is not there keeps the container from starting.
        own.put(claude.text);
        change.make();
      };
      return { ...change, make };
    },
    undo: (cwd, claudeFile) => {
      const tool = toolIn(cwd);
      const change = tool && undoInTool(tool);
      if (change === undefined) return undefined;
      const make = (): void => {
        change.make();
        openOwnFile(join(cwd, claudeFile), noteFile).remove();
      };
      return { ...change, make };
    },
  };
};
