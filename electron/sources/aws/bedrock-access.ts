import type { AwsCredential } from "../../core/credential.ts";
import { errorOf, EvercredError, hasCode } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type AccessCheck,
  aliasFinding,
  atGateway,
  type Finding,
  found,
  gatewayOf,
  isAlias,
  modelsOf,
  noModel,
  notChecked,
} from "../access.ts";
import type { FetchPorts } from "../fetch.ts";
import { shown } from "../shown.ts";
import {
  availabilityFinding,
  type InferenceProfile,
  listingFinding,
  modelNameOf,
  profilesIn,
  useCaseFinding,
} from "./bedrock-access-account.ts";
import { type AskBedrock, type BedrockAnswer, bedrockAs } from "./bedrock-access-client.ts";
import { attemptFinding } from "./bedrock-access-words.ts";
import { faultOfRegion } from "./checks.ts";

/** Somebody who wants to use Claude on Bedrock. */
export interface BedrockUser {
  readonly credential: AwsCredential;
  readonly region: string;
  readonly models: readonly string[];
  /** A gateway that takes Bedrock's requests in its stead. */
  readonly baseUrl: string | undefined;
}

/** Somebody who wants to use Claude on Bedrock by a gateway that has keys of its own. */
export interface BedrockGatewayUser {
  readonly baseUrl: string;
  readonly key: Secret | undefined;
  readonly models: readonly string[];
}

/** How Claude Code runs a model, the more usual way first ("LLM gateway configuration", Bedrock InvokeModel). */
const ways = [
  { action: "bedrock:InvokeModelWithResponseStream", path: "invoke-with-response-stream" },
  { action: "bedrock:InvokeModel", path: "invoke" },
] as const;

type Way = (typeof ways)[number];

/**
 * A request that no model can answer, since all that it needs is missing, and that holds nothing of the user's. IAM
 * refuses it like any other; only what gets past IAM has its form looked at.
 */
const senseless = "{}";

/** Security software takes more malformed requests of one user within a minute for an attack (Elastic's rules for Bedrock). */
const mostAttempts = 3;

/** Where models are tried. */
interface Place {
  readonly ask: AskBedrock;
  /** Without a slash at its end. */
  readonly base: string;
  /** Its region, or the gateway's host. */
  readonly name: string;
  readonly isGateway: boolean;
  readonly profiles: readonly InferenceProfile[];
}

/**
 * Whether AWS lets these keys use Claude in a region: what there is, the use case form, and for each model each way to
 * run it. Rejects with the signal's reason only.
 */
export const bedrockAccess =
  (ports: FetchPorts) =>
  async (user: BedrockUser, signal: AbortSignal): Promise<readonly AccessCheck[]> => {
    const { credential, region, baseUrl } = user;
    const models = modelsOf(user.models);
    const signed = bedrockAs({ kind: "signed", credential, region }, ports);
    if (baseUrl !== undefined) return triedAt(baseUrl, models, signed, signal);
    const fault = faultOfRegion(region);
    if (fault !== undefined) {
      return [{ what: "Claude on Bedrock", ...notChecked(`${fault.sentence}.`, fault.remedy) }];
    }
    const ask = askIn(region, signed);
    const control = `https://${hostOf("bedrock", region)}`;
    const get = (path: string): Promise<BedrockAnswer> =>
      ask(new URL(`${control}${path}`), undefined, signal);
    let profiles: readonly InferenceProfile[] = [];
    const [listing, useCase, ...closed] = await Promise.all([
      found(async () => {
        const answer = await get("/inference-profiles?maxResults=1000");
        profiles = profilesIn(answer) ?? [];
        return listingFinding(answer, region);
      }, signal),
      found(async () => useCaseFinding(await get("/use-case-for-model-access")), signal),
      ...models.map(async (model): Promise<AccessCheck | undefined> => {
        const name = modelNameOf(model);
        if (name === undefined) return undefined;
        // Few roles may ask this: what is not learnt here, the model itself may say.
        const answer = await get(
          `/foundation-model-availability/${encodeURIComponent(name)}`,
        ).catch(() => undefined);
        const finding = answer && availabilityFinding(answer, model, region);
        return finding && { what: `the model ${shown(model)}`, ...finding };
      }),
    ]);
    signal.throwIfAborted();
    const runtime = `https://${hostOf("bedrock-runtime", region)}`;
    const place = { ask, base: runtime, name: region, isGateway: false, profiles };
    const open = models.filter((_, index) => closed[index] === undefined);
    return [
      { what: `bedrock:ListInferenceProfiles in ${region}`, ...listing },
      { what: "Anthropic's use case form", ...useCase },
      ...closed.filter((check) => check !== undefined),
      ...(closed.length > 0 && open.length === 0 ? [] : await tried(open, place, signal)),
    ];
  };

