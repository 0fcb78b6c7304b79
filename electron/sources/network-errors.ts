import { EvercredError } from "../core/errors.ts";

/** What OpenSSL and Node call a certificate or a handshake that is no good. */
const tlsCodes: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_REJECTED",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_CHAIN_TOO_LONG",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "HOSTNAME_MISMATCH",
  "EPROTO",
]);

/** What Node calls it; empty where it has no name. */
export const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";

/** What Node was doing while nothing of a request can have left us. */
const beforeSending: ReadonlySet<unknown> = new Set(["getaddrinfo", "connect"]);

/** Whether a request failed before there was a connection to send it over. Where that is not sure, it may have been sent. */
const isUnsent = (thrown: unknown): boolean => {
  // Node tries several addresses of a host one after the other, and hands on what became of all of them.
  if (thrown instanceof AggregateError) return true;
  if (!(thrown instanceof Error)) return false;
  if (beforeSending.has(Reflect.get(thrown, "syscall"))) return true;
  // The SDK's own word for a connection that did not come about in time: Node's have a code.
  return thrown.name === "TimeoutError" && codeOf(thrown) === "";
};

/** A failure between us and a host, before it has answered. */
export const networkErrorOf = (host: string, thrown: unknown): EvercredError => {
  const code = codeOf(thrown);
  if (tlsCodes.has(code) || /^ERR_(?:TLS|SSL)_/.test(code)) return tlsErrorOf(host, code, thrown);
  const detail = code === "" ? "" : ` (${code})`;
  return new EvercredError("unreachable", `${host} cannot be reached${detail}.`, {
    cause: thrown,
    unanswered: !isUnsent(thrown),
  });
};

/** A failure of the handshake. Its code is EPROTO where only OpenSSL's message says what it was. */
const tlsErrorOf = (host: string, code: string, thrown: unknown): EvercredError => {
  const words = code === "EPROTO" && thrown instanceof Error ? thrown.message : code;
  // An alert is the other side's no (RFC 8446, 6.2): what it may not like is our certificate, or that there is none.
  if (/[ _]alert[ _]/i.test(words)) {
    const sentence = `${host} ends the handshake: it may want a certificate of ours, or another one (${code}).`;
    const remedy = "Name it in network.clientCertificate, with this host among its hosts.";
    return new EvercredError("tls-failed", sentence, { remedy, cause: thrown });
  }
  if (/wrong[ _]version[ _]number/i.test(words)) {
    const remedy = "Check the address: it may be one of plain HTTP.";
    const sentence = `${host} does not speak TLS (${code}).`;
    return new EvercredError("tls-failed", sentence, { remedy, cause: thrown });
  }
  const sentence = `The certificate that ${host} shows is not trusted (${code}).`;
  return new EvercredError("tls-failed", sentence, { cause: thrown });
};

/** What a proxy answered instead of leading us to a host. */
export const proxyErrorOf = (host: string, status: number): EvercredError => {
  if (status === 407) {
    return new EvercredError("proxy-refused", "The proxy wants a user name and a password.", {
      remedy: "Name them: network.proxyUser and network.proxyPasswordKey in the configuration.",
    });
  }
  if (status >= 500) {
    return new EvercredError("unreachable", `The proxy cannot reach ${host} (${status}).`);
  }
  return new EvercredError(
    "proxy-refused",
    `The proxy does not let us reach ${host} (${status}).`,
    {
      remedy: `Ask your administrator to allow ${host}.`,
    },
  );
};

/** The reply of a host that did not answer in time. */
export const silenceErrorOf = (host: string, afterMs: number): EvercredError =>
  new EvercredError("unreachable", `${host} has not answered within ${afterMs / 1000} s.`, {
    unanswered: true,
  });
