import { googleKeyOf, plainGoogleAsk } from "../../core/google.ts";
import { type Offer, type Target, targetOf } from "../../core/source.ts";

/** What a Google source offers by its id: the access token of whoever it is of. */
export const tokenOffer = (
  id: string,
  whose: string,
  project: string | undefined,
): ReadonlyMap<Target, Offer> =>
  new Map([
    [
      targetOf("gcp", id),
      { key: googleKeyOf(plainGoogleAsk), title: `Google access token of ${whose}`, project },
    ],
  ]);
