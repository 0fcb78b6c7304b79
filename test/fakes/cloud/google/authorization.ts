import { html, redirect, Refusal } from "../exchange.ts";
import type { SiteReply, SiteRequest } from "../exchange.ts";
import { opaque } from "../opaque.ts";
import { consentPage, messagePage } from "../pages.ts";
import { mayLeadBackTo } from "./clients.ts";
import type { Clients, GoogleClient } from "./clients.ts";
import type { CodeRequest } from "./codes.ts";
import { readScopes } from "./scopes.ts";

/** What the address of a sign-in page asks for. */
export interface Authorization extends CodeRequest {
  readonly state: string | undefined;
  readonly scopes: readonly string[];
  readonly isOffline: boolean;
  readonly asksAnew: boolean;
  readonly query: URLSearchParams;
}

const parameters = [
  "response_type",
  "client_id",
  "redirect_uri",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "access_type",
  "prompt",
];
const prompts = ["consent", "select_account"];

/** A page that ends a sign-in: it leads nowhere. */
export function errorPage(status: number, error: string, message: string): Refusal {
  const text = `Error ${String(status)}: ${error}. ${message}`;
  return new Refusal(html(status, messagePage("Access blocked: authorization error", text)));
}

function check(query: URLSearchParams, names: readonly string[]): void {
  const given = [...query.keys()];
  const strange = given.find((name) => !names.includes(name));
  const wrong = (message: string): Refusal => errorPage(400, "invalid_request", message);
  if (strange !== undefined) {
    throw wrong(`Parameter not allowed for this message type: ${strange}`);
  }
  if (new Set(given).size !== given.length) throw wrong("A parameter is there twice.");
  if (query.get("response_type") !== "code") throw wrong("The response type must be code.");
  if (query.get("code_challenge_method") !== "S256") throw wrong("The method must be S256.");
  if (!/^[\w-]{43}$/.test(query.get("code_challenge") ?? "")) throw wrong("No SHA-256 hash.");
  if (!/^(online|offline)$/.test(query.get("access_type") ?? "online")) {
    throw wrong("Invalid parameter value for access_type.");
  }
  const asked = (query.get("prompt") ?? "").split(" ").filter((word) => word !== "");
  if (asked.some((word) => !prompts.includes(word))) {
    throw wrong("Invalid parameter value for prompt.");
  }
}

function findClient(clients: Clients, id: string): GoogleClient {
  const client = clients.find(id);
  if (client === undefined) {
    throw errorPage(401, "invalid_client", "The OAuth client was not found.");
  }
  const state = clients.state(client);
  if (state !== "active") throw errorPage(401, `${state}_client`, `The OAuth client was ${state}.`);
  return client;
}

/** Reads the address of a sign-in page, which may have these parameters too. Whatever is wrong is said on a page. */
export function readAuthorization(
  { query }: SiteRequest,
  clients: Clients,
  more: readonly string[],
): Authorization {
  const client = findClient(clients, query.get("client_id") ?? "");
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!mayLeadBackTo(client, redirectUri)) {
    throw errorPage(400, "redirect_uri_mismatch", "The address is not one of this client.");
  }
  check(query, [...parameters, ...more]);
  const scopes = readScopes(query.get("scope") ?? "");
  if (scopes === undefined) throw errorPage(400, "invalid_scope", "Some scopes are invalid.");
  if (scopes.length === 0) {
    throw errorPage(400, "invalid_request", "Missing required parameter: scope");
  }
  return {
    client,
    redirectUri,
    challenge: query.get("code_challenge") ?? "",
    state: query.get("state") ?? undefined,
    scopes,
    isOffline: query.get("access_type") === "offline",
    asksAnew: (query.get("prompt") ?? "").split(" ").includes("consent"),
    query,
  };
}

/** What a page of consent is about. */
export interface ConsentWords {
  readonly organisation: string;
  /** Who can sign in; the page offers the first one first. */
  readonly users: readonly string[];
  /** What can be left out. */
  readonly scopes: readonly string[];
}

/** Questions to a person that are not answered yet. */
export class Consents {
  readonly #asked = new Map<string, Authorization>();
  readonly #redirects: string[];

  /** `redirects` is where it is noted whereto the answers lead. */
  constructor(redirects: string[]) {
    this.#redirects = redirects;
  }

  /** The page that asks. */
  ask(authorization: Authorization, words: ConsentWords): SiteReply {
    const id = opaque(24);
    this.#asked.set(id, authorization);
    const page = consentPage({
      ...words,
      client: authorization.client.name,
      wish: "wants to access your Google Cloud resources.",
      action: "/signin/oauth/consent",
      fields: { request: id },
    });
    return html(200, page);
  }

  /** The answer that a page posts; `accept` gives what the browser brings back. Each question is answered once. */
  answer(
    { body }: SiteRequest,
    accept: (
      authorization: Authorization,
      user: string,
      scopes: readonly string[],
    ) => Readonly<Record<string, string>>,
  ): SiteReply {
    const form = new URLSearchParams(body);
    const id = form.get("request") ?? "";
    const authorization = this.#asked.get(id);
    if (authorization === undefined) throw errorPage(400, "invalid_request", "The page is old.");
    this.#asked.delete(id);
    const { state, redirectUri } = authorization;
    const back = (answer: Readonly<Record<string, string>>): SiteReply => {
      const query = new URLSearchParams({ ...(state !== undefined && { state }), ...answer });
      const separator = redirectUri.includes("?") ? "&" : "?";
      // Google leaves slashes as they are.
      const url = `${redirectUri}${separator}${query.toString().replaceAll("%2F", "/")}`;
      this.#redirects.push(url);
      return redirect(url);
    };
    switch (form.get("decision")) {
      case "deny":
        return back({ error: "access_denied" });
      case "approve":
        return back(accept(authorization, form.get("user") ?? "", form.getAll("scope")));
      default:
        throw errorPage(400, "invalid_request", "The form is incomplete.");
    }
  }
}
