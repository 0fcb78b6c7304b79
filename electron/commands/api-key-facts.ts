import { targetOf } from "../core/source.ts";
import { sourceLine } from "../protocol/headline.ts";
import { clockTime } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import type { OfferView, SourceView, View } from "../protocol/view.ts";
import { plain } from "./plain.ts";
import type { Context, Json } from "./verb.ts";

/** What is known of a key, and nothing of what it is. */
export interface KeyFacts {
  readonly name: string;
  readonly kind: string;
  /** Whose offer it is; undefined where nothing gives it. */
  readonly from: { readonly source: SourceView; readonly offer: OfferView } | undefined;
}

/** The keys of the configuration, by name. */
export const allKeys = (view: View, context: Context): readonly KeyFacts[] =>
  Object.entries(context.settings().keys)
    .map(([name, { kind }]) => ({ name, kind, from: offerOf(name, view) }))
    .sort((a, b) => a.name.localeCompare(b.name));

const offerOf = (name: string, { sources }: View): KeyFacts["from"] => {
  const target = targetOf("api-key", name);
  for (const source of sources) {
    const offer = source.offers.find((each) => each.target === target);
    if (offer !== undefined) return { source, offer };
  }
  return undefined;
};

/** How a key stands, in a few words. */
export const standingOfKey = ({ from }: KeyFacts, now: number): string => {
  if (from === undefined) return "cannot be used, see: evercred status";
  const { source, offer } = from;
  if (offer.refused !== undefined) return `refused: ${plain(offer.refused.sentence)}`;
  // Of those two kinds the key in hand says nothing more.
  const inHand = source.isEntered ? undefined : untilOf(offer, now);
  return [plain(sourceLine(source, now, english)), inHand].filter(Boolean).join("; ");
};

const untilOf = ({ expiresAt }: OfferView, now: number): string | undefined =>
  expiresAt === undefined || expiresAt <= now
    ? undefined
    : `this one until ${clockTime(expiresAt, now, english)}`;

const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

/** The same for programs, in the words of `status --json`. */
export const keyJson = ({ name, kind, from }: KeyFacts): { readonly [name: string]: Json } => {
  if (from === undefined) return { name, kind, state: "unusable" };
  const { source, offer } = from;
  const { standing, signIn, neededAt } = source;
  return {
    name,
    kind,
    source: source.id,
    state: signIn === undefined ? standing.kind : "signing-in",
    reason: standing.kind === "signed-out" ? standing.reason : undefined,
    signedInUntil: iso(neededAt?.at),
    credentialExpiresAt: iso(offer.expiresAt),
    lastUsedAt: iso(offer.askedAt),
    refused: offer.refused && {
      code: offer.refused.code,
      message: offer.refused.sentence,
      remedy: offer.refused.remedy,
    },
  };
};
