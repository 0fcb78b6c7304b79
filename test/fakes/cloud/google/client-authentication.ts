import type { SiteRequest } from "../exchange.ts";
import type { Clients, GoogleClient } from "./clients.ts";
import { refuseToken } from "./errors.ts";
import type { Form } from "./errors.ts";

function readBasic(header: string | undefined): readonly [string, string] | undefined {
  if (header?.startsWith("Basic ") !== true) return undefined;
  const text = Buffer.from(header.slice(6), "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Which client says that it asks. */
export function namedClient({ headers }: SiteRequest, form: Form): string | undefined {
  return readBasic(headers.authorization)?.[0] ?? form.optional("client_id");
}

/** Which client asks, by its word in the form or in the header; whatever is wrong with it is refused. */
export function authenticateClient(
  { headers }: SiteRequest,
  form: Form,
  clients: Clients,
): GoogleClient {
  const [id, secret] = readBasic(headers.authorization) ?? [
    form.text("client_id"),
    form.optional("client_secret"),
  ];
  const client = clients.find(id);
  if (client === undefined) {
    throw refuseToken(401, "invalid_client", "The OAuth client was not found.");
  }
  const state = clients.state(client);
  if (state !== "active") {
    throw refuseToken(401, `${state}_client`, `The OAuth client was ${state}.`);
  }
  if (secret === undefined) throw refuseToken(400, "invalid_request", "client_secret is missing.");
  if (secret !== client.secret) throw refuseToken(401, "invalid_client", "Unauthorized");
  return client;
}
