import { randomBytes } from "node:crypto";
import { chmod, rename, unlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Places } from "../protocol/endpoint.ts";
import type { Callers } from "./callers.ts";
import { type Handler, serve } from "./connection.ts";
import { checkSocketPath, makeDirectory, verifyDirectory } from "./directory.ts";
import { type Listener, listenAt } from "./listener.ts";

/** The socket for the shim: in a directory that only we can enter, its path noted in the state directory. */
export interface Door extends Listener {
  /** Where it listens. */
  readonly address: string;
}

/**
 * Opens the door. Rejects with `config-invalid` where the directory is not safe, the path is too long,
 * or somebody else answers there.
 */
export const openDoor = async (
  places: Places,
  handle: Handler,
  callers: Callers,
  log: Log,
): Promise<Door> => {
  const windows = process.platform === "win32";
  const token = windows ? randomBytes(32) : undefined;
  const address = windows
    ? `\\\\.\\pipe\\evercred-${randomBytes(16).toString("hex")}`
    : places.socket;
  const listener = await listenAt({
    path: address,
    prepare: async () => {
      if (!windows) await prepare(places);
    },
    announce: async () => {
      if (!windows) await chmod(address, 0o600);
      await note(places, address, token);
    },
    take: (socket) => {
      const peer = callers.of(socket);
      if (peer.kind === "stranger") {
        log.warn("server: another user's request");
        socket.destroy();
        return;
      }
      serve(socket, { token, bridge: undefined }, peer.caller, handle, log);
    },
    log,
  });
  log.info("server: listens", { address });
  return { address, ...listener };
};

const prepare = async ({ runtimeDir, stateDir, socket }: Places): Promise<void> => {
  await makeDirectory(stateDir);
  await makeDirectory(runtimeDir);
  await verifyDirectory(runtimeDir);
  checkSocketPath(socket);
  if (await answers(socket)) {
    throw new EvercredError("config-invalid", `Another Evercred answers at ${socket}.`, {
      remedy: "Stop it with: evercred daemon stop",
    });
  }
  await unlink(socket).catch(() => undefined);
};

/** Whether anybody answers at a socket. What leaves that open counts as yes. */
export const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // Anything else, such as a full queue, is no proof that nobody is there.
      resolve(!["ECONNREFUSED", "ENOENT", "ENOTSOCK"].includes(error.code ?? ""));
    });
  });

/** For shims whose environment points elsewhere: cron, `su -`, sandboxes. */
const note = async (
  { endpointFile }: Places,
  address: string,
  token: Buffer | undefined,
): Promise<void> => {
  const lines = token === undefined ? [address] : [address, token.toString("hex")];
  const fresh = `${endpointFile}.${randomBytes(4).toString("hex")}`;
  try {
    await makeDirectory(dirname(endpointFile));
    await writeFile(fresh, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
    await rename(fresh, endpointFile);
  } catch (cause) {
    await unlink(fresh).catch(() => undefined);
    throw new EvercredError("config-invalid", `${endpointFile} cannot be written.`, {
      remedy: "Make sure that its directory is yours, and that the disk has room.",
      cause,
    });
  }
};
