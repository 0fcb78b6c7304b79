import type { Secret } from "../../core/secret.ts";
import {
  type AccessCheck,
  aliasFinding,
  atGateway,
  fieldOf,
  type Finding,
  found,
  gatewayOf,
  isAlias,
  modelsOf,
  noModel,
  notChecked,
  textOf,
} from "../access.ts";
import { type FetchPorts, replyOver } from "../fetch.ts";
import { keyHeaders } from "../key-headers.ts";
import { shown } from "../shown.ts";
import { type VertexAnswer, vertexAnswerOf, vertexFinding } from "./vertex-access-words.ts";

/** Somebody who wants to use Claude on Vertex AI. */
export interface VertexUser {
  readonly token: Secret;
  /** A region, or `global`, `us`, `eu`. */
  readonly region: string;
  readonly project: string;
  readonly models: readonly string[];
  /** A gateway that takes Vertex AI's requests in its stead. */
  readonly baseUrl: string | undefined;
}

/** Somebody who wants to use Claude on Vertex AI by a gateway that has tokens of its own. */
export interface VertexGatewayUser extends Pick<VertexUser, "region" | "project" | "models"> {
  readonly baseUrl: string;
  readonly key: Secret | undefined;
}

/**
 * A request that no model can answer, since all that it needs is missing, and that holds nothing of the user's.
 * `count-tokens`, which costs nothing either, is a model of its own: an organisation may forbid the one and not the other.
 */
const senseless = "{}";

/** Asks for a path below `/v1/projects/PROJECT/locations/REGION`; with a body it is a POST. */
type AskVertex = (
  path: string,
  body: string | undefined,
  signal: AbortSignal,
) => Promise<VertexAnswer>;

/** Where models are tried. */
interface Place {
  readonly ask: AskVertex;
  readonly project: string;
  /** The region, or the gateway's host. */
  readonly name: string;
  readonly isGateway: boolean;
}

/**
 * Whether Google lets this token use Claude in a project's region: the API, billing, and for each model permission, Model
 * Garden and quota. Rejects with the signal's reason only.
 */
export const vertexAccess =
  (ports: FetchPorts) =>
  async (user: VertexUser, signal: AbortSignal): Promise<readonly AccessCheck[]> => {
    const { token, region, project, baseUrl } = user;
    const models = modelsOf(user.models);
    const ask = (base: string): AskVertex => askerOf(ports, base, user, token, bearer);
    if (baseUrl !== undefined) return triedAt(baseUrl, project, models, ask, signal);
    // It goes into a host's name.
    if (!/^[a-z]+(?:-[a-z]+\d+)?$/u.test(region)) {
      const finding = notChecked(`"${shown(region)}" is no region.`, "Write it like us-east5.");
      return [{ what: "Claude on Vertex AI", ...finding }];
    }
    const place = {
      ask: ask(`https://${hostOf(region)}/v1`),
      project,
      isGateway: false,
      name: region,
    };
    if (models.length > 0) return tried(models, place, signal);
    const api = await found(async () => {
      const answer = await place.ask("", undefined, signal);
      return vertexFinding(answer, { project, place: region, model: undefined });
    }, signal);
    return [{ what: `Vertex AI in ${shown(project)}`, ...api }, noModel([])];
  };

/** Whether a gateway lets this key use Claude on Vertex AI. Rejects with the signal's reason only. */
export const vertexGatewayAccess =
  (ports: FetchPorts) =>
  (user: VertexGatewayUser, signal: AbortSignal): Promise<readonly AccessCheck[]> => {
    const { baseUrl, key, project, models } = user;
    const ask = (base: string): AskVertex => askerOf(ports, base, user, key, keyHeaders);
    return triedAt(baseUrl, project, modelsOf(models), ask, signal);
  };

/** The host of a region ("Vertex AI locations", global and multi-region endpoints; Anthropic's own SDK for Vertex AI). */
const hostOf = (region: string): string => {
  if (region === "global") return "aiplatform.googleapis.com";
  if (region === "us" || region === "eu") return `aiplatform.${region}.rep.googleapis.com`;
  return `${region}-aiplatform.googleapis.com`;
};

const bearer = (token: Secret | undefined): Readonly<Record<string, string>> => ({
  ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
});

const askerOf =
  (
    ports: FetchPorts,
    base: string,
    { project, region }: Pick<VertexUser, "project" | "region">,
    secret: Secret | undefined,
    headersWith: typeof bearer,
  ): AskVertex =>
  async (path, body, signal) => {
    const inside = `projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(region)}`;
    const url = new URL(`${base}/${inside}${path}`);
    const type = "application/json";
    const response = await replyOver(ports)(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { accept: type, "content-type": type, ...headersWith(secret) },
      ...(body !== undefined && { body }),
      signal,
    });
    return vertexAnswerOf(url.host, response.status, await response.text(), secret);
  };

const triedAt = async (
  baseUrl: string,
  project: string,
  models: readonly string[],
  askAt: (base: string) => AskVertex,
  signal: AbortSignal,
): Promise<readonly AccessCheck[]> => {
  const gateway = gatewayOf(baseUrl);
  if ("what" in gateway) return [gateway];
  const { base, host } = gateway;
  if (models.length === 0) return [noModel([])];
  return tried(models, { ask: askAt(base), project, name: host, isGateway: true }, signal);
};

/** Tries to run models with a request that none can answer. */
const tried = (
  models: readonly string[],
  place: Place,
  signal: AbortSignal,
): Promise<readonly AccessCheck[]> =>
  Promise.all(
    models.map(async (model): Promise<AccessCheck> => {
      const finding = isAlias(model)
        ? aliasFinding(model)
        : await found(() => attempt(model, place, signal), signal);
      return { what: `the model ${shown(model)}`, ...finding };
    }),
  );

const attempt = async (
  model: string,
  { ask, project, name, isGateway }: Place,
  signal: AbortSignal,
): Promise<Finding> => {
  // As everybody writes it: the sign before a version stands in the path as it is.
  const id = encodeURIComponent(model).replaceAll("%40", "@");
  const path = `/publishers/anthropic/models/${id}:rawPredict`;
  const answer = await ask(path, senseless, signal);
  const isGoogles = textOf(fieldOf(answer.body, "error"), "status") !== "";
  const byGateway = isGateway && !isGoogles ? atGateway(answer) : undefined;
  return byGateway ?? vertexFinding(answer, { project, place: name, model });
};
