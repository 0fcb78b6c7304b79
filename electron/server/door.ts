import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, rename, unlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Places, socketPathLimit } from "../protocol/endpoint.ts";
import { type Handler, serve } from "./connection.ts";

/** More than any burst of agents: those beyond it are turned away. */
const connectionsAtOnce = 4_096;

/** The socket for the shim: in a directory that only we can enter, its path noted in the state directory. */
export interface Door {
  /** Where it listens. */
  readonly address: string;
  /** Puts the socket back where it has vanished or been replaced. */
  mend(): Promise<void>;
  /** Takes no more requests; those that run are cut off after what has been said to them. */
  close(): void;
}

/**
 * Opens the door. Rejects with `config-invalid` where the directory is not safe, the path is too long,
 * or somebody else answers there.
 */
export const openDoor = async (places: Places, handle: Handler, log: Log): Promise<Door> => {
  const windows = process.platform === "win32";
  const token = windows ? randomBytes(32) : undefined;
  const address = windows
    ? `\\\\.\\pipe\\evercred-${randomBytes(16).toString("hex")}`
    : places.socket;
  const sockets = new Set<Socket>();
  const listen = async (): Promise<Server> => {
    if (!windows) await prepare(places);
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      serve(socket, token, handle, log);
    });
    server.maxConnections = connectionsAtOnce;
    await listening(server, address);
    try {
      if (!windows) await chmod(address, 0o600);
      await note(places, address, token);
      return server;
    } catch (cause) {
      server.close();
      throw new EvercredError("config-invalid", `${places.endpointFile} cannot be written.`, {
        remedy: "Make sure that its directory is yours, and that the disk has room.",
        cause,
      });
    }
  };
  let server = await listen();
  let identity = await identityOf(address);
  let closed = false;
  const mend = async (): Promise<void> => {
    if (windows || closed || (await identityOf(address)) === identity) return;
    log.warn("server: the socket had vanished", { address });
    // Closed first: a server that closes removes whatever stands at its path.
    server.close();
    server = await listen();
    identity = await identityOf(address);
  };
  let mending: Promise<void> = Promise.resolve();
  log.info("server: listens", { address });
  return {
    address,
    mend() {
      mending = mending.catch(() => undefined).then(mend);
      return mending;
    },
    close() {
      closed = true;
      // One that is just being put back is there only after that.
      void mending.catch(() => undefined).then(() => server.close());
      // What was said in this very moment has yet to be written.
      setImmediate(() => {
        for (const socket of sockets) socket.destroySoon();
      });
    },
  };
};

const identityOf = async (path: string): Promise<string | undefined> => {
  try {
    const { dev, ino } = await lstat(path);
    return `${String(dev)}:${String(ino)}`;
  } catch {
    return undefined;
  }
};

const prepare = async ({ runtimeDir, stateDir, socket }: Places): Promise<void> => {
  await makeDirectory(stateDir);
  await makeDirectory(runtimeDir);
  await verify(runtimeDir);
  // Node cuts a longer path short without a word, and would listen elsewhere.
  if (Buffer.byteLength(socket) > socketPathLimit(process.platform)) {
    throw new EvercredError("config-invalid", `The path of the socket is too long: ${socket}`, {
      remedy: "Use a shorter XDG_RUNTIME_DIR or EVERCRED_HOME.",
    });
  }
  if (await answers(socket)) {
    throw new EvercredError("config-invalid", `Another Evercred answers at ${socket}.`, {
      remedy: "Stop it with: evercred daemon stop",
    });
  }
  await unlink(socket).catch(() => undefined);
};

/** The directory is the guard: a real one, ours, closed to everybody else. */
const verify = async (path: string): Promise<void> => {
  const stats = await lstat(path);
  if (!stats.isDirectory()) throw unsafe(path, "is not a directory");
  if (stats.uid !== process.getuid?.()) throw unsafe(path, "belongs to another user");
  if ((stats.mode & 0o077) !== 0) throw unsafe(path, "can be entered by others");
};

const makeDirectory = async (path: string): Promise<void> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    // What stands in the way says more than that there is something.
    const stands = await lstat(path).catch(() => undefined);
    throw stands === undefined
      ? new EvercredError("config-invalid", `${path} cannot be made.`, {
          remedy: "Make sure that the directory above it is yours.",
          cause,
        })
      : unsafe(path, "is not a directory");
  }
};

const unsafe = (path: string, what: string): EvercredError =>
  new EvercredError("config-invalid", `${path} ${what}.`, {
    remedy: "Remove it and start Evercred again.",
  });

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

const listening = (server: Server, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new EvercredError("config-invalid", `Cannot listen at ${address}.`, { cause }));
    });
    server.listen({ path: address, backlog: connectionsAtOnce }, resolve);
  });

/** For shims whose environment points elsewhere: cron, `su -`, sandboxes. */
const note = async (
  { endpointFile }: Places,
  address: string,
  token: Buffer | undefined,
): Promise<void> => {
  const lines = token === undefined ? [address] : [address, token.toString("hex")];
  await makeDirectory(dirname(endpointFile));
  const fresh = `${endpointFile}.${randomBytes(4).toString("hex")}`;
  await writeFile(fresh, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
  await rename(fresh, endpointFile);
};
