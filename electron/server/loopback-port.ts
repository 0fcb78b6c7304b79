import type { AddressInfo, Server } from "node:net";
import { EvercredError } from "../core/errors.ts";

/** As many connections as wait while we are at something else. */
const backlog = 4_096;

/** A port that was ours, and that somebody else has now. */
export class PortTaken extends EvercredError {
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super("config-invalid", `Another program holds port ${String(port)} of this computer.`, {
      cause,
    });
    this.port = port;
  }
}

/**
 * Listens on 127.0.0.1 and gives the port: `port`, else any free one. Rejects with PortTaken where that one cannot be
 * had. An error that the server has later is none of the daemon's.
 */
export const listenOnLoopback = (server: Server, port: number | undefined): Promise<number> =>
  new Promise((resolve, reject) => {
    server.on("error", (cause: NodeJS.ErrnoException) => {
      // Windows keeps ranges of ports for others, and says so by EACCES.
      const isTaken = cause.code === "EADDRINUSE" || cause.code === "EACCES";
      reject(
        port !== undefined && isTaken
          ? new PortTaken(port, cause)
          : new EvercredError("internal", "A port of this computer cannot be opened.", { cause }),
      );
    });
    server.listen({ host: "127.0.0.1", port: port ?? 0, backlog, exclusive: true }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

/** What `Host` says of a port on this computer. */
export const hostsAt = (port: number): readonly string[] => [
  `127.0.0.1:${String(port)}`,
  `localhost:${String(port)}`,
];
