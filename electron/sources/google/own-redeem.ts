import { EvercredError } from "../../core/errors.ts";
import { shown } from "../shown.ts";
import { exchangeErrorOf } from "./errors.ts";
import { refusalIn } from "./refusal.ts";

/** What a refused code means: it says nothing of the grant that is there. */
export const redeemErrorOf = (id: string, thrown: unknown): EvercredError => {
  const refusal = refusalIn(thrown);
  if (refusal?.error !== "invalid_grant") return exchangeErrorOf(id, false, thrown);
  const words = shown(refusal.description || refusal.error).replace(/\.$/, "");
  return new EvercredError(
    "sign-in-denied",
    `Google does not take the code of this sign-in to ${id}. It says: ${words}.`,
    { cause: thrown },
  );
};

/** Another reason why there is no grant, although the code was taken. */
export const noRefreshToken = (id: string): EvercredError =>
  new EvercredError("sign-in-denied", `Google gives ${id} nothing that could be renewed.`, {
    remedy: "Check that its OAuth client may have refresh tokens, then sign in again.",
  });

const fullNames: ReadonlyMap<string, string> = new Map([
  ["email", "https://www.googleapis.com/auth/userinfo.email"],
  ["profile", "https://www.googleapis.com/auth/userinfo.profile"],
]);

/** Scopes as Google's replies name them, each once. */
export const fullScopes = (scopes: readonly string[]): readonly string[] =>
  [...new Set(scopes.map((scope) => fullNames.get(scope) ?? scope))].sort();
