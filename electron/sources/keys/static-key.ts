import { Secret } from "../../core/secret.ts";
import { instantOf, never } from "../../core/time.ts";
import type { EnteredKey } from "./entered-source.ts";

/** A key that is entered once, as the configuration has it. */
export interface StaticKeyConfig {
  readonly kind: "static";
  /** In epoch ms. Left out: it has no end. */
  readonly expiresAt?: number;
  /** How long before that end a person is asked, in milliseconds. */
  readonly remindBefore: number;
}

/** A key that is handed out as it was entered. */
export const staticKeyOf = (
  name: string,
  { expiresAt, remindBefore }: StaticKeyConfig,
): EnteredKey => ({
  name,
  kind: "static-key",
  title: "API key",
  asked: { what: `the key of ${name}`, hasLines: false },
  // A secret is good for whatever it is good for: nothing that is configured changes that.
  boundTo: "static-key",
  offerKey: name,
  endsAt: expiresAt === undefined ? never : instantOf(expiresAt),
  askBeforeMs: remindBefore,
  accept: withoutNewline,
  issue: (secret, { issuedAt, expiresAt: endsAt }) =>
    Promise.resolve({
      kind: "token",
      token: new Secret(secret),
      scopes: [],
      issuedAt,
      expiresAt: endsAt,
    }),
});

/** What was entered, without the end of the line that files and programs put behind it. */
export const withoutNewline = (entered: string): string => entered.replace(/\r?\n$/, "");
