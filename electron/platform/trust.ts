import { createSecureContext, type SecureContext } from "node:tls";
import type { ClientCertificate, SecretOf } from "./client-certificate.ts";

/** What connections by TLS are made with. */
export interface Trust {
  /** For a host, with our certificate where it is for that host. Rejects as `ClientCertificate.open` does. */
  forHost(host: string): Promise<SecureContext>;
  /** Likewise for a proxy on the way to one. */
  forProxy(host: string): Promise<SecureContext>;
  /** Shows nothing of ours to anybody. */
  plain(): SecureContext;
}

/** All these certificates (PEM) are trusted, and ours is shown to those hosts that it is for. */
export const trustOf = (
  certificates: readonly string[],
  own: ClientCertificate | undefined,
  secretOf: SecretOf,
): Trust => {
  const ca = [...certificates];
  // Reading some 150 certificates takes milliseconds: once for all connections.
  let plainContext: SecureContext | undefined;
  let showing: Promise<SecureContext> | undefined;
  const plain = (): SecureContext => (plainContext ??= createSecureContext({ ca }));
  const withOurs = (certificate: ClientCertificate): Promise<SecureContext> => {
    const opened = (showing ??= certificate
      .open(secretOf)
      .then(({ cert, key }) => createSecureContext({ ca, cert, key })));
    return opened.catch((thrown: unknown) => {
      // What was missing may be there next time.
      if (showing === opened) showing = undefined;
      throw thrown;
    });
  };
  return {
    forHost: async (host) => (own?.isFor(host) === true ? withOurs(own) : plain()),
    forProxy: async (host) => (own?.isForProxy(host) === true ? withOurs(own) : plain()),
    plain,
  };
};
