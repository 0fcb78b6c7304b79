import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import * as z from "zod";
import { EvercredError } from "../core/errors.ts";
import { reasonOf } from "./atomic-file.ts";
import { loadPeerAddon } from "./peer.ts";
import { tried } from "./process-file.ts";

export interface OwnerOptions {
  readonly stateDir: string;
  /** Where this process will listen: what a second one is told. */
  readonly socket: string;
  /** The shim's path. Node cannot lock a file; the addon beside the shim can, and the shim itself for a descriptor that it is handed. */
  readonly shim: string;
}

const ownerSchema = z.object({ pid: z.int(), socket: z.string() });

/** The process that owns the state directory, and where it listens. */
export type Owner = z.infer<typeof ownerSchema>;

/** `by` is undefined where the owner has not said yet who it is. */
export type Ownership =
  | { readonly held: true; release(): void }
  | { readonly held: false; readonly by: Owner | undefined };

/**
 * Makes this process the one owner of the state directory, until `release` or its end, however that comes.
 * Rejects with `internal` where the lock itself does not work.
 */
export const takeOwnership = async (options: OwnerOptions): Promise<Ownership> => {
  const file = join(options.stateDir, "owner.lock");
  const fd = openLock(file);
  const unlock =
    process.platform === "win32" ? await lockPipe(options.stateDir) : lockFile(fd, options.shim);
  if (unlock === undefined) {
    closeSync(fd);
    return { held: false, by: readOwner(file) };
  }
  const owner: Owner = { pid: process.pid, socket: options.socket };
  ftruncateSync(fd);
  writeSync(fd, JSON.stringify(owner), 0);
  return {
    held: true,
    release: () => {
      ftruncateSync(fd);
      unlock();
      closeSync(fd);
    },
  };
};

const openLock = (file: string): number => {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  } catch (thrown) {
    throw new EvercredError("internal", `The lock ${file} cannot be opened.`, {
      remedy: "Make sure that its folder is yours and can be written.",
      cause: thrown,
    });
  }
};

/**
 * Locks (flock) the open file: it lasts until our descriptor is closed, at the latest by the kernel at our end. Node opens
 * with O_CLOEXEC, so no child of ours ever holds it.
 */
const lockFile = (fd: number, shim: string): (() => void) | undefined => {
  const addon = tried(() => loadPeerAddon(join(dirname(shim), "peer.node")));
  const held = tried(() => addon?.lock(fd)) ?? lockByShim(fd, shim);
  return held ? () => undefined : undefined;
};

/** The shim locks the open file that it inherits, and ends; the lock is the file's, not the process's. A start that waits for it takes longer. */
const lockByShim = (fd: number, shim: string): boolean => {
  const { status, error } = spawnSync(shim, ["--own", "3"], {
    stdio: ["ignore", "ignore", "ignore", fd],
    timeout: 5_000,
  });
  if (status === 0) return true;
  if (status === 1) return false;
  closeSync(fd);
  const reason = error === undefined ? `exit ${String(status)}` : reasonOf(error);
  throw new EvercredError("internal", `The shim ${shim} cannot lock the state (${reason}).`, {
    remedy: "Install Evercred again.",
    cause: error,
  });
};

/** Windows gives a pipe's name to one process only, and takes it back at its end. */
const lockPipe = async (stateDir: string): Promise<(() => void) | undefined> => {
  const hash = createHash("sha256").update(stateDir.toLowerCase()).digest("hex").slice(0, 16);
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen({ path: String.raw`\\.\pipe\evercred-owner-${hash}`, exclusive: true });
    await once(server, "listening");
    server.unref();
    return () => server.close();
  } catch {
    return undefined;
  }
};

const readOwner = (file: string): Owner | undefined => {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
};
