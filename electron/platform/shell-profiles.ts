import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Grammar } from "./shell-assignment.ts";

/** A file from which shells and sessions get their variables. */
export interface ProfileFile {
  readonly file: string;
  readonly grammar: Grammar;
}

/** What says where such files are. */
export interface Whereabouts {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** The daemon's own. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The files that set people's variables, whether they are there or not. */
export const profileFiles = ({ platform, home, env }: Whereabouts): readonly ProfileFile[] => {
  const config = env["XDG_CONFIG_HOME"] || join(home, ".config");
  const zsh = env["ZDOTDIR"] || home;
  const shFiles = [".bashrc", ".bash_profile", ".bash_login", ".profile"].map((name) =>
    join(home, name),
  );
  const zshFiles = [".zshenv", ".zprofile", ".zshrc", ".zlogin"].map((name) => join(zsh, name));
  const fish = join(config, "fish");
  const powershell =
    platform === "win32"
      ? ["PowerShell", "WindowsPowerShell"].map((name) => join(home, "Documents", name))
      : [join(config, "powershell")];
  return [
    ...[...shFiles, ...zshFiles].map((file) => ({ file, grammar: "sh" as const })),
    ...[join(fish, "config.fish"), ...filesIn(join(fish, "conf.d"), ".fish")].map((file) => ({
      file,
      grammar: "fish" as const,
    })),
    ...powershell
      .flatMap((folder) => filesIn(folder, "profile.ps1"))
      .map((file) => ({ file, grammar: "powershell" as const })),
    ...[...filesIn(join(config, "environment.d"), ".conf"), join(home, ".pam_environment")].map(
      (file) => ({ file, grammar: "plain" as const }),
    ),
  ];
};

const filesIn = (folder: string, end: string): readonly string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.toLowerCase().endsWith(end))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
};
