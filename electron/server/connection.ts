import type { Socket } from "node:net";
import type { Reply, Request } from "../commands/verb.ts";
import type { Caller } from "../core/caller.ts";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Frame, frame, FrameDecoder, limits } from "../protocol/wire.ts";
import { replyOf } from "./reply.ts";
import { BadRequest, RequestReader, type Way } from "./request.ts";

/** Runs one request to its end and gives the exit code. Never rejects. */
export type Handler = (request: Request, reply: Reply) => Promise<number>;

/** As much as the frame of a token, or a little more. */
const strangerBytes = 64;

/** Why a request ends whose caller has left. One for all: each caller leaves, most of them with what they came for. */
const left = new EvercredError("cancelled");

/** Serves the one request of a connection. Whatever comes in, the daemon goes on. */
export const serve = (
  socket: Socket,
  way: Way,
  caller: Caller,
  handle: Handler,
  log: Log,
): void => {
  const decoder = new FrameDecoder();
  const reader = new RequestReader(way);
  const gone = new AbortController();
  const input = new LineInput(
    () => socket.writable,
    (bytes) => socket.write(bytes),
  );
  const environment = new AskedVariables(
    () => socket.writable,
    (bytes) => socket.write(bytes),
  );
  let running = false;
  let received = 0;

  const refuse = (thrown: unknown): void => {
    const isOurs = thrown instanceof BadRequest;
    const sentence = isOurs ? thrown.message : "That is no Evercred request.";
    const exit = String(isOurs ? thrown.exit : 2);
    log.warn("server: bad request", { sentence });
    clearTimeout(deadline);
    if (!reader.admitted) socket.destroy();
    else socket.end(Buffer.concat([frame("2", `evercred: ${sentence}\n`), frame("X", exit)]));
    socket.removeAllListeners("data");
    socket.resume();
  };
  const deadline = setTimeout(() => {
    refuse(new BadRequest("The request took too long to arrive."));
  }, limits.requestMs);

  const start = (request: Omit<Request, "signal" | "caller">): void => {
    running = true;
    clearTimeout(deadline);
    const { reply, end } = replyOf(
      (bytes) => {
        if (socket.writable) socket.write(bytes);
      },
      {
        ask: (hidden) => input.ask(hidden),
        variables: (names) => environment.ask(names, reader.version, way.bridge === undefined),
      },
    );
    void handle({ ...request, caller, signal: gone.signal }, reply).then((exit) => {
      end(exit);
      socket.end();
    });
  };

  const take = (each: Frame): void => {
    if (running) {
      if (each.type === "I") input.take(each.payload);
      else environment.take(each);
      return;
    }
    const request = reader.take(each);
    if (request !== undefined) start(request);
  };

  socket.on("data", (chunk) => {
    try {
      for (const each of decoder.push(chunk)) take(each);
      received += chunk.length;
      // A stranger may not make us hold more than a token takes.
      if (!reader.admitted && received > strangerBytes) throw new BadRequest("There is no token.");
    } catch (thrown) {
      if (running) socket.destroy();
      else refuse(thrown);
    }
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearTimeout(deadline);
    gone.abort(left);
    input.close();
    environment.close();
  });
};

/** Lines that the caller types, one at a time and only when asked for. */
class LineInput {
  readonly #writable: () => boolean;
  readonly #write: (bytes: Buffer) => void;
  #waiting: ((line: string | undefined) => void) | undefined;
  #closed = false;

  constructor(writable: () => boolean, write: (bytes: Buffer) => void) {
    this.#writable = writable;
    this.#write = write;
  }

  ask(hidden: boolean): Promise<string | undefined> {
    if (this.#closed || !this.#writable()) return Promise.resolve(undefined);
    this.#write(frame("?", hidden ? "h" : "l"));
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  take(payload: Buffer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(payload.length === 0 ? undefined : payload.toString().replace(/\r?\n$/, ""));
  }

  close(): void {
    this.#closed = true;
    this.take(Buffer.alloc(0));
  }
}

/** Since which version of the protocol a shim tells of its environment. */
const tellingVersion = 2;

type Variables = Readonly<Record<string, string>>;

/** Variables of the caller's environment: only when asked for, and only those. */
class AskedVariables {
  readonly #writable: () => boolean;
  readonly #write: (bytes: Buffer) => void;
  #waiting: ((variables: Variables | undefined) => void) | undefined;
  #told: Record<string, string> = {};
  #bytes = 0;

  constructor(writable: () => boolean, write: (bytes: Buffer) => void) {
    this.#writable = writable;
    this.#write = write;
  }

  ask(names: readonly string[], version: number, isOwn: boolean): Promise<Variables | undefined> {
    const mayAsk = isOwn && version >= tellingVersion && this.#waiting === undefined;
    if (!mayAsk || !this.#writable()) return Promise.resolve(undefined);
    this.#told = {};
    this.#bytes = 0;
    this.#write(frame("e", names.join(" ")));
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Throws BadRequest where it is more than an environment may be. */
  take({ type, payload }: Frame): void {
    if (this.#waiting === undefined) return;
    if (type === "G") this.#end(this.#told);
    if (type !== "E") return;
    this.#bytes += payload.length;
    if (this.#bytes > limits.requestBytes) throw new BadRequest("The environment is too large.");
    const assignment = payload.toString();
    const at = assignment.indexOf("=");
    if (at > 0) this.#told[assignment.slice(0, at)] = assignment.slice(at + 1);
  }

  close(): void {
    this.#end(undefined);
  }

  #end(variables: Variables | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(variables);
  }
}
