import { keyRouteOf } from "./api-key-name.ts";
import type { Wanted } from "./silent.ts";
import type { Context, Request } from "./verb.ts";

/** The key of this name, to be fetched within `limitMs`. Throws why there is none. */
export const wantedKey = (
  name: string,
  limitMs: number,
  request: Request,
  context: Context,
): Wanted => {
  const { session, offer, target } = keyRouteOf(name, request, context);
  return { session, key: offer.key, target, title: `key ${name}`, limitMs };
};
