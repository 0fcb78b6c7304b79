import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Places, placesOf } from "../../electron/protocol/endpoint.ts";
import { type Frame, frame, FrameDecoder } from "../../electron/protocol/wire.ts";
import type { Handler } from "../../electron/server/connection.ts";
import { type Door, openDoor } from "../../electron/server/door.ts";
import { FakeCallers } from "../fakes/callers.ts";
import { MemoryLog } from "../fakes/log.ts";

/** A directory that is gone when the test has ended. */
export const makeDirectory = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), "evercred-"));
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
};

/** The places of a user whose home is a new directory. */
export const makePlaces = async (): Promise<Places> => placesUnder(await makeDirectory());

/** The places under one directory. */
export const placesUnder = (own: string): Places =>
  placesOf({
    platform: process.platform,
    env: { EVERCRED_HOME: own },
    home: own,
    uid: process.getuid!(),
    isOurs: () => false,
  });

/** Something that a test settles when its time has come. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export const defer = <T>(): Deferred<T> => {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

/** Does what a caller may be said to do: nothing, successfully. */
export const idle: Handler = () => Promise.resolve(0);

/** A door that is closed when the test has ended. */
export const open = async (
  places: Places,
  handle: Handler = idle,
  log = new MemoryLog(),
): Promise<Door> => {
  const door = await openDoor(places, handle, new FakeCallers(), log);
  onTestFinished(() => door.close());
  return door;
};

/** The bytes of a request for these words. */
export const requestFor = (...args: readonly string[]): Buffer =>
  Buffer.concat([frame("V", "1"), ...args.map((arg) => frame("A", arg)), frame("G")]);

/** What a caller has got from the daemon. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined where the connection ended before it. */
  readonly exit: number | undefined;
  readonly frames: readonly Frame[];
}

/** A caller: the other end of a connection. */
export class Caller {
  readonly socket: Socket;
  /** Resolves when the connection has ended, however that came about. */
  readonly ended: Promise<Answer>;
  readonly #frames: Frame[] = [];
  readonly #decoder = new FrameDecoder();
  readonly #waiting = new Set<() => void>();

  /** Connects to a socket's path, or to a port of this computer. */
  constructor(address: string | number) {
    this.socket = typeof address === "number" ? connect(address, "127.0.0.1") : connect(address);
    this.socket.on("data", (chunk) => {
      this.#frames.push(...this.#decoder.push(chunk));
      for (const look of this.#waiting) look();
    });
    // A daemon that cuts the connection is an answer, too.
    this.socket.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      this.socket.on("close", () => resolve(answerOf(this.#frames)));
    });
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  send(...bytes: readonly Buffer[]): this {
    for (const each of bytes) this.socket.write(each);
    return this;
  }

  /** The first frame of this type (and content), as soon as it is there. */
  async frame(type: string, content?: string): Promise<Frame> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.#frames.find(
          (each) =>
            each.type === type && (content ?? each.payload.toString()) === each.payload.toString(),
        );
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** What the daemon answers to these bytes. */
export const ask = (address: string | number, ...bytes: readonly Buffer[]): Promise<Answer> =>
  new Caller(address).send(...bytes).ended;

const answerOf = (frames: readonly Frame[]): Answer => {
  const text = (type: string): string =>
    Buffer.concat(
      frames.filter((each) => each.type === type).map(({ payload }) => payload),
    ).toString();
  const exit = text("X");
  return {
    stdout: text("1"),
    stderr: text("2"),
    exit: exit === "" ? undefined : Number(exit),
    frames,
  };
};
