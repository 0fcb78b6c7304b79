import type { Socket } from "node:net";

/** The limits of a door. */
export interface ConnectionLimits {
  /** How many connections there may be at a time. */
  readonly most: number;
  /** How long the whole request of a connection may take to arrive, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * The connections of a door to which strangers may come. Where there are too many, the oldest that has not yet sent
 * a whole request makes room: slow ones, however many, starve nobody.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #all = new Set<Socket>();
  /** Those that have not sent a whole request, the oldest first. */
  readonly #waiting = new Map<Socket, NodeJS.Timeout>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Counts a connection that has just come. One for which there is no room is cut. */
  admit(socket: Socket): void {
    // A socket that breaks is no more than one that has gone.
    socket.on("error", () => undefined);
    if (this.#all.size >= this.#limits.most && !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    this.#all.add(socket);
    const timer = setTimeout(() => socket.destroy(), this.#limits.patienceMs);
    this.#waiting.set(socket, timer.unref());
    socket.once("close", () => this.#forget(socket));
  }

  /** Its whole request is there: it is not cut for another one any more. */
  busy(socket: Socket): void {
    clearTimeout(this.#waiting.get(socket));
    this.#waiting.delete(socket);
  }

  /** Cuts them all. */
  cut(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #makeRoom(): boolean {
    const [oldest] = this.#waiting.keys();
    if (oldest === undefined) return false;
    this.#forget(oldest);
    oldest.destroy();
    return true;
  }

  #forget(socket: Socket): void {
    this.busy(socket);
    this.#all.delete(socket);
  }
}
