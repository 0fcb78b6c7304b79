import type { Socket } from "node:net";
import { type Caller, type Program, unknownCaller } from "../core/caller.ts";
import { errorOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { endOf, tellsOwners } from "./peer-owner.ts";

/** Who is at the other end of a socket, as the kernel says. */
export type Peer =
  | { readonly kind: "ours"; readonly caller: Caller }
  /** Another user of this machine. */
  | { readonly kind: "stranger" };

/** Tells who is at the other end of connections. Never throws: who cannot be told is `unknown`. */
export interface Callers {
  /** Of a connection that has just come in at a socket or a pipe. */
  of(socket: Socket): Peer;
  /** Of a connection to a loopback port, whose user is known to be ours. */
  ofLoopback(socket: Socket): Promise<Caller>;
}

/** What the machine tells of processes. */
export interface Machine {
  /** Who has made the connection at this descriptor. Undefined where that is not told; may throw. */
  peerOf(fd: number): { readonly pid: number; readonly uid: number } | undefined;
  /** Whether that process is known to have ended: its number may be another's. */
  hasEnded(fd: number): boolean;
  /** The program that a process works for; undefined where that cannot be told. */
  programOf(pid: number): Program | undefined;
  /** The process of ours that has opened the socket with this inode. */
  holderOf(inode: number): Promise<number | undefined>;
  holds(pid: number, inode: number): boolean;
}

const unknownPeer: Peer = { kind: "ours", caller: unknownCaller };

/** Tells callers by their processes. */
export class ProcessCallers implements Callers {
  readonly #machine: Machine;
  readonly #log: Log;
  readonly #uid = process.getuid?.();
  #isNoted = false;

  constructor(machine: Machine, log: Log) {
    this.#machine = machine;
    this.#log = log;
  }

  of(socket: Socket): Peer {
    try {
      return this.#peerAt(descriptorOf(socket));
    } catch (thrown) {
      this.#note(thrown);
      return unknownPeer;
    }
  }

  async ofLoopback(socket: Socket): Promise<Caller> {
    if (!tellsOwners(process.platform)) return unknownCaller;
    try {
      return await this.#callerAtPort(socket);
    } catch (thrown) {
      this.#note(thrown);
      return unknownCaller;
    }
  }

  #peerAt(fd: number | undefined): Peer {
    const peer = fd === undefined ? undefined : this.#machine.peerOf(fd);
    if (fd === undefined || peer === undefined) return unknownPeer;
    if (peer.uid !== this.#uid) return { kind: "stranger" };
    const program = this.#machine.programOf(peer.pid);
    // Only afterwards: up to then the number was its own.
    if (program === undefined || this.#machine.hasEnded(fd)) return unknownPeer;
    return { kind: "ours", caller: { kind: "program", program } };
  }

  async #callerAtPort(socket: Socket): Promise<Caller> {
    const end = await endOf(socket);
    if (end === undefined || end.owner !== this.#uid) return unknownCaller;
    const { inode } = end;
    const pid = await this.#machine.holderOf(inode);
    const program = pid === undefined ? undefined : this.#machine.programOf(pid);
    if (pid === undefined || program === undefined) return unknownCaller;
    // As above: what still holds the socket is the process that was looked at.
    return this.#machine.holds(pid, inode) ? { kind: "program", program } : unknownCaller;
  }

  /** What fails once fails always: once is enough. */
  #note(thrown: unknown): void {
    if (this.#isNoted) return;
    this.#isNoted = true;
    const { code } = errorOf(thrown);
    this.#log.warn("server: a caller could not be told", { code });
  }
}

/** The descriptor of a socket. Node documents none; read while the connection comes in, it is there on Linux and macOS. */
const descriptorOf = (socket: Socket): number | undefined => {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: unknown } | null };
  const fd = handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
};
