import type { Instant } from "../../core/time.ts";
import type { Registration, SavedGrant } from "./grant.ts";
import type { RegistrationWish } from "./oidc.ts";

/** With less left a registration might end before the session that it is used for. */
const reusableMs = 30 * 24 * 60 * 60_000;

const sameItems = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item) => b.includes(item));

/** The registration of an earlier sign-in to the same place, where it still fits what is wished. */
export const reusableOf = (
  previous: SavedGrant | undefined,
  wish: RegistrationWish,
  scopes: readonly string[],
  now: Instant,
): Registration | undefined => {
  const registration = previous?.registration;
  if (registration === undefined || registration.expiresAt - now < reusableMs) return undefined;
  const fits =
    sameItems(registration.grantTypes, wish.grantTypes) &&
    sameItems(registration.scopes, scopes) &&
    registration.redirectUri === wish.redirectUri;
  return fits ? registration : undefined;
};
