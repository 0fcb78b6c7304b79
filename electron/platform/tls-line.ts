import type { Socket } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { EvercredError } from "../core/errors.ts";

/** What became of a handshake that failed: Node's own error, of a certificate or of TLS itself. */
export class HandshakeFailed extends Error {
  override readonly name = "HandshakeFailed";
  /** What Node or OpenSSL calls it: `CERT_HAS_EXPIRED`. */
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/**
 * TLS over a connection: resolves once both sides have agreed and the certificate is found good. Rejects with
 * HandshakeFailed where it is not, `unreachable` where the other side goes away (nothing of ours was sent), or the
 * signal's reason. A connection that fails is ended.
 */
export const secured = (
  socket: Socket,
  host: string,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const line = connect({ ALPNProtocols: ["http/1.1"], ...options, host, socket });
    const abort = (): void => {
      line.destroy(signal.reason as Error);
    };
    const settle = (): void => {
      signal.removeEventListener("abort", abort);
      line.off("error", fail);
      line.off("close", gone);
    };
    const fail = (thrown: Error): void => {
      settle();
      // What it says on its way out is said already.
      line.on("error", () => undefined);
      socket.destroy();
      reject(signal.aborted ? (signal.reason as Error) : failureOf(host, thrown));
    };
    const gone = (): void => {
      fail(new Error("closed"));
    };
    signal.addEventListener("abort", abort, { once: true });
    line.once("error", fail);
    line.once("close", gone);
    line.once("secureConnect", () => {
      settle();
      resolve(line);
    });
    if (signal.aborted) abort();
  });

const failureOf = (host: string, thrown: Error): Error => {
  const failed = failedHandshakeIn(thrown);
  if (failed !== undefined) return failed;
  const code = codeOf(thrown);
  const detail = code === "" ? "" : ` (${code})`;
  const sentence = `${host} ends the connection before it is a secure one${detail}.`;
  return new EvercredError("unreachable", sentence, {
    remedy: "Check the network: something between here and there may cut it.",
    cause: thrown,
  });
};

/** What OpenSSL and Node call a certificate or a handshake that is no good. */
const tlsCode =
  /^(?:ERR_(?:TLS|SSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(?:CA|PURPOSE)$|(?:EPROTO|HOSTNAME_MISMATCH)$)/u;

/** What TLS has against a connection; undefined for a failure of the connection itself. */
export const failedHandshakeIn = (thrown: unknown): HandshakeFailed | undefined => {
  const code = codeOf(thrown);
  return tlsCode.test(code) ? new HandshakeFailed(code, thrown) : undefined;
};

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
