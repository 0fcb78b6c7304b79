import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { GoogleLifetimes } from "../google.ts";
import { opaque } from "../opaque.ts";
import type { GoogleClient } from "./clients.ts";
import { refuseToken } from "./errors.ts";
import type { Form } from "./errors.ts";

/** What a code was given for. */
export interface CodeRequest {
  readonly client: GoogleClient;
  readonly redirectUri: string;
  /** S256 of the verifier. */
  readonly challenge: string;
}

interface Issued<T> extends CodeRequest {
  readonly given: T;
  readonly endsAt: number;
}

/** Codes that a browser brings back; each is redeemed once, by whoever knows the verifier. */
export class Codes<T> {
  readonly #codes = new Map<string, Issued<T>>();
  readonly #clock: Clock;
  readonly #lifetimes: GoogleLifetimes;

  constructor(clock: Clock, lifetimes: GoogleLifetimes) {
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** A new code. */
  issue(request: CodeRequest, given: T): string {
    const code = `4/0A${opaque(70)}`;
    const endsAt = this.#clock.now() + this.#lifetimes.codeMs;
    this.#codes.set(code, { ...request, given, endsAt });
    return code;
  }

  /** What the code of a token request was given for. A failed attempt spends it too. */
  redeem(form: Form, client: GoogleClient): T {
    const code = form.text("code");
    const redirectUri = form.text("redirect_uri");
    const verifier = form.optional("code_verifier");
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    if (issued === undefined) {
      const description = code.startsWith("4/0A") ? "Bad Request" : "Malformed auth code.";
      throw refuseToken(400, "invalid_grant", description);
    }
    if (issued.client.id !== client.id) {
      throw refuseToken(401, "unauthorized_client", "Unauthorized");
    }
    if (issued.redirectUri !== redirectUri) {
      throw refuseToken(400, "redirect_uri_mismatch", "Bad Request");
    }
    if (verifier === undefined) throw refuseToken(400, "invalid_grant", "Missing code verifier.");
    const hash = createHash("sha256").update(verifier).digest("base64url");
    if (!/^[\w.~-]{43,128}$/.test(verifier) || hash !== issued.challenge) {
      throw refuseToken(400, "invalid_grant", "Invalid code verifier.");
    }
    if (this.#clock.now() >= issued.endsAt) throw refuseToken(400, "invalid_grant", "Bad Request");
    return issued.given;
  }
}
