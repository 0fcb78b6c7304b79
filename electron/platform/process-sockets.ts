import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileAt, tried } from "./process-file.ts";
import type { Processes } from "./process.ts";

/**
 * The process of ours that has opened a socket, by the socket's inode, as Linux tells. Undefined where nobody has it
 * whom we may look into. Looks at one process after the other, the newest first, and lets others go on in between.
 */
export const holderOf = async (
  inode: number,
  processes: Processes,
): Promise<number | undefined> => {
  const uid = process.getuid?.();
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  for (const pid of pids.sort((a, b) => b - a)) {
    if (fileAt(`/proc/${String(pid)}`)?.uid !== uid) continue;
    if (holds(pid, inode)) return openerAbove(pid, inode, processes);
    await setImmediate();
  }
  return undefined;
};

/** Whether that process holds it now. */
export const holds = (pid: number, inode: number): boolean => {
  const folder = `/proc/${String(pid)}/fd`;
  const wanted = `socket:[${String(inode)}]`;
  const names = tried(() => readdirSync(folder)) ?? [];
  return names.some((name) => tried(() => readlinkSync(`${folder}/${name}`)) === wanted);
};

/** A child has what its parent had: the parent that still has it has opened it. */
const openerAbove = (pid: number, inode: number, processes: Processes): number => {
  let opener = pid;
  for (let next = pid; next > 0 && holds(next, inode);) {
    opener = next;
    next = processes.look(next)?.parent ?? 0;
  }
  return opener;
};
