import { basename, dirname } from "node:path";

/** What people call the program in a file: of a package its name, of a file named after a version its folder's. */
export const programName = (path: string): string => {
  const packaged = /.*\/node_modules\/(?:@[^/]+\/)?([^/]+)\//u.exec(path)?.[1];
  if (packaged !== undefined && !packaged.startsWith(".")) return packaged;
  let named = path;
  while (/^(?:v?\d+(?:\.\d+)*(?:[-+][\w.-]+)?|versions|__main__\.py)$/u.test(basename(named))) {
    named = dirname(named);
  }
  return basename(named) || basename(path);
};
