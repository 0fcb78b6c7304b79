import { errorOf } from "../core/errors.ts";
import { withoutEndSlashes } from "../core/urls.ts";
import { shown } from "./shown.ts";

/** One thing that has to hold before Claude can be used, and what is known of it. */
export interface AccessCheck {
  readonly what: string;
  /** `not-checked`: it could not be learnt. */
  readonly verdict: "allowed" | "refused" | "not-checked";
  readonly sentence: string;
  readonly remedy: string | undefined;
}

/** What was learnt about something. */
export type Finding = Omit<AccessCheck, "what">;

/** The provider has said so. */
export const allowed = (sentence: string): Finding => ({
  verdict: "allowed",
  sentence,
  remedy: undefined,
});

/** The provider has said no. */
export const refused = (sentence: string, remedy: string): Finding => ({
  verdict: "refused",
  sentence,
  remedy,
});

/** It could not be learnt, for this reason. */
export const notChecked = (sentence: string, remedy?: string): Finding => ({
  verdict: "not-checked",
  sentence,
  remedy,
});

/**
 * What `find` finds. Where it rejects (network, proxy, time, a reply without sense) nothing was learnt, and the error says
 * why. Rejects with the signal's reason only.
 */
export const found = async (
  find: () => Promise<Finding>,
  signal: AbortSignal,
): Promise<Finding> => {
  try {
    return await find();
  } catch (thrown) {
    signal.throwIfAborted();
    const { message, remedy } = errorOf(thrown);
    return notChecked(message, remedy);
  }
};

/** More of what somebody says is not worth the room, in characters. */
const mostWords = 300;

/** What a provider says, as a sentence after ours; empty where it says nothing. */
export const saying = (words: string): string => {
  const said = shown(words.replace(/\s+/gu, " ").trim(), mostWords);
  return said === "" ? "" : ` It says: "${said}"`;
};

/**
 * Whether a refusal is of a request's form, in the words of Bedrock ("Malformed input request: #: required key [messages]
 * not found") and of Anthropic's API ("max_tokens: Field required").
 */
export const isAboutForm = (message: string): boolean =>
  /^malformed input request|\bfield required\b|^\S+: input should be/iu.test(message);

/** Models as they are asked about, each once: `[1m]` at the end of a name asks Claude Code for more context. */
export const modelsOf = (names: readonly string[]): readonly string[] => [
  ...new Set(
    names.map((name) => name.trim().replace(/\[1m\]$/iu, "")).filter((name) => name !== ""),
  ),
];

/** Whether a name is one of Claude Code's own words for models (`sonnet`): providers' ids are never a single word. */
export const isAlias = (model: string): boolean => /^[a-z]+$/iu.test(model);

/** What can be said of a name that is not an id. */
export const aliasFinding = (model: string): Finding =>
  notChecked(`Which model ${model} is, Claude Code decides.`, "Name the model by its id.");

/** So many ids are enough to see what they look like. */
const mostKnown = 5;

/** Some of the ids that there are, as a list in a sentence. */
export const knownIds = (ids: readonly string[]): string => {
  const some = ids.slice(0, mostKnown).map((id) => shown(id));
  return [...some, ...(ids.length > some.length ? ["…"] : [])].join(", ");
};

/** No model was named. `known`: ids of those that there are. */
export const noModel = (known: readonly string[]): AccessCheck => ({
  what: "the model",
  ...notChecked(
    "No model is named: Claude Code takes its own default.",
    known.length === 0 ? "Name one by its id." : `Name one by its id: ${knownIds(known)}`,
  ),
});

/** Where a gateway is. */
export interface GatewayPlace {
  /** Its address, without a slash at its end. */
  readonly base: string;
  readonly host: string;
}

/** The place of a gateway; where no key may be sent to it, the check that says so. */
export const gatewayOf = (baseUrl: string): GatewayPlace | AccessCheck => {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const what = "the gateway";
  if (url === undefined || !/^https?:$/u.test(url.protocol)) {
    return {
      what,
      ...notChecked("Its address is none.", "Write it like https://gateway.example.com"),
    };
  }
  // This computer itself (RFC 6761, 6.3).
  const isHere = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(url.hostname);
  if (url.protocol === "http:" && !isHere) {
    const sentence = `Over http anybody on the way to ${url.hostname} could read the key: nothing was sent.`;
    return { what, ...notChecked(sentence, "Use an address with https.") };
  }
  return { base: withoutEndSlashes(`${url.origin}${url.pathname}`), host: url.host };
};

/** What a gateway answers. */
export interface GatewayReply {
  readonly host: string;
  readonly status: number;
  /** Its JSON; undefined where it is none: then it may be the page of a proxy. */
  readonly body: unknown;
  readonly message: string;
}

/** What a gateway's own refusal means; undefined where the reply is none. */
export const atGateway = ({ host, status, body, message }: GatewayReply): Finding | undefined => {
  if (body === undefined) return undefined;
  if (status === 401) {
    return refused(
      `${host} does not accept the key.${saying(message)}`,
      "Check the key: evercred help api-key",
    );
  }
  if (status === 403) {
    return refused(
      `${host} does not let this key do that.${saying(message)}`,
      "Ask whoever runs the gateway what the key may do.",
    );
  }
  return undefined;
};

/** A field of a JSON object that somebody else has written. */
export const fieldOf = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;

/** A text in such a field; empty where there is none. */
export const textOf = (holder: unknown, name: string): string => {
  const value = fieldOf(holder, name);
  return typeof value === "string" ? value : "";
};

/** What a text says as JSON; undefined where it is none. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
