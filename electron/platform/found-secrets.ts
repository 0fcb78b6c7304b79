import { isAbsolute, join } from "node:path";
import { claudeFileOf, claudeForm } from "./claude-settings.ts";
import type { FoundSecret } from "./found-secret.ts";
import { secretsForProfiles, secretsInProfile } from "./found-secrets-lines.ts";
import { secretsInSettings, type VariableFile, variablesIn } from "./found-secrets-settings.ts";
import { profileFiles, type Whereabouts } from "./shell-profiles.ts";
import { presentEditors, vscodeFileOf, vscodeForm, vscodeVariables } from "./vscode-settings.ts";

export interface FoundSecretsOptions extends Whereabouts {
  /** The variables that hold secrets. */
  readonly secretNames: ReadonlySet<string>;
  /** Managed settings of Claude Code: an administrator's to edit. */
  readonly managedFile: string;
  readonly awsCredentialsFile: string;
  readonly awsConfigFile: string;
  /** `setup.json`: what set-ups wrote, and what stood there before. */
  readonly noteFile: string;
}

/** The files from which people's tools get their variables. */
export interface FoundSecrets {
  secrets(cwd: string, profiles: readonly string[]): readonly FoundSecret[];
  environments(cwd: string): readonly {
    readonly where: string;
    readonly isProject: boolean;
    readonly variables: Readonly<Record<string, string>>;
  }[];
}

export const openFoundSecrets = (options: FoundSecretsOptions): FoundSecrets => {
  const { secretNames, awsCredentialsFile, awsConfigFile } = options;
  return {
    secrets: (cwd, profiles) => [
      ...settingsFiles(cwd, options).flatMap((tool) => secretsInSettings(tool, secretNames)),
      ...profileFiles(options).flatMap((each) => secretsInProfile(each, secretNames)),
      ...[awsCredentialsFile, awsConfigFile].flatMap((file) => secretsForProfiles(file, profiles)),
    ],
    environments: (cwd) =>
      settingsFiles(cwd, options)
        .map((tool) => ({
          where: tool.file,
          isProject: tool.isProject,
          variables: variablesIn(tool),
        }))
        .filter(({ variables }) => Object.keys(variables).length > 0),
  };
};

/** The settings that are there for somebody in a folder: Claude Code's, then the editors'. */
const settingsFiles = (
  cwd: string,
  options: FoundSecretsOptions,
): readonly (VariableFile & { readonly isProject: boolean })[] => {
  const { home, env, managedFile, noteFile } = options;
  const claude = { home, configDir: env["CLAUDE_CONFIG_DIR"] };
  // Whoever stands in a folder that is gone stands nowhere.
  const isSomewhere = isAbsolute(cwd);
  const scopes = ["user", ...(isSomewhere ? (["project", "local"] as const) : [])] as const;
  const claudeFiles = scopes.map((scope) => claudeFileOf(scope, cwd, claude));
  const userFiles = presentEditors(options).map((editor) =>
    vscodeFileOf({ kind: "user", editor }, options),
  );
  const projectFile = isSomewhere ? join(cwd, ".vscode", "settings.json") : undefined;
  const editorFiles = projectFile === undefined ? userFiles : [...userFiles, projectFile];
  const ofClaude = { form: claudeForm, holder: "env", noteFile };
  const ofEditors = { form: vscodeForm, holder: vscodeVariables, noteFile };
  return [
    { ...ofClaude, file: managedFile, isManaged: true, isProject: false },
    // In the home directory the user's settings are the project's as well.
    ...[...new Set(claudeFiles)].map((file, index) => ({
      ...{ ...ofClaude, file, isManaged: false },
      isProject: index > 0,
    })),
    ...editorFiles.map((file) => ({
      ...{ ...ofEditors, file, isManaged: false },
      isProject: file === projectFile,
    })),
  ];
};
