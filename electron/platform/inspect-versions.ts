import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { arch, release } from "node:os";
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { inspectPath, type PathFacts } from "./inspect-path.ts";

/** What runs here. */
export interface VersionFacts {
  readonly node: string;
  /** Undefined under plain Node. */
  readonly electron: string | undefined;
  readonly system: string;
  /** What the client beside this daemon says of itself; undefined where it says nothing. */
  readonly shim: string | undefined;
  /** The clients that this search path leads to, in its order. */
  readonly shims: readonly { readonly path: PathFacts; readonly isSame: boolean }[];
  /** The version of Claude Code that it leads to; undefined where none is found, or its files do not say. */
  readonly claude: string | undefined;
  /** Whether it leads to a Claude Code at all. */
  readonly hasClaude: boolean;
}

/** Nobody's search path is longer. */
const mostFolders = 200;

/** Tells what runs here. No program but our own client is run. Never rejects. */
export const inspectVersions = async (
  shim: string,
  searchPath: string | undefined,
): Promise<VersionFacts> => {
  const folders = (searchPath ?? "").split(delimiter).filter(isAbsolute).slice(0, mostFolders);
  return {
    node: process.versions.node,
    electron: process.versions["electron"],
    system: `${process.platform} ${release()} ${arch()}`,
    shim: await shimVersion(shim),
    shims: await shimsIn(folders, shim),
    ...(await claudeIn(folders)),
  };
};

const shimVersion = async (shim: string): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(shim, ["version"], { timeout: 3_000 });
    return /^evercred (\S+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
};

const shimsIn = async (
  folders: readonly string[],
  shim: string,
): Promise<VersionFacts["shims"]> => {
  const found = await programsIn(folders, basename(shim));
  return Promise.all(
    found.map(async (path) => ({
      path,
      isSame: await isSameFile(path.path, shim),
    })),
  );
};

const programsIn = async (
  folders: readonly string[],
  name: string,
): Promise<readonly PathFacts[]> => {
  const all = await Promise.all(
    [...new Set(folders)].map((folder) => inspectPath(join(folder, name)).catch(() => undefined)),
  );
  return all.filter((facts): facts is PathFacts => facts?.isExecutable === true);
};

/** Whether two files hold the same; false where one of them cannot be read. */
export const isSameFile = async (one: string, other: string): Promise<boolean> => {
  const [hash, otherHash] = await Promise.all([hashOf(one), hashOf(other)]);
  return hash !== undefined && hash === otherHash;
};

const hashOf = (file: string): Promise<string | undefined> =>
  readFile(file).then(
    (bytes) => createHash("sha256").update(bytes).digest("hex"),
    () => undefined,
  );

const claudeIn = async (
  folders: readonly string[],
): Promise<Pick<VersionFacts, "claude" | "hasClaude">> => {
  const [program] = await programsIn(folders, "claude");
  const claude = program?.real === undefined ? undefined : await claudeVersion(program.real);
  return { claude, hasClaude: program !== undefined };
};

/** The native one is named by its version; the one of npm stands in a package. */
const claudeVersion = async (program: string): Promise<string | undefined> => {
  const name = basename(program);
  if (/^\d+\.\d+\.\d+/.test(name)) return name;
  const folder = dirname(program);
  for (const place of [folder, dirname(folder)]) {
    const version = await packageVersion(join(place, "package.json"));
    if (version !== undefined) return version;
  }
  return undefined;
};

const packageVersion = async (file: string): Promise<string | undefined> => {
  try {
    const { name, version } = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    return name === "@anthropic-ai/claude-code" && typeof version === "string"
      ? version
      : undefined;
  } catch {
    return undefined;
  }
};
