import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { ownImage } from "../app-image.ts";
import type { RoadKind } from "./offer.ts";

/** How this installation is brought up to date, and the program that is replaced. */
export interface Road {
  readonly kind: RoadKind;
  readonly program: string;
}

/**
 * Undefined where somebody else keeps it up to date: a package manager, the administrator whose folder it stands in, who
 * built it. NSIS leaves its uninstaller beside the program, an MSI does not; where it has installed for all users, each update would
 * ask for an administrator.
 */
export const roadOf = (
  running: Pick<NodeJS.Process, "env" | "execPath" | "platform">,
): Road | undefined => {
  const { env, execPath, platform } = running;
  const image = ownImage(running);
  if (platform === "linux" && image !== undefined) {
    return mayWrite(dirname(image)) ? { kind: "appimage", program: image } : undefined;
  }
  if (platform === "win32") {
    const uninstaller = join(dirname(execPath), "Uninstall Evercred.exe");
    return existsSync(uninstaller) && isWithin(execPath, env["LOCALAPPDATA"])
      ? { kind: "nsis", program: execPath }
      : undefined;
  }
  if (platform === "darwin") {
    const bundle = /^.*?\/Evercred\.app(?=\/)/.exec(execPath)?.[0];
    return bundle !== undefined && [bundle, dirname(bundle)].every(mayWrite)
      ? { kind: "mac", program: bundle }
      : undefined;
  }
  return undefined;
};

/** What the package for macOS has installed is root's, also where an administrator could put another bundle beside it. */
const mayWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** Windows does not tell capitals from small letters. */
const isWithin = (path: string, folder: string | undefined): boolean =>
  folder !== undefined &&
  folder !== "" &&
  path.toLowerCase().startsWith(`${folder}${sep}`.toLowerCase());
