import { createSecureContext, type SecureContext } from "node:tls";
import type { ClientCertificate, SecretOf } from "./client-certificate.ts";

/** What a connection to a host by TLS is made with. */
export type TrustFor = (host: string) => Promise<SecureContext>;

/**
 * All these certificates (PEM) are trusted, and ours is shown to those hosts that it is for. Rejects as
 * `ClientCertificate.open` does.
 */
export const trustOf = (
  certificates: readonly string[],
  own: ClientCertificate | undefined,
  secretOf: SecretOf,
): TrustFor => {
  const ca = [...certificates];
  // Reading some 150 certificates takes milliseconds: once for all connections.
  let plain: SecureContext | undefined;
  let showing: Promise<SecureContext> | undefined;
  return async (host) => {
    if (own?.isFor(host) !== true) return (plain ??= createSecureContext({ ca }));
    const opened = (showing ??= own
      .open(secretOf)
      .then(({ cert, key }) => createSecureContext({ ca, cert, key })));
    return opened.catch((thrown: unknown) => {
      // What was missing may be there next time.
      if (showing === opened) showing = undefined;
      throw thrown;
    });
  };
};
