import type { IncomingHttpHeaders } from "node:http";

/** A request as a site sees it. `path` has no query; `at` is the provider's time in epoch ms. */
export interface SiteRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
}

/** A whole answer. */
export interface SiteReply {
  readonly status: number;
  /** Several values of one name are as many headers: cookies. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

/** Answers the requests to one host name. A thrown `Refusal` is answered as it says; anything else is a 500. */
export type Site = (request: SiteRequest) => SiteReply | Promise<SiteReply>;

/** Thrown by a site to end a request with an error reply. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reply: SiteReply;

  constructor(reply: SiteReply) {
    super(reply.body);
    this.reply = reply;
  }
}

/** A JSON reply. */
export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): SiteReply {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** An HTML reply. */
export function html(status: number, body: string): SiteReply {
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, body };
}

/** A 302 to another address. */
export function redirect(location: string): SiteReply {
  return { status: 302, headers: { location }, body: "" };
}

/** The grant of a token request, JSON (`grantType`) or form (`grant_type`); undefined for anything else. */
export function readGrantType(body: string): string | undefined {
  if (!body.startsWith("{")) return new URLSearchParams(body).get("grant_type") ?? undefined;
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null || !("grantType" in value)) return undefined;
    return typeof value.grantType === "string" ? value.grantType : undefined;
  } catch {
    return undefined;
  }
}
