import { type Offer, type Target, targetOf } from "../../core/source.ts";
import { type KeyAsk, keyOf } from "./ask.ts";
import type { OidcDefinition } from "./definition.ts";

/** What a source hands out, by the names of the keys. */
export const offersOf = ({ title, keys }: OidcDefinition): ReadonlyMap<Target, Offer> =>
  new Map(
    [...keys].map(([name, ask]) => [
      targetOf("api-key", name),
      { key: keyOf(ask), title: titleOf(ask, title), keyKind: "oidc" },
    ]),
  );

/** What each offered key is about. */
export const asksOf = ({ keys }: OidcDefinition): ReadonlyMap<string, KeyAsk> =>
  new Map([...keys.values()].map((ask) => [keyOf(ask), ask]));

const titleOf = ({ token, audience, resources }: KeyAsk, title: string): string => {
  const form = token === "id" ? "Identity token" : "Access token";
  const where = [...(audience === undefined ? [] : [audience]), ...resources].join(", ");
  return `${form} of ${title}${where === "" ? "" : ` for ${where}`}`;
};
