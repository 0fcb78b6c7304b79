import { chmodSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { encode, type Frame, FrameReader } from "./frames.ts";

/** One request that the shim made, and the way to answer it. */
export class Conversation {
  readonly #socket: Socket;
  readonly #frames: Frame[] = [];
  readonly #waiting: ((frame: Frame) => void)[] = [];
  /** Resolves when the shim's end of the connection is gone. */
  readonly closed: Promise<void>;
  /** All frames before G, in their order. */
  request: readonly Frame[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
      });
    });
    socket.on("error", () => undefined); // a shim that was interrupted
    const reader = new FrameReader();
    socket.on("data", (chunk) => {
      for (const frame of reader.push(chunk)) {
        const next = this.#waiting.shift();
        if (next === undefined) this.#frames.push(frame);
        else next(frame);
      }
    });
  }

  /** The shim's next frame. */
  next(): Promise<Frame> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The payloads of one type in the request, as text. */
  texts(type: string): readonly string[] {
    return this.request
      .filter((frame) => frame.type === type)
      .map((frame) => frame.payload.toString());
  }

  /** Frames that have come and were not asked for. */
  get unread(): readonly Frame[] {
    return [...this.#frames];
  }

  /** Sends one frame. */
  send(type: string, payload: string | Buffer = ""): void {
    this.#socket.write(encode(type, payload));
  }

  /** Sends bytes as they are. */
  sendRaw(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Closes the daemon's end once all is sent. */
  end(): void {
    this.#socket.end();
  }

  /** Ends the request with an exit code. */
  exit(code: number): void {
    this.send("X", String(code));
    this.end();
  }

  /** All of stdin, from the shim's I frames up to the empty one. */
  async input(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const { type, payload } = await this.next();
      if (type !== "I") throw new Error(`I was expected, ${type} came.`);
      if (payload.length === 0) return Buffer.concat(chunks);
      chunks.push(payload);
    }
  }
}

/** A daemon in the test's own process. */
export interface ListeningDaemon {
  /** Every request that has come so far. */
  readonly conversations: readonly Conversation[];
  /** How many connections were made, with a request or without. */
  connections(): number;
  /** The TCP port that it listens at; undefined: a socket. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/** Where a daemon listens: a socket's path, or an address of this machine, at any free port. */
export type Place = string | { readonly host: string };

/** Listens at the place (a socket with mode 0600) and answers every whole request. */
export async function listen(
  place: Place,
  answer: (conversation: Conversation) => void | Promise<void>,
): Promise<ListeningDaemon> {
  const conversations: Conversation[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.once("end", () => socket.end());
    const conversation = new Conversation(socket);
    const serve = async (): Promise<void> => {
      const request: Frame[] = [];
      for (;;) {
        const frame = await conversation.next();
        if (frame.type === "G") break;
        request.push(frame);
      }
      conversation.request = request;
      conversations.push(conversation);
      await answer(conversation);
    };
    serve().catch((error: unknown) => {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(typeof place === "string" ? { path: place } : { ...place, port: 0 }, resolve);
  });
  if (typeof place === "string") chmodSync(place, 0o600);
  const address = server.address();
  return {
    conversations,
    port: address === null || typeof address === "string" ? undefined : address.port,
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
