import type { IncomingMessage } from "node:http";
import { EvercredError } from "../core/errors.ts";
import { portalErrorOf } from "./captive-portal.ts";
import { type Headers, retryAfterOf } from "./retry-after.ts";

/** No reply that we ask for comes near it. */
const maxBytes = 1024 * 1024;

/** The whole body of a reply; undefined where it breaks off or is too long. */
export const wholeBody = async (message: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of message) {
      if (!(chunk instanceof Uint8Array)) return undefined;
      length += chunk.length;
      if (length > maxBytes) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
};

/**
 * What a host says that is not about what was asked: too many requests, or a fault of its own; also what only a network's
 * sign-in page says (RFC 6585, 6). Undefined for all else.
 */
export const loadErrorOf = (
  host: string,
  status: number,
  headers: Headers,
): EvercredError | undefined => {
  const retryAfterMs = retryAfterOf(headers);
  const detail = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) {
    return new EvercredError("throttled", `${host} asks us to wait before we ask again.`, detail);
  }
  if (status === 511) return portalErrorOf(host);
  if (status >= 500) {
    return new EvercredError("provider-unavailable", `${host} has a fault (${status}).`, detail);
  }
  return undefined;
};
