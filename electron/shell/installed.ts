import { dirname, join } from "node:path";

/** The path of the shim that belongs to this app. `dist` is the folder of its bundle. */
export const shimPath = (dist: string): string => {
  const { execPath, platform, resourcesPath } = process;
  const name = platform === "win32" ? "evercred.exe" : "evercred";
  // Of a bundle in an archive nothing can be run: there it stands beside the archive.
  if (!/[\\/]app\.asar[\\/]/u.test(dist)) return join(dist, "bin", name);
  return join(platform === "win32" ? dirname(execPath) : resourcesPath, "bin", name);
};
