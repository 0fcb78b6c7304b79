import { stripVTControlCharacters } from "node:util";
import { EvercredError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { type FetchPorts, fetchOver } from "../fetch.ts";
import { keyHeaders } from "../key-headers.ts";
import { shown } from "../shown.ts";
import { withoutKey } from "../without-key.ts";

/** What a gateway says to a key. */
export interface GatewayAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The first words of what it says, fit to be printed: without the key. */
  readonly says: string;
}

/** The version of its API that Claude Code asks for. */
const apiVersion = "2023-06-01";

/** Of a longer reply only so much is looked at, in characters. */
const mostText = 16_384;

/**
 * Asks an address with a key as Claude Code shows it, in both headers; a redirect is an answer. Resolves to what the
 * gateway answers. Rejects with `usage` where the key or the address cannot be sent, with `throttled` and
 * `provider-unavailable` where the gateway says that, with what fetchOver rejects with where it does not answer, or
 * with the signal's reason.
 */
export const askGateway =
  (ports: FetchPorts) =>
  async (url: URL, key: Secret, signal: AbortSignal): Promise<GatewayAnswer> => {
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new EvercredError("usage", `${shown(url.protocol)} is no address of a gateway.`, {
        remedy: "Name one that begins with https://.",
      });
    }
    const response = await fetchOver(ports)(url, { headers: headersWith(key), signal });
    const body = await response.text();
    return { status: response.status, says: saidBy(response, body, url, key) };
  };

/** What a gateway is asked with. Throws `usage` where no header can carry the key. */
export const headersWith = (key: Secret | undefined): Record<string, string> => ({
  accept: "application/json",
  "anthropic-version": apiVersion,
  ...keyHeaders(key),
});

/** What a gateway says, fit to be printed: without the key, and of a redirect where it leads. */
export const saidBy = (
  response: Response,
  body: string,
  url: URL,
  key: Secret | undefined,
): string => {
  const says = elsewhereOf(response, url) ?? wordsOf(body.slice(0, mostText));
  return shown(key === undefined ? says : withoutKey(says, key.reveal()));
};

/** Where a redirect leads: the host alone, since the rest may be anything. */
const elsewhereOf = ({ headers }: Response, from: URL): string | undefined => {
  const location = headers.get("location");
  if (location === null || !URL.canParse(location, from.href)) return undefined;
  return new URL(location, from.href).host;
};

/** What a reply says to people, on one line: the message in it, where it is JSON that has one; a page without its tags. */
const wordsOf = (body: string): string => {
  const said = messageIn(body) ?? body.replace(/<(script|style)\b[\s\S]*?<\/\1>|<[^>]*>/gi, " ");
  return stripVTControlCharacters(said).replace(/\s+/g, " ").trim();
};

/** The names under which gateways say what is wrong. */
const messageNames = ["message", "detail", "error"];

const messageIn = (body: string): string | undefined => {
  const reply = parsed(body);
  const inner = fieldOf(reply, "error");
  return [inner, reply]
    .flatMap((holder) => messageNames.map((name) => fieldOf(holder, name)))
    .find((value): value is string => typeof value === "string" && value.trim() !== "");
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const fieldOf = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;
