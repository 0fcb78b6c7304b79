import { connect } from "node:net";
import { frame, FrameDecoder, wireVersion } from "../protocol/wire.ts";

/** What a daemon has said to a request. */
export interface Heard {
  /** Whether it has said anything. One that hangs takes connections all the same. */
  readonly isAnswered: boolean;
  /** The exit code; undefined where none has come. */
  readonly code: number | undefined;
}

/**
 * Asks the daemon at a socket, as the shim does, for at most `limitMs`. Never rejects. Not for a pipe of Windows, where
 * nobody is heard without its token.
 */
export const ask = (path: string, words: readonly string[], limitMs: number): Promise<Heard> =>
  new Promise((resolve) => {
    const decoder = new FrameDecoder();
    const socket = connect(path);
    let isAnswered = false;
    let code: number | undefined;
    const timer = setTimeout(() => socket.destroy(), limitMs);
    socket.on("data", (chunk) => {
      isAnswered = true;
      try {
        const end = decoder.push(chunk).find(({ type }) => type === "X");
        if (end !== undefined) code = Number(end.payload.toString());
      } catch {
        socket.destroy();
      }
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve({ isAnswered, code });
    });
    const args = words.map((word) => frame("A", word));
    socket.write(Buffer.concat([frame("V", String(wireVersion)), ...args, frame("G")]));
  });
