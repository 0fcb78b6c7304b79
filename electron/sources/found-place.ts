import type { Grant } from "../core/credential.ts";
import { Secret } from "../core/secret.ts";
import type { SharedPlace } from "../core/source.ts";
import { type Instant, never } from "../core/time.ts";

/** The grant of what stands elsewhere for as long as the configuration says so: it has no end of its own. */
export const foundGrant = (boundTo: string, foundAt: Instant): Grant => ({
  // Nothing secret is in it: what it stands for is read, or asked for, where it is, each time.
  saved: new Secret(""),
  boundTo,
  signedInAt: foundAt,
  issuedAt: foundAt,
  expiresAt: never,
  renewable: false,
});

/** Where that is. `now`: a grant that is found again after an end is another one. */
export const foundPlace = (boundTo: string, now: () => Instant): SharedPlace => ({
  writable: false,
  look: (known) =>
    Promise.resolve(
      known?.boundTo === boundTo
        ? { kind: "known" as const }
        : { kind: "foreign" as const, grant: foundGrant(boundTo, now()) },
    ),
  publish: () => Promise.resolve(true),
  withdraw: () => Promise.resolve(),
});
