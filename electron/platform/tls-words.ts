import { EvercredError } from "../core/errors.ts";
import type { SeenCertificate } from "./seen-certificate.ts";
import type { HandshakeFailed } from "./tls-line.ts";

/**
 * A failure of a handshake in words: what the host shows instead of what we trust. `seen` is undefined where that could
 * not be found out; then the code has to do.
 */
export const tlsErrorOf = (
  host: string,
  failed: HandshakeFailed,
  seen: SeenCertificate | undefined,
): EvercredError => {
  const { sentence, remedy } = wordsFor(host, failed, seen);
  const detail = remedy === undefined ? {} : { remedy };
  return new EvercredError("tls-failed", sentence, { ...detail, cause: failed.cause });
};

interface Words {
  readonly sentence: string;
  /** Undefined: the usual one, which is to trust another authority. */
  readonly remedy?: string;
}

const wordsFor = (
  host: string,
  { code, cause }: HandshakeFailed,
  seen: SeenCertificate | undefined,
): Words => {
  // Its code is EPROTO where only OpenSSL's message says what it was.
  const said = `${code} ${cause instanceof Error ? cause.message : ""}`;
  // An alert is the other side's no (RFC 8446, 6.2): what it may not like is our certificate, or that there is none.
  if (/[ _]alert[ _]/iu.test(said)) {
    return {
      sentence: `${host} ends the handshake: it may want a certificate of ours, or another one (${code}).`,
      remedy: "Name it in network.clientCertificate, with this host among its hosts.",
    };
  }
  if (/wrong[ _]version[ _]number/iu.test(said)) {
    return {
      sentence: `${host} does not speak TLS (${code}).`,
      remedy: "Check the address: it may be one of plain HTTP.",
    };
  }
  if (seen === undefined) {
    return { sentence: `The certificate that ${host} shows is not trusted (${code}).` };
  }
  return certificateWords[code]?.(host, seen) ?? untrusted(host, seen, code);
};

const checkPage =
  "Check the address, and whether a network's own sign-in page or a proxy is in the way.";

/** By OpenSSL's and Node's names. */
const certificateWords: Readonly<Record<string, (host: string, seen: SeenCertificate) => Words>> = {
  CERT_HAS_EXPIRED: (host, { endsAt, issuer }) => ({
    sentence: `${host} shows a certificate of "${issuer}" that has ended on ${dayOf(endsAt)}; here it is ${dayOf(Date.now())}.`,
    remedy: "Set the clock if it is wrong; else tell whoever runs that host.",
  }),
  CERT_NOT_YET_VALID: (host, { startsAt, issuer }) => ({
    sentence: `${host} shows a certificate of "${issuer}" that begins on ${dayOf(startsAt)} only; here it is ${dayOf(Date.now())}.`,
    remedy: "Set this computer's clock.",
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: (host, { hosts, issuer }) => ({
    sentence: `${host} shows a certificate of "${issuer}" for ${listOf(hosts)}, and not for itself.`,
    remedy: checkPage,
  }),
};

const untrusted = (host: string, { issuer, isOwn }: SeenCertificate, code: string): Words => ({
  sentence: isOwn
    ? `${host} shows a certificate that it has issued itself, as "${issuer}", and that is not trusted (${code}).`
    : `${host} shows a certificate of "${issuer}", which is not trusted (${code}).`,
  remedy: isOwn
    ? "If that is right, add the certificate to network.caFiles."
    : "If your company reads its traffic, add the certificate of that authority to network.caFiles.",
});

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const listOf = (hosts: readonly string[]): string => {
  const [first = "nobody", second, ...others] = hosts;
  if (second === undefined) return first;
  return others.length === 0
    ? `${first} and ${second}`
    : `${first}, ${second} and ${others.length} more`;
};
