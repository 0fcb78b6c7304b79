import { readdir, readFile } from "node:fs/promises";

/** What a daemon holds of its computer. */
export interface Footprint {
  /** Of it and all that it has started, shared pages by parts. */
  readonly pssKiB: number;
  readonly descriptors: number;
  readonly processes: number;
  /** Files in its state and runtime folders. */
  readonly files: number;
}

/** Of the daemon of this process id, whose files are in these folders. */
export const footprintOf = async (pid: number, folders: readonly string[]): Promise<Footprint> => {
  const family = await familyOf(pid);
  const pss = await Promise.all(family.map(pssOf));
  const files = await Promise.all(folders.map(filesIn));
  return {
    pssKiB: pss.reduce((sum, each) => sum + each, 0),
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    processes: family.length,
    files: files.reduce((sum, each) => sum + each, 0),
  };
};

/** A process and all that descend from it. */
const familyOf = async (pid: number): Promise<readonly number[]> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const families = await Promise.all(children.split(" ").filter(Boolean).map(Number).map(familyOf));
  return [pid, ...families.flat()];
};

const pssOf = async (pid: number): Promise<number> => {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
};

const filesIn = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory()).length;
};
