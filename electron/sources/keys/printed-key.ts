import { keyFaultOf } from "../../core/api-key.ts";
import type { TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { type Instant, plus } from "../../core/time.ts";
import { jwtEndOf } from "../jwt.ts";

/**
 * The key in what a program has printed: good until the end that a JWT names, else for `ttlMs`. Throws `key-unfit`
 * where nobody would take it; none of it gets into the error. `who` begins the sentence.
 */
export const printedKey = (
  stdout: string,
  who: string,
  ttlMs: number,
  now: Instant,
): TokenCredential => {
  const key = stdout.trim();
  if (key === "") throw unusable(`${who} prints nothing.`);
  const fault = keyFaultOf(key);
  if (fault !== undefined) throw unusable(`${who} prints a key that ${fault}.`);
  const expiresAt = jwtEndOf(key) ?? plus(now, ttlMs);
  if (expiresAt <= now) throw unusable(`${who} prints a token that has ended already.`);
  return { kind: "token", token: new Secret(key), scopes: [], issuedAt: now, expiresAt };
};

const unusable = (sentence: string): EvercredError =>
  new EvercredError("key-unfit", sentence, { remedy: "See in a terminal what it prints." });
