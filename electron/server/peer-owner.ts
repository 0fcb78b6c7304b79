import { createReadStream } from "node:fs";
import type { Socket } from "node:net";
import { endianness } from "node:os";
import { text } from "node:stream/consumers";

/** The two ends of a connection over IPv4, as its accepting side sees them. */
export interface Ends {
  /** The address and port of whoever connected. */
  readonly peer: readonly [address: string, port: number];
  readonly own: readonly [address: string, port: number];
}

/**
 * Whether the other end of a loopback connection is a program of ours. Only Linux tells; elsewhere the token alone is
 * the guard.
 */
export const isOurs = async (socket: Socket): Promise<boolean> =>
  !tellsOwners(process.platform) || (await endOf(socket))?.owner === process.getuid?.();

/** Whether this system tells who is at the other end of a loopback connection. */
export const tellsOwners = (platform: NodeJS.Platform): boolean => platform === "linux";

const tables = ["/proc/net/tcp", "/proc/net/tcp6"];

/** The other end of a loopback connection, as the kernel lists it. */
export interface End {
  /** The user whose it is. */
  readonly owner: number;
  /** Which socket it is. */
  readonly inode: number;
}

/** The other end of a loopback connection, as Linux tells; undefined where it does not. */
export const endOf = async (socket: Socket): Promise<End | undefined> => {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  if (localAddress === undefined || localPort === undefined) return undefined;
  const ends: Ends = { peer: [remoteAddress, remotePort], own: [localAddress, localPort] };
  for (const table of tables) {
    // readFile of Node 18 takes the first page of such a file for all of it.
    const lines = await text(createReadStream(table, "latin1")).catch(() => "");
    const end = endIn(lines, ends);
    if (end !== undefined) return end;
  }
  return undefined;
};

/**
 * The peer's end in the text of /proc/net/tcp or tcp6; there each end is a line of its own, which is
 * `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …` (proc_pid_net(5)). Undefined where
 * there is none, or where it is on its way out: then its owner is no longer told.
 */
export const endIn = (
  lines: string,
  { peer, own }: Ends,
  order = endianness(),
): End | undefined => {
  for (const mapped of [false, true]) {
    const from = hexOf(peer, mapped, order);
    const to = hexOf(own, mapped, order);
    const at = lines.indexOf(` ${from} ${to} ${established} `);
    if (at === -1) continue;
    const line = lines.slice(at + 1, lines.indexOf("\n", at));
    const [, , , , , , uid = "", , inode = ""] = line.split(/ +/u);
    const areNumbers = [uid, inode].every((each) => /^\d+$/u.test(each));
    return areNumbers ? { owner: Number(uid), inode: Number(inode) } : undefined;
  }
  return undefined;
};

const established = "01";

/** An end as the kernel prints it: words of the machine's own byte order. IPv6 programs reach us as `::ffff:127.0.0.1`. */
const hexOf = (
  [address, port]: Ends["peer"],
  mapped: boolean,
  order: ReturnType<typeof endianness>,
): string => {
  const bytes = address.split(".").map(Number);
  const wordOf = (octets: readonly number[]): string => {
    const word = Buffer.from(octets);
    return (order === "LE" ? word.reverse() : word).toString("hex").toUpperCase();
  };
  const prefix = mapped ? `${"0".repeat(16)}${wordOf([0, 0, 0xff, 0xff])}` : "";
  return `${prefix}${wordOf(bytes)}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
};
