import type { SiteRequest } from "./exchange.ts";
import type { Iam } from "./iam.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import { readSignature, sign } from "./signature.ts";
import { refuse } from "./sts-replies.ts";

/** How far the time of signing may be off. */
const skewMs = 5 * 60_000;

function readTime(header: string | string[] | undefined): number {
  const digits = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(header));
  if (digits === null) return Number.NaN;
  const [year = 0, month = 1, ...rest] = digits.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

function checkTime(request: SiteRequest): void {
  const signedAt = readTime(request.headers["x-amz-date"]);
  if (Number.isNaN(signedAt)) {
    throw refuse(400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'.");
  }
  if (signedAt < request.at - skewMs) {
    throw refuse(403, "SignatureDoesNotMatch", "Signature expired: it is now earlier than allowed");
  }
  if (signedAt > request.at + skewMs) {
    throw refuse(403, "SignatureDoesNotMatch", "Signature not yet current: it is still later");
  }
}

/** Whose keys signed the request (AWS Signature Version 4, Authorization header). */
export function authenticate(
  request: SiteRequest,
  region: string,
  keyRing: KeyRing,
  iam: Iam,
): IssuedKeys {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    throw refuse(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  }
  const signature = readSignature(authorization);
  if (signature === undefined || !signature.signedHeaders.includes("host")) {
    throw refuse(400, "IncompleteSignature", "The Authorization header cannot be read.");
  }
  const keys = keyRing.find(signature.accessKeyId);
  const sessionToken = request.headers["x-amz-security-token"] ?? "";
  if (keys === undefined || keys.sessionToken !== sessionToken) {
    const message = "The security token included in the request is invalid.";
    throw refuse(403, "InvalidClientTokenId", message);
  }
  if (request.at >= keys.expiresAt) {
    throw refuse(403, "ExpiredToken", "The security token included in the request is expired");
  }
  if (signature.service !== "sts" || signature.region !== region) {
    throw refuse(403, "SignatureDoesNotMatch", `Credential should be scoped to ${region}, sts.`);
  }
  if (iam.checksTime) checkTime(request);
  if (signature.value !== sign(request, signature, keys.secretAccessKey)) {
    const message =
      "The request signature we calculated does not match the signature you provided.";
    throw refuse(403, "SignatureDoesNotMatch", message);
  }
  return keys;
}
