import { createHash } from "node:crypto";
import type { Clock } from "./clock.ts";
import { html, redirect } from "./exchange.ts";
import type { SiteReply } from "./exchange.ts";
import type { Fields } from "./fields.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { refuseOidc } from "./oidc-errors.ts";
import { opaque } from "./opaque.ts";
import type { Organisation } from "./organisation.ts";
import { messagePage } from "./pages.ts";
import { grantTypes, loopbackWithoutPort } from "./registrations.ts";
import type { Client, Registrations } from "./registrations.ts";
import type { SignIn } from "./tokens.ts";

/** A request for consent, as the page shows it. */
export interface ConsentRequest {
  readonly id: string;
  readonly client: Client;
  readonly organisation: Organisation;
  readonly redirectUri: string;
  readonly state: string;
  readonly challenge: string;
}

interface IssuedCode {
  readonly request: ConsentRequest;
  readonly signIn: SignIn;
  readonly expiresAt: number;
}

const parameterNames = [
  "response_type",
  "client_id",
  "redirect_uri",
  "state",
  "code_challenge",
  "code_challenge_method",
  "scopes",
];

function withQuery(uri: string, query: Readonly<Record<string, string>>): string {
  return `${uri}?${new URLSearchParams(query).toString()}`;
}

/** The authorization code grant with PKCE (S256 only) of one region. */
export class CodeFlow {
  readonly #clock: Clock;
  readonly #lifetimes: Lifetimes;
  readonly #requests = new Map<string, ConsentRequest>();
  readonly #codes = new Map<string, IssuedCode>();

  constructor(clock: Clock, lifetimes: Lifetimes) {
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** GET /authorize: leads to the consent page; back to the client with an error; or, the client being unsure, nowhere. */
  authorize(
    query: URLSearchParams,
    registrations: Registrations,
    organisations: ReadonlyMap<string, Organisation>,
  ): SiteReply {
    const client = registrations.find(query.get("client_id") ?? "");
    const redirectUri = query.get("redirect_uri") ?? "";
    const plainUri = loopbackWithoutPort(redirectUri);
    const organisation = organisations.get(client?.issuerUrl ?? "");
    if (
      client === undefined ||
      organisation === undefined ||
      plainUri === undefined ||
      !client.redirectUris.some((uri) => loopbackWithoutPort(uri) === plainUri)
    ) {
      return html(400, messagePage("Invalid request", "The application cannot be identified."));
    }
    const state = query.get("state") ?? "";
    const problem = this.#findProblem(query, client);
    if (problem !== undefined) {
      const [error, description] = problem;
      return redirect(
        withQuery(redirectUri, { error, error_description: description, ...(state && { state }) }),
      );
    }
    const challenge = query.get("code_challenge") ?? "";
    const id = opaque(24);
    this.#requests.set(id, { id, client, organisation, redirectUri, state, challenge });
    return redirect(withQuery(`${organisation.startUrl}/consent`, { request: id }));
  }

  /** The undecided request of this id. */
  find(id: string): ConsentRequest | undefined {
    return this.#requests.get(id);
  }

  /** The person's answer (no user: denied); gives the address that the browser goes to. */
  decide(request: ConsentRequest, user: string | undefined): string {
    this.#requests.delete(request.id);
    const { organisation, redirectUri, state } = request;
    if (user === undefined) {
      const error_description = "The person denied the request.";
      return withQuery(redirectUri, { error: "access_denied", error_description, state });
    }
    const code = opaque(43);
    this.#codes.set(code, {
      request,
      signIn: { organisation, session: organisation.signIn(user) },
      expiresAt: this.#clock.now() + this.#lifetimes.authorizeCodeMs,
    });
    return withQuery(redirectUri, { code, state });
  }

  /** Redeems a code, once, for its own client, redirect address and verifier. A failed attempt spends it too. */
  redeem(fields: Fields, client: Client): SignIn {
    const code = fields.text("code");
    const redirectUri = fields.text("redirectUri");
    const verifier = fields.text("codeVerifier");
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    if (issued?.request.client !== client || issued.request.redirectUri !== redirectUri) {
      throw refuseOidc("invalid_grant", "Invalid authorization code provided");
    }
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    if (!/^[\w.~-]{43,128}$/.test(verifier) || challenge !== issued.request.challenge) {
      throw refuseOidc("invalid_grant", "Invalid code verifier provided");
    }
    if (this.#clock.now() >= issued.expiresAt) {
      throw refuseOidc("expired_token", "Authorization code has expired.");
    }
    return issued.signIn;
  }

  #findProblem(query: URLSearchParams, client: Client): readonly [string, string] | undefined {
    const names = [...query.keys()];
    const strange = names.find((name) => !parameterNames.includes(name));
    if (strange !== undefined) return ["invalid_request", `Unknown parameter: ${strange}`];
    if (new Set(names).size !== names.length) return ["invalid_request", "Repeated parameter."];
    const missing = parameterNames.find((name) => (query.get(name) ?? "") === "");
    if (missing !== undefined) return ["invalid_request", `Missing parameter: ${missing}`];
    if (query.get("response_type") !== "code") {
      return ["unsupported_response_type", "The response type must be code."];
    }
    if (!client.grantTypes.includes(grantTypes.code)) {
      return ["unauthorized_client", "The client may not use the authorization code flow."];
    }
    if (query.get("code_challenge_method") !== "S256") {
      return ["invalid_request", "The code challenge method must be S256."];
    }
    if (!/^[\w-]{43}$/.test(query.get("code_challenge") ?? "")) {
      return ["invalid_request", "The code challenge is no SHA-256 hash."];
    }
    const scopes = (query.get("scopes") ?? "").split(" ");
    if (scopes.some((scope) => !client.scopes.includes(scope))) {
      return ["invalid_scope", "A scope was not registered."];
    }
    return undefined;
  }
}
