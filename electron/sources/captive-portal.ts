import { EvercredError } from "../core/errors.ts";
import { codeOf } from "./network-errors.ts";
import type { Headers } from "./retry-after.ts";

/** Somebody else's page in place of a host's reply. */
export const portalErrorOf = (host: string): EvercredError =>
  new EvercredError(
    "reply-invalid",
    `A page has come back from the network, and not from ${host}.`,
    {
      captive: true,
    },
  );

/**
 * A captive portal in the reply of a cloud's host; undefined for any other reply. Only a cloud never gives pages there, nor
 * leads elsewhere: a company's issuer may while it is mended, and then it gives them to everybody at once.
 */
export const portalIn = (
  host: string,
  status: number,
  headers: Headers,
): EvercredError | undefined => {
  const isPage =
    status >= 200 && status < 300 && /^text\/html\b/i.test(headers["content-type"] ?? "");
  const isElsewhere = status >= 300 && status < 400 && leadsAway(host, headers["location"] ?? "");
  return isPage || isElsewhere ? portalErrorOf(host) : undefined;
};

const leadsAway = (host: string, location: string): boolean => {
  const from = `https://${host}`;
  return URL.canParse(location, from) && new URL(location, from).host !== host;
};

/** What OpenSSL and Node call a certificate of nobody whom we know, or of another host. One that has ended is the host's own. */
const strange: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_UNTRUSTED",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** A failure on the way to a cloud's host, as a captive portal's where it shows a certificate that cannot be the cloud's. */
export const onTheWay = (error: EvercredError): EvercredError => {
  const { code, message, remedy, cause } = error;
  if (code !== "tls-failed" || !strange.has(codeOf(cause))) return error;
  return new EvercredError(code, message, { remedy, cause, captive: true });
};
