import { lstat } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate, setTimeout } from "node:timers/promises";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

/** More than any burst of agents. For those beyond it go those who have said nothing, the oldest first. */
const connectionsAtOnce = 4_096;

export interface ListenerOptions {
  /** A socket's path or, on Windows, a pipe's. */
  readonly path: string;
  /** Clears the way; done before each listening. Where it rejects nothing listens. */
  prepare(): Promise<void>;
  /** Tells whom it concerns; done after each listening. Where it rejects nothing listens. */
  announce(): Promise<void>;
  take(socket: Socket): void;
  readonly log: Log;
}

/** What listens at a path, with the connections that it has taken. */
export interface Listener {
  /** Puts the socket back where it has vanished or been replaced. */
  mend(): Promise<void>;
  /** Takes no more connections; those that are open go on. */
  shut(): void;
  /**
   * As `shut`; those that are open are cut off after what has been said to them. Resolves once they are, or have had a
   * second for it.
   */
  close(): Promise<void>;
}

/** So long those who do not read keep a closing door waiting, in milliseconds. */
const cutMs = 1_000;

/** Listens at a socket. Rejects with `config-invalid`, or as `prepare` and `announce` do. */
export const listenAt = async (options: ListenerOptions): Promise<Listener> => {
  const { path, log } = options;
  const windows = process.platform === "win32";
  const sockets = new Set<Socket>();
  const makeRoom = (): boolean => {
    for (const socket of sockets) {
      if (socket.bytesRead > 0) continue;
      sockets.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  };
  const listen = async (): Promise<Server> => {
    await options.prepare();
    const server = createServer((socket) => {
      if (sockets.size >= connectionsAtOnce && !makeRoom()) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      options.take(socket);
    });
    await listening(server, path);
    try {
      await options.announce();
      return server;
    } catch (thrown) {
      server.close();
      throw thrown;
    }
  };
  let server = await listen();
  let identity = await identityOf(path);
  let closed = false;
  const mend = async (): Promise<void> => {
    if (windows || closed || (await identityOf(path)) === identity) return;
    log.warn("server: the socket had vanished", { address: path });
    // Closed first: a server that closes removes whatever stands at its path.
    server.close();
    server = await listen();
    identity = await identityOf(path);
  };
  let mending: Promise<void> = Promise.resolve();
  const shut = (): void => {
    if (closed) return;
    closed = true;
    // One that is just being put back is there only after that.
    void mending.catch(() => undefined).then(() => server.close());
  };
  return {
    mend() {
      mending = mending.catch(() => undefined).then(mend);
      return mending;
    },
    shut,
    async close() {
      shut();
      // What was said in this very moment has yet to be written.
      await setImmediate();
      const cut = [...sockets].map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once("close", () => {
              resolve();
            });
            socket.destroySoon();
          }),
      );
      await Promise.race([Promise.all(cut), setTimeout(cutMs, undefined, { ref: false })]);
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

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new EvercredError("config-invalid", `Cannot listen at ${path}.`, { cause }));
    });
    server.listen({ path, backlog: connectionsAtOnce }, resolve);
  });
