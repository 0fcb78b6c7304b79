import type { SiteRequest } from "./exchange.ts";
import type { Iam } from "./iam.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import { authenticate as authenticateSigned, type SigningFault } from "./signed-callers.ts";
import { refuse } from "./sts-replies.ts";

const words: Readonly<Record<SigningFault, readonly [status: number, code: string]>> = {
  missing: [403, "MissingAuthenticationToken"],
  unreadable: [400, "IncompleteSignature"],
  unknown: [403, "InvalidClientTokenId"],
  ended: [403, "ExpiredToken"],
  mismatch: [403, "SignatureDoesNotMatch"],
};

/** Whose keys signed a request to the token service. */
export function authenticate(
  request: SiteRequest,
  region: string,
  keyRing: KeyRing,
  iam: Iam,
): IssuedKeys {
  return authenticateSigned(request, {
    name: "sts",
    region,
    keyRing,
    checksTime: iam.checksTime,
    refuse: (fault, message) => refuse(...words[fault], message),
  });
}
