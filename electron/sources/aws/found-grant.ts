import type { Grant } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import type { SharedPlace } from "../../core/source.ts";
import { type Instant, never } from "../../core/time.ts";

/** Where the keys of a source that needs nobody are: with other tools, for as long as the configuration says so. */
export const foundPlace = (boundTo: string, foundAt: Instant): SharedPlace => {
  // Nothing secret is in it: what it stands for is read where it is, each time.
  const grant: Grant = {
    saved: new Secret(""),
    boundTo,
    signedInAt: foundAt,
    issuedAt: foundAt,
    expiresAt: never,
    renewable: false,
  };
  return {
    writable: false,
    look: (known) =>
      Promise.resolve(
        known?.boundTo === boundTo
          ? { kind: "known" as const }
          : { kind: "foreign" as const, grant },
      ),
    publish: () => Promise.resolve(true),
    withdraw: () => Promise.resolve(),
  };
};
