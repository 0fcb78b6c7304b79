import { join, resolve } from "node:path";
import { insideOf, type ToolForm } from "./tool-form.ts";
import {
  setInTool,
  type ToolChange,
  type ToolSettingsOptions,
  undoInTool,
} from "./tool-settings.ts";

export interface ClaudeSettingsOptions {
  readonly home: string;
  /** `CLAUDE_CONFIG_DIR` of the daemon: where Claude Code has its own files; undefined or empty: `~/.claude`. */
  readonly configDir: string | undefined;
  /** `setup.json`: what we wrote, and what stood there before. */
  readonly noteFile: string;
}

/** Whose settings: those of all projects, or those of one, shared or for its user only. */
type Scope = "user" | "project" | "local";

/** What is to stand in a file of Claude Code's settings. */
export interface ClaudeWishes {
  /** At the top, by name. */
  readonly helpers: Readonly<Record<string, string>>;
  /** Under `env`, by name. */
  readonly env: Readonly<Record<string, string>>;
}

/** A change that is worked out, and not made yet. */
export interface ClaudeChange extends ToolChange {
  /** The variables that stand under `env` after it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Claude Code's settings files. What is not ours in them stays as it is, and can be had back. */
export interface ClaudeSettings {
  /** Has this stand in a file, and nothing else of ours. Throws `config-invalid` where it cannot be edited. */
  set(scope: Scope, cwd: string, wishes: ClaudeWishes): ClaudeChange;
  /** Takes out what is ours. Undefined where nothing is. Throws as `set` does. */
  undo(scope: Scope, cwd: string): ClaudeChange | undefined;
}

/** The variables of Claude Code's settings stand under `env`. */
export const claudeForm: ToolForm = { env: "object" };

export const openClaudeSettings = (options: ClaudeSettingsOptions): ClaudeSettings => {
  const { noteFile } = options;
  const toolOf = (scope: Scope, cwd: string): ToolSettingsOptions => {
    return { file: claudeFileOf(scope, cwd, options), form: claudeForm, noteFile };
  };
  return {
    set: (scope, cwd, { helpers, env }) =>
      withEnv(
        setInTool(toolOf(scope, cwd), [
          ...Object.entries(helpers).map(([name, value]) => ({ path: [name], value })),
          ...Object.entries(env).map(([name, value]) => ({ path: ["env", name], value })),
        ]),
      ),
    undo: (scope, cwd) => {
      const change = undoInTool(toolOf(scope, cwd));
      return change && withEnv(change);
    },
  };
};

const withEnv = (change: ToolChange): ClaudeChange => ({
  ...change,
  env: insideOf(change.after?.replace(/^\ufeff/, "") ?? "", "env", claudeForm),
});

/** Where the settings of a scope are. */
export const claudeFileOf = (
  scope: Scope,
  cwd: string,
  { home, configDir }: Pick<ClaudeSettingsOptions, "home" | "configDir">,
): string => {
  const own = configDir === undefined || configDir === "" ? ".claude" : configDir;
  switch (scope) {
    case "user":
      return join(resolve(home, own), "settings.json");
    case "project":
      return join(cwd, ".claude", "settings.json");
    case "local":
      return join(cwd, ".claude", "settings.local.json");
  }
};
