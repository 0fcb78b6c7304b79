import { EvercredError } from "../core/errors.ts";

/** The page that gateways have which speak as Anthropic's or OpenAI's API does. */
const usualPath = "/v1/models";

/** The address that a gateway is asked at. Throws `usage` for what no key may be sent to; never repeats the text. */
export const gatewayAddressOf = (text: string | undefined): URL => {
  if (text === undefined) {
    throw refused("Which gateway?", "Write --url with its address, as ANTHROPIC_BASE_URL has it.");
  }
  const url = parsed(text);
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw refused("--url is no address of a gateway.", "Write it like https://gateway.example.com");
  }
  if (url.username !== "" || url.password !== "") {
    throw refused("A user or a password is not taken from an address.", "Leave it out of --url.");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refused(
      `Over http anybody on the way to ${url.hostname} could read the key.`,
      "Write it with https.",
    );
  }
  if (url.pathname === "/" && url.search === "") url.pathname = usualPath;
  url.hash = "";
  return url;
};

const refused = (sentence: string, remedy: string): EvercredError =>
  new EvercredError("usage", sentence, { remedy });

const parsed = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};

/** Whether this machine itself is meant (RFC 6761, 6.3). */
export const isLoopback = (host: string): boolean =>
  host === "localhost" ||
  host.endsWith(".localhost") ||
  host === "[::1]" ||
  /^127(?:\.\d{1,3}){3}$/.test(host);
