import type { IncomingMessage } from "node:http";
import { type Agent, request } from "node:https";
import { TLSSocket } from "node:tls";
import { EvercredError } from "../../core/errors.ts";
import { codeOf, UpdateError } from "./update-error.ts";

/** A server that says nothing for so long is given up, in milliseconds. */
const silenceMs = 30_000;

/** What a release's server has. */
export interface UpdateServer {
  /** A small file, whole. Rejects with an UpdateError, or with the EvercredError of the network. */
  small(name: string, signal: AbortSignal): Promise<Buffer>;
  /** A large file's bytes as they come. Rejects likewise, and while they are read. */
  large(name: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
}

/** The most that a small file has, in bytes. */
const smallest = 64 * 1024;

/** The folder of a release over an agent that knows proxy and certificates. No redirect is followed. */
export const serverAt = (folder: string, agent: Agent): UpdateServer => {
  const ask = async (name: string, signal: AbortSignal): Promise<IncomingMessage> => {
    const url = new URL(name, folder);
    const message = await answerOf(url, agent, signal);
    const { statusCode: status = 0, headers } = message;
    const isPage = /^text\/html\b/i.test(headers["content-type"] ?? "");
    if (status === 200 && !isPage && message.socket instanceof TLSSocket) return message;
    message.destroy();
    throw new UpdateError(isPage && status === 200 ? "web-page" : "refused");
  };
  return {
    small: async (name, signal) => {
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of bytesOf(await ask(name, signal))) {
        size += part.length;
        if (size > smallest) throw new UpdateError("metadata");
        parts.push(part);
      }
      const bytes = Buffer.concat(parts);
      if (/^\s*</.test(bytes.toString("latin1", 0, 256))) throw new UpdateError("web-page");
      return bytes;
    },
    large: async (name, signal) => bytesOf(await ask(name, signal)),
  };
};

const answerOf = (url: URL, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const fail = (thrown: unknown): void => {
      const code = codeOf(thrown);
      const detail = code === "" ? "" : ` (${code})`;
      const sentence = `${url.host} cannot be reached${detail}.`;
      const isOurs = thrown instanceof EvercredError;
      reject(isOurs ? thrown : new EvercredError("unreachable", sentence, { cause: thrown }));
    };
    // A request says nothing of its end before it has a connection.
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    const asked = request(url, { agent, signal, headers: { accept: "*/*" } }, resolve);
    asked.once("error", fail);
    asked.setTimeout(silenceMs, () => asked.destroy(new Error("silent")));
    asked.end();
  });

/** What comes of an answer; one that ends before its end is `truncated`. */
async function* bytesOf(message: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* message as AsyncIterable<Buffer>;
  } catch (thrown) {
    throw new UpdateError("truncated", thrown);
  }
  if (!message.complete) throw new UpdateError("truncated");
}
