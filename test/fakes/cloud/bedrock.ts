import { json, Refusal } from "./exchange.ts";
import type { Site, SiteReply, SiteRequest } from "./exchange.ts";
import type { Iam } from "./iam.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import { authenticate, type SigningFault } from "./signed-callers.ts";

/** A model of Anthropic's. */
export interface BedrockModel {
  readonly id: string;
  /** Where it can be named itself. */
  readonly regions: readonly string[];
  /** Inference profiles by their id, with the regions that they lead to; they can be named in all of these. */
  readonly profiles: Readonly<Record<string, readonly string[]>>;
}

/** A request that some kind of policy refuses. */
export interface Denial {
  readonly action: string;
  /** The region of the model that it is about; left out: any. */
  readonly region?: string;
  /** Left out: no policy allows it. */
  readonly by?: "service control policy" | "permissions boundary" | "identity-based policy";
}

/** What the account is short of, in the words that the real service has for it. */
export type Shortage =
  | "use-case"
  | "marketplace"
  | "payment"
  | "access"
  | "retention"
  | "country"
  | "account"
  | "legacy"
  | "end-of-life"
  | "channel";

/**
 * What each is answered with: AccessDeniedException and ResourceNotFoundException of the user guide's "Troubleshooting
 * Amazon Bedrock API error codes"; AWS re:Post, "InvokeModel API error"; reports in public issues (obot #6747,
 * amazon-bedrock-workshop #386, pydantic-ai #8170, and those that quote AWS Marketplace).
 */
const shortages: Readonly<
  Record<Shortage, readonly [status: number, code: string, words: string]>
> = {
  "use-case": [
    404,
    "ResourceNotFoundException",
    "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.",
  ],
  marketplace: [
    403,
    "AccessDeniedException",
    "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.",
  ],
  payment: [
    403,
    "AccessDeniedException",
    "Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided.. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.",
  ],
  access: [
    403,
    "AccessDeniedException",
    "You don't have access to the model with the specified model ID.",
  ],
  retention: [
    400,
    "ValidationException",
    "data retention mode 'default' is not available for this model",
  ],
  country: [
    400,
    "ValidationException",
    "Access to Anthropic models is not allowed from unsupported countries, regions, or territories.",
  ],
  account: [400, "ValidationException", "Operation not allowed"],
  legacy: [
    404,
    "ResourceNotFoundException",
    "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days. Please upgrade to an active model on Amazon Bedrock",
  ],
  "end-of-life": [
    404,
    "ResourceNotFoundException",
    "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
  ],
  channel: [
    403,
    "AccessDeniedException",
    "Access to this model is not available for channel program accounts. Reach out to your AWS Solution Provider or AWS Distributor for more information.",
  ],
};

/** A model that is called by its own id, and one that is not. */
const usualModels: readonly BedrockModel[] = [
  { id: "anthropic.claude-plain-v1:0", regions: ["us-east-1"], profiles: {} },
  {
    id: "anthropic.claude-wide-v2:0",
    regions: [],
    profiles: { "us.anthropic.claude-wide-v2:0": ["us-east-1", "us-west-2"] },
  },
];

/** Amazon Bedrock, with what administrators can do there. May be changed at any time. */
export class Bedrock {
  models: readonly BedrockModel[] = usualModels;
  denials: readonly Denial[] = [];
  shortage: Shortage | undefined;
  /** Whether the use case form is known to this very account. */
  hasForm = true;
  agreement: "AVAILABLE" | "NOT_AVAILABLE" | "PENDING" | "ERROR" = "AVAILABLE";
  authorization: "AUTHORIZED" | "NOT_AUTHORIZED" = "AUTHORIZED";
  /** How many models have answered: that costs money. */
  answers = 0;
  /** How many models were asked to, whatever came of it: that subscribes an account. */
  attempts = 0;
}

/** What Bedrock's sites are made of. */
export interface BedrockParts {
  readonly bedrock: Bedrock;
  readonly keyRing: KeyRing;
  readonly iam: Iam;
}

