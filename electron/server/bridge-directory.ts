import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Log } from "../core/log.ts";
import { checkSocketPath, makeDirectory, verifyDirectory } from "./directory.ts";
import { type Listener, listenAt } from "./listener.ts";
import { writePrivateFile } from "./private-file.ts";

export interface BridgeDirectory {
  readonly directory: string;
  /** In hexadecimal, as the token file holds it. */
  readonly token: string;
  take(socket: Socket): void;
  readonly log: Log;
}

/**
 * Makes a bridge's directory, which is to be mounted elsewhere: a token file and, except on Windows, a socket. One
 * that is there already stays the same directory, so that what is mounted goes on. Rejects with `config-invalid`.
 */
export const openBridgeDirectory = async (options: BridgeDirectory): Promise<Listener> => {
  const { directory, token, log } = options;
  const socket = join(directory, "socket");
  const prepare = async (): Promise<void> => {
    await makeDirectory(dirname(directory));
    await verifyDirectory(dirname(directory));
    await makeDirectory(directory);
    await verifyDirectory(directory);
    await writePrivateFile(join(directory, "token"), token);
  };
  if (process.platform === "win32") {
    await prepare();
    const nothing = (): Promise<void> => Promise.resolve();
    return { mend: nothing, shut: () => undefined, close: nothing };
  }
  return listenAt({
    path: socket,
    prepare: async () => {
      checkSocketPath(socket);
      await prepare();
      await unlink(socket).catch(() => undefined);
    },
    // No mode is set: the other side of the mount may put a link there meanwhile, and the token is the guard.
    announce: () => Promise.resolve(),
    take: (socket) => options.take(socket),
    log,
  });
};

/**
 * Takes a bridge's directory away. It goes into no directory inside: the other side of the mount may put there what
 * it likes, also while we look. What it has put there that is not a file stays.
 */
export const removeBridgeDirectory = async (directory: string): Promise<void> => {
  const stats = await lstat(directory).catch(() => undefined);
  if (stats?.isDirectory() !== true) return;
  for (const name of await readdir(directory).catch(() => [])) {
    await unlink(join(directory, name)).catch(() => undefined);
  }
  await rmdir(directory).catch(() => undefined);
};
