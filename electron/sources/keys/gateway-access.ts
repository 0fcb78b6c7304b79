import type { Secret } from "../../core/secret.ts";
import {
  type AccessCheck,
  aliasFinding,
  allowed,
  atGateway,
  fieldOf,
  type Finding,
  found,
  gatewayOf,
  isAlias,
  jsonOf,
  knownIds,
  modelsOf,
  noModel,
  notChecked,
  refused,
  saying,
  textOf,
} from "../access.ts";
import { type FetchPorts, replyOver } from "../fetch.ts";
import { shown } from "../shown.ts";
import { headersWith, saidBy } from "./gateway.ts";

/** Somebody who wants to use Claude behind a gateway that speaks as Anthropic's API does. */
export interface GatewayUser {
  /** As ANTHROPIC_BASE_URL has it. */
  readonly baseUrl: string;
  readonly key: Secret | undefined;
  readonly models: readonly string[];
}

/** The models that a gateway lists. */
interface Listing {
  readonly ids: readonly string[];
  /** Whether there are more on a further page. */
  readonly isCut: boolean;
}

/**
 * Whether a gateway shows its models to this key, and those that are asked for are among them (Anthropic's API, "List
 * Models"; OpenAI's has the same form). Rejects with the signal's reason only.
 */
export const gatewayAccess =
  (ports: FetchPorts) =>
  async (user: GatewayUser, signal: AbortSignal): Promise<readonly AccessCheck[]> => {
    const { baseUrl, key } = user;
    const gateway = gatewayOf(baseUrl);
    if ("what" in gateway) return [gateway];
    const { base, host } = gateway;
    const models = modelsOf(user.models);
    let listing: Listing | undefined;
    const list = await found(async () => {
      const url = new URL(`${base}/v1/models`);
      const response = await replyOver(ports)(url, { headers: headersWith(key), signal });
      const text = await response.text();
      const { status } = response;
      const body = jsonOf(text);
      listing = status === 200 ? listingIn(body) : undefined;
      return listFinding(listing, {
        host,
        status,
        body,
        message: saidBy(response, text, url, key),
      });
    }, signal);
    const what = `the models of ${host}`;
    if (models.length === 0) return [{ what, ...list }, noModel(listing?.ids ?? [])];
    return [
      { what, ...list },
      ...models.map((model) => ({
        what: `the model ${shown(model)}`,
        ...modelFinding(model, host, listing),
      })),
    ];
  };

const listingIn = (body: unknown): Listing | undefined => {
  const data = fieldOf(body, "data");
  if (!Array.isArray(data)) return undefined;
  const ids = data.map((each: unknown) => textOf(each, "id")).filter((id) => id !== "");
  return { ids, isCut: fieldOf(body, "has_more") === true };
};

const listFinding = (
  listing: Listing | undefined,
  answer: Parameters<typeof atGateway>[0],
): Finding => {
  const { host, status, message } = answer;
  if (listing !== undefined) {
    const count = listing.ids.length;
    return allowed(
      `${host} shows ${count}${listing.isCut ? " and more" : ""} model${count === 1 && !listing.isCut ? "" : "s"}.`,
    );
  }
  const refusal = atGateway(answer);
  if (refusal !== undefined) return refusal;
  if (status === 404 || status === 405) {
    return notChecked(`${host} has no list of models: what the key may do, only its use shows.`);
  }
  if (status === 407) return notChecked(`A proxy before ${host} wants to know who asks.`);
  if (status >= 300 && status < 400) {
    return notChecked(`${host} leads elsewhere.${saying(message)}`, "Check the gateway's address.");
  }
  if (status === 429) return notChecked(`${host} asks us to wait.${saying(message)}`, "Try again.");
  if (status >= 500) {
    return notChecked(`${host} has a fault (${status}).${saying(message)}`, "Try again later.");
  }
  return notChecked(
    `${host} answers with ${status}, and not with its models.${saying(message)}`,
    "Check the gateway's address, and whether a network sign-in page is in the way.",
  );
};

const modelFinding = (model: string, host: string, listing: Listing | undefined): Finding => {
  if (listing?.ids.some((id) => covers(id, model)) === true) {
    return allowed(`${host} lists ${shown(model)}.`);
  }
  if (isAlias(model)) return aliasFinding(model);
  if (listing === undefined) return notChecked(`Whether ${host} has it is not known.`);
  if (listing.isCut) return notChecked(`${host} lists only some of its models, and not this one.`);
  const { ids } = listing;
  return refused(
    `${host} does not list ${shown(model)}.`,
    ids.length === 0
      ? "Ask whoever runs the gateway which models the key may use."
      : `Name one of its models: ${knownIds(ids)}`,
  );
};

/** Whether an entry is the model, or all that begin so: LiteLLM lists wildcards as they are configured (`anthropic/*`). */
const covers = (id: string, model: string): boolean =>
  id === model || (id.endsWith("*") && model.startsWith(id.slice(0, -1)));
