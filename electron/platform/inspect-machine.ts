import { randomBytes } from "node:crypto";
import { readdir, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reasonOf } from "./atomic-file.ts";
import { countingEntry, findEntries } from "./autostart.ts";
import { inspectPath, type PathFacts } from "./inspect-path.ts";

/** How programs are started at login. */
export interface AutostartFacts {
  /** Whether it can be told on this system. */
  readonly isKnown: boolean;
  /** The entry of Evercred, where there is one. */
  readonly entry:
    | {
        readonly file: string;
        readonly isEnabled: boolean;
        /** The program that it starts; undefined where the entry names none. */
        readonly program: PathFacts | undefined;
      }
    | undefined;
}

/** Looks for an entry of ours among those of the desktop (XDG autostart). Never rejects. */
export const inspectAutostart = async (places: {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<AutostartFacts> => {
  const { platform, home, env } = places;
  if (platform !== "linux") return { isKnown: false, entry: undefined };
  const entry = countingEntry(findEntries({ home, env }));
  if (entry === undefined) return { isKnown: true, entry: undefined };
  const { file, isEnabled, program } = entry;
  return {
    isKnown: true,
    entry: {
      file,
      isEnabled,
      program: program?.startsWith("/") === true ? await inspectPath(program) : undefined,
    },
  };
};

/** The disk under the state directory. */
export interface DiskFacts {
  /** Where it is no folder, nothing else is known. */
  readonly folder: PathFacts;
  /** The system's word (`ENOSPC`, `EROFS`) where nothing can be written; undefined: it can. */
  readonly unwritable: string | undefined;
  readonly freeBytes: number;
  readonly logBytes: number;
  readonly auditBytes: number;
}

/** Writes a file there and takes it away again. Rejects with what the system says where it does not tell of its disk. */
export const inspectDisk = async (folder: string, logFile: string): Promise<DiskFacts> => {
  const path = await inspectPath(folder);
  if (path.kind !== "directory") {
    const nothing = { freeBytes: 0, logBytes: 0, auditBytes: 0 };
    return { folder: path, unwritable: "ENOTDIR", ...nothing };
  }
  const unwritable = await writeThere(folder);
  const { bavail, bsize } = await statfs(folder);
  return {
    folder: path,
    unwritable,
    freeBytes: bavail * bsize,
    logBytes: await sizeOf(dirname(logFile), /^evercred\.log(?:\.\d+)?$/),
    auditBytes: await sizeOf(folder, /^audit\.jsonl(?:\.\d+)?$/),
  };
};

const writeThere = async (folder: string): Promise<string | undefined> => {
  const file = join(folder, `doctor-${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeFile(file, "a line that a full disk would not take\n", { mode: 0o600, flag: "wx" });
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
};

/** The size of the files of a folder whose name fits, in bytes. */
const sizeOf = async (folder: string, fits: RegExp): Promise<number> => {
  const names = await readdir(folder).catch(() => []);
  const sizes = names
    .filter((name) => fits.test(name))
    .map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};