/** A host that cannot be reached may not be there at all: Bedrock is not in every region. */
const askIn =
  (region: string, ask: AskBedrock): AskBedrock =>
  async (...question) => {
    try {
      return await ask(...question);
    } catch (thrown) {
      if (!hasCode(thrown, "unreachable")) throw thrown;
      const { message } = errorOf(thrown);
      const remedy = `Check the network, and whether Bedrock is in ${region}.`;
      throw new EvercredError("unreachable", message, { remedy, cause: thrown });
    }
  };

/** Whether a gateway lets this key use Claude on Bedrock. Rejects with the signal's reason only. */
export const bedrockGatewayAccess =
  (ports: FetchPorts) =>
  ({ baseUrl, key, models }: BedrockGatewayUser, signal: AbortSignal) =>
    triedAt(baseUrl, modelsOf(models), bedrockAs({ kind: "shown", key }, ports), signal);

const triedAt = async (
  baseUrl: string,
  models: readonly string[],
  ask: AskBedrock,
  signal: AbortSignal,
): Promise<readonly AccessCheck[]> => {
  const gateway = gatewayOf(baseUrl);
  if ("what" in gateway) return [gateway];
  const { base, host } = gateway;
  return tried(models, { ask, base, name: host, isGateway: true, profiles: [] }, signal);
};

/** Tries to run models with a request that none can answer. */
const tried = async (
  models: readonly string[],
  place: Place,
  signal: AbortSignal,
): Promise<readonly AccessCheck[]> => {
  if (models.length === 0) {
    return [noModel(place.profiles.map(({ id }) => id))];
  }
  const [first, ...others] = models.filter((model) => !isAlias(model));
  const [streaming, whole] = ways;
  const attempts: readonly (readonly [model: string, way: Way])[] = [
    ...(first === undefined ? [] : [[first, streaming] as const, [first, whole] as const]),
    ...others.map((model) => [model, streaming] as const),
    ...others.map((model) => [model, whole] as const),
  ];
  const checks = await Promise.all(
    attempts.map(async ([model, way], index): Promise<AccessCheck> => {
      const what = `${way.action} on ${shown(model)}`;
      if (index >= mostAttempts) return { what, ...tooMany };
      return { what, ...(await found(() => attempt(model, way, place, signal), signal)) };
    }),
  );
  return [
    ...checks,
    ...models
      .filter(isAlias)
      .map((model) => ({ what: `the model ${model}`, ...aliasFinding(model) })),
  ];
};

const tooMany = notChecked(
  `Not tried: more than ${mostAttempts} such requests within a minute look like an attack.`,
);

const attempt = async (
  model: string,
  { action, path }: Way,
  { ask, base, name, isGateway, profiles }: Place,
  signal: AbortSignal,
): Promise<Finding> => {
  const url = new URL(`${base}/model/${encodeURIComponent(model)}/${path}`);
  const answer = await ask(url, senseless, signal);
  const containing = profiles
    .filter(({ models }) => models.some((arn) => arn.endsWith(`/${model}`)))
    .map(({ id }) => id);
  const byGateway = isGateway && answer.code === "" ? atGateway(answer) : undefined;
  return byGateway ?? attemptFinding(answer, { action, model, place: name, profiles: containing });
};

/** The host of a service (general reference, "Amazon Bedrock endpoints and quotas"; SDK partitions). */
const hostOf = (service: string, region: string): string => {
  if (region.startsWith("cn-")) return `${service}.${region}.amazonaws.com.cn`;
  if (region.startsWith("eusc-")) return `${service}.${region}.amazonaws.eu`;
  return `${service}.${region}.amazonaws.com`;
};