/** An error as a service of AWS writes it in JSON: the name in the header, with the namespace of its model. */
function refuse(status: number, code: string, message: string): Refusal {
  const type = `${code}:http://internal.amazon.com/coral/com.amazon.bedrock/`;
  return new Refusal(json(status, { message }, { "x-amzn-errortype": type }));
}

const signingWords: Readonly<Record<SigningFault, readonly [status: number, code: string]>> = {
  missing: [403, "MissingAuthenticationTokenException"],
  unreadable: [403, "IncompleteSignatureException"],
  unknown: [403, "UnrecognizedClientException"],
  ended: [403, "ExpiredTokenException"],
  mismatch: [403, "InvalidSignatureException"],
};

function callerOf(request: SiteRequest, region: string, parts: BedrockParts): IssuedKeys {
  const { keyRing, iam } = parts;
  return authenticate(request, {
    name: "bedrock",
    region,
    keyRing,
    checksTime: iam.checksTime,
    refuse: (fault, message) => {
      // It quotes the whole request where it cannot be signed so, the session's token too.
      const quoted = fault === "mismatch" ? ` ${JSON.stringify(request.headers)}` : "";
      return refuse(...signingWords[fault], `${message}${quoted}`);
    },
  });
}

/** Refuses what a policy refuses, as IAM says it. */
function permit(
  action: string,
  resource: string,
  region: string,
  { identity }: IssuedKeys,
  { denials }: Bedrock,
): void {
  const denial = denials.find(
    (each) => each.action === action && (each.region ?? region) === region,
  );
  if (denial === undefined) return;
  const why =
    denial.by === undefined
      ? `because no identity-based policy allows the ${action} action`
      : `with an explicit deny in a ${denial.by}`;
  const message = `User: ${identity.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  throw refuse(403, "AccessDeniedException", message);
}

/** The control plane of a region: `bedrock.REGION.amazonaws.com` (service model bedrock 2023-04-20). */
export function createBedrockSite(region: string, parts: BedrockParts): Site {
  const { bedrock } = parts;
  return (request) => {
    const caller = callerOf(request, region, parts);
    const everything = `arn:aws:bedrock:${region}:${caller.accountId}:*`;
    const may = (action: string): void => {
      permit(`bedrock:${action}`, everything, region, caller, bedrock);
    };
    const { method, path, query } = request;
    if (method !== "GET") throw refuse(404, "UnknownOperationException", "");
    if (path === "/inference-profiles") {
      may("ListInferenceProfiles");
      const strange = [...query.keys()].find(
        (name) => !["maxResults", "nextToken", "type"].includes(name),
      );
      const count = Number(query.get("maxResults") ?? 1);
      if (strange !== undefined || !(count >= 1 && count <= 1000)) {
        throw refuse(400, "ValidationException", "1 validation error detected");
      }
      return json(200, { inferenceProfileSummaries: profilesIn(region, caller, bedrock) });
    }
    if (path === "/use-case-for-model-access") {
      may("GetUseCaseForModelAccess");
      if (!bedrock.hasForm) throw refuse(404, "ResourceNotFoundException", "No use case found.");
      return json(200, { formData: Buffer.from("{}").toString("base64") });
    }
    const id = /^\/foundation-model-availability\/([^/]+)$/.exec(path)?.[1];
    if (id === undefined) throw refuse(404, "UnknownOperationException", "");
    may("GetFoundationModelAvailability");
    return availabilityOf(decodeURIComponent(id), region, bedrock);
  };
}

function profilesIn(region: string, { accountId }: IssuedKeys, { models }: Bedrock): unknown {
  const ofClaude = models.flatMap(({ id, profiles }) =>
    Object.entries(profiles)
      .filter(([, regions]) => regions.includes(region))
      .map(([profile, regions]) => ({
        inferenceProfileId: profile,
        inferenceProfileArn: `arn:aws:bedrock:${region}:${accountId}:inference-profile/${profile}`,
        models: regions.map((each) => ({
          modelArn: `arn:aws:bedrock:${each}::foundation-model/${id}`,
        })),
        status: "ACTIVE",
        type: "SYSTEM_DEFINED",
      })),
  );
  const other = {
    inferenceProfileId: "us.amazon.nova-lite-v1:0",
    models: [{ modelArn: `arn:aws:bedrock:${region}::foundation-model/amazon.nova-lite-v1:0` }],
    status: "ACTIVE",
    type: "SYSTEM_DEFINED",
  };
  return [other, ...ofClaude];
}

function availabilityOf(id: string, region: string, bedrock: Bedrock): SiteReply {
  const model = bedrock.models.find((each) => each.id === id);
  if (model === undefined) {
    throw refuse(404, "ResourceNotFoundException", "Could not resolve the foundation model");
  }
  const { agreement, authorization } = bedrock;
  return json(200, {
    modelId: id,
    agreementAvailability: {
      status: agreement,
      ...(agreement === "ERROR" && { errorMessage: "The offer has ended." }),
    },
    authorizationStatus: authorization,
    entitlementAvailability: "AVAILABLE",
    regionAvailability: model.regions.includes(region) ? "AVAILABLE" : "NOT_AVAILABLE",
  });
}

const actions: Readonly<Record<string, string>> = {
  invoke: "bedrock:InvokeModel",
  "invoke-with-response-stream": "bedrock:InvokeModelWithResponseStream",
};

/** Where models run: `bedrock-runtime.REGION.amazonaws.com` (service model bedrock-runtime 2023-09-30). */
export function createBedrockRuntimeSite(region: string, parts: BedrockParts): Site {
  const { bedrock } = parts;
  return (request) => {
    const caller = callerOf(request, region, parts);
    const [, name = "", way = ""] = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(request.path) ?? [];
    const action = actions[way];
    if (request.method !== "POST" || action === undefined) {
      throw refuse(404, "UnknownOperationException", "");
    }
    bedrock.attempts += 1;
    return run(decodeURIComponent(name), region, action, caller, request.body, bedrock);
  };
}

function run(
  named: string,
  region: string,
  action: string,
  caller: IssuedKeys,
  body: string,
  bedrock: Bedrock,
): SiteReply {
  // Permission is looked at first, for the profile, and then for the model in each region that it leads to.
  const id = named.replace(/^arn:[^/]*\//, "");
  const model = bedrock.models.find((each) => each.id === id || id in each.profiles);
  const regions = model?.profiles[id] ?? [region];
  if (model !== undefined && id !== model.id) {
    const arn = `arn:aws:bedrock:${region}:${caller.accountId}:inference-profile/${id}`;
    permit(action, arn, region, caller, bedrock);
  }
  for (const each of regions) {
    const arn = `arn:aws:bedrock:${each}::foundation-model/${model?.id ?? id}`;
    permit(action, arn, each, caller, bedrock);
  }
  if (model === undefined) {
    throw refuse(400, "ValidationException", "The provided model identifier is invalid.");
  }
  if (id === model.id && !model.regions.includes(region)) {
    const isElsewhere = Object.values(model.profiles).some((each) => each.includes(region));
    throw isElsewhere
      ? refuse(
          400,
          "ValidationException",
          `Invocation of model ID ${id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
        )
      : refuse(400, "ValidationException", "The provided model identifier is invalid.");
  }
  if (bedrock.shortage !== undefined) throw refuse(...shortages[bedrock.shortage]);
  checkForm(JSON.parse(body));
  bedrock.answers += 1;
  return json(200, { type: "message", role: "assistant", content: [] });
}

/** As public reports quote it: all that is missing, in one line. */
function checkForm(body: object): void {
  const missing = ["messages", "max_tokens", "anthropic_version"].filter((name) => !(name in body));
  if (missing.length === 0) return;
  const list = missing.map((name) => `#: required key [${name}] not found`).join("");
  const message = `Malformed input request: ${list}, please reformat your input and try again.`;
  throw refuse(400, "ValidationException", message);
}
