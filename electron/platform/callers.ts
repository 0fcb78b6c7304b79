import { dirname, join } from "node:path";
import type { Log } from "../core/log.ts";
import { reasonOf } from "./atomic-file.ts";
import { loadPeerAddon, type PeerAddon, type SeenOnLinux, type SeenOnMacos } from "./peer.ts";
import { linuxProcesses } from "./process-linux.ts";
import { macosProcesses } from "./process-macos.ts";
import { Programs } from "./process-programs.ts";
import { holderOf, holds } from "./process-sockets.ts";
import type { Processes } from "./process.ts";

/**
 * What this machine tells of those at the other ends of connections. Loads the addon that stands beside the shim; where
 * that cannot be done nobody is told, and the log says so.
 */
export const openMachine = (shim: string, log: Log) => {
  const addon = addonBeside(shim, log);
  const processes = processesOf(addon);
  const programs = new Programs(processes, shim);
  return {
    peerOf: (fd: number) => addon?.peer(fd),
    hasEnded: (fd: number) => addon?.ended(fd) === true,
    programOf: (pid: number) => programs.of(pid),
    holderOf: (inode: number) => holderOf(inode, processes),
    holds,
  };
};

const addonBeside = (shim: string, log: Log): PeerAddon | undefined => {
  // There Node gives nobody the handle of a pipe.
  if (process.platform === "win32") return undefined;
  try {
    return loadPeerAddon(join(dirname(shim), "peer.node"));
  } catch (thrown) {
    log.warn("callers: nobody is told", { reason: reasonOf(thrown) });
    return undefined;
  }
};

const processesOf = (addon: PeerAddon | undefined): Processes => {
  const look = (pid: number) => addon?.look(pid);
  return process.platform === "linux"
    ? linuxProcesses(look as (pid: number) => SeenOnLinux | undefined)
    : macosProcesses(look as (pid: number) => SeenOnMacos | undefined);
};
