import type { Refusal, SiteRequest } from "./exchange.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import { readSignature, sign } from "./signature.ts";

/** What a service may not like about how a request is signed. */
export type SigningFault = "missing" | "unreadable" | "unknown" | "ended" | "mismatch";

/** A service that takes signed requests. */
export interface SignedService {
  /** As it stands in the scope of a signature. */
  readonly name: string;
  readonly region: string;
  readonly keyRing: KeyRing;
  /** Whether a request that was signed over five minutes ago or ahead is refused. */
  readonly checksTime: boolean;
  /** Its own word for a fault. */
  refuse(fault: SigningFault, message: string): Refusal;
}

/** How far the time of signing may be off. */
const skewMs = 5 * 60_000;

function readTime(header: string | string[] | undefined): number {
  const digits = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(header));
  if (digits === null) return Number.NaN;
  const [year = 0, month = 1, ...rest] = digits.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

function checkTime(request: SiteRequest, service: SignedService): void {
  const signedAt = readTime(request.headers["x-amz-date"]);
  if (Number.isNaN(signedAt)) {
    throw service.refuse("unreadable", "Date must be in ISO-8601 'basic format'.");
  }
  if (signedAt < request.at - skewMs) {
    throw service.refuse("mismatch", "Signature expired: it is now earlier than allowed");
  }
  if (signedAt > request.at + skewMs) {
    throw service.refuse("mismatch", "Signature not yet current: it is still later");
  }
}

/** Whose keys signed the request (AWS Signature Version 4, Authorization header). */
export function authenticate(request: SiteRequest, service: SignedService): IssuedKeys {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    throw service.refuse("missing", "Request is missing Authentication Token");
  }
  const signature = readSignature(authorization);
  if (signature === undefined || !signature.signedHeaders.includes("host")) {
    throw service.refuse("unreadable", "The Authorization header cannot be read.");
  }
  const keys = service.keyRing.find(signature.accessKeyId);
  const sessionToken = request.headers["x-amz-security-token"] ?? "";
  if (keys === undefined || keys.sessionToken !== sessionToken) {
    throw service.refuse("unknown", "The security token included in the request is invalid.");
  }
  if (request.at >= keys.expiresAt) {
    throw service.refuse("ended", "The security token included in the request is expired");
  }
  if (signature.service !== service.name || signature.region !== service.region) {
    const scope = `${service.region}, ${service.name}`;
    throw service.refuse("mismatch", `Credential should be scoped to ${scope}.`);
  }
  if (service.checksTime) checkTime(request, service);
  if (signature.value !== sign(request, signature, keys.secretAccessKey)) {
    const message =
      "The request signature we calculated does not match the signature you provided.";
    throw service.refuse("mismatch", message);
  }
  return keys;
}
