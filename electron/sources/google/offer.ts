import { type GoogleAsk, googleKeyOf, plainGoogleAsk } from "../../core/google.ts";
import { type Offer, type Target, targetOf } from "../../core/source.ts";
import { shown } from "../shown.ts";

/** A key that is a token of a Google source. */
export interface GoogleKey {
  readonly name: string;
  readonly ask: GoogleAsk;
}

/** What a Google source has. */
export interface GoogleStock {
  readonly id: string;
  /** Whoever its access token is of. */
  readonly whose: string;
  readonly project: string | undefined;
  readonly keys: readonly GoogleKey[];
}

/** What a Google source offers: its access token by its id, and each key by that one's name. */
export const googleOffers = ({
  id,
  whose,
  project,
  keys,
}: GoogleStock): ReadonlyMap<Target, Offer> => {
  const own = { key: googleKeyOf(plainGoogleAsk), title: titleOf(plainGoogleAsk, whose), project };
  return new Map<Target, Offer>([
    [targetOf("gcp", id), own],
    ...keys.map(({ name, ask }): [Target, Offer] => [
      targetOf("api-key", name),
      {
        key: googleKeyOf(ask),
        title: titleOf(ask, whose),
        keyKind: ask.form === "id" ? "gcp-id-token" : "gcp-access-token",
      },
    ]),
  ]);
};

const titleOf = ({ form, audience, impersonate }: GoogleAsk, whose: string): string => {
  const last = impersonate.at(-1) ?? whose;
  if (form === "access") return `Google access token of ${last}`;
  return `Google identity token of ${last} for ${shown(audience ?? "")}`;
};
