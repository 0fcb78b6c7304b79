import { json, Refusal } from "../exchange.ts";
import type { SiteReply, SiteRequest } from "../exchange.ts";
import { googleJson } from "./errors.ts";

/** Why a project cannot use Claude, in the words that the real service has for it. */
export type VertexShortage =
  | "no-api"
  | "no-billing"
  | "no-project"
  | "suspended"
  | "foreign"
  | "no-permission"
  | "no-permission-in-words"
  | "no-model"
  | "not-enabled"
  | "not-in-region"
  | "organisation-policy"
  | "no-quota"
  | "busy";

/** Vertex AI in one project. May be changed at any time. */
export class Vertex {
  project = "example-project";
  /** What Model Garden has enabled. */
  models: readonly string[] = ["claude-plain-4@20990101"];
  shortage: VertexShortage | undefined;
  /** How many models have answered: that costs money. */
  answers = 0;
}

interface Info {
  readonly reason: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

function refuse(code: number, status: string, message: string, info?: Info): Refusal {
  const errorInfo = info && {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    domain: "googleapis.com",
    ...info,
  };
  const localized = { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", message };
  const details = errorInfo && { details: [localized, errorInfo] };
  return new Refusal(googleJson(code, { error: { code, message, status, ...details } }));
}

const quotas = "https://cloud.google.com/vertex-ai/docs/generative-ai/quotas-genai";

/**
 * Before a model is looked for: API, billing and project by the reasons of google/api/error_reason.proto, with their
 * usual messages.
 */
function checkConsumer({ shortage, project }: Vertex): void {
  const metadata = { service: "aiplatform.googleapis.com", consumer: `projects/${project}` };
  switch (shortage) {
    case "no-api": {
      const activationUrl = `https://console.developers.google.com/apis/api/aiplatform.googleapis.com/overview?project=${project}`;
      const message = `Vertex AI API has not been used in project ${project} before or it is disabled. Enable it by visiting ${activationUrl} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`;
      const about = { reason: "SERVICE_DISABLED", metadata: { ...metadata, activationUrl } };
      throw refuse(403, "PERMISSION_DENIED", message, about);
    }
    case "no-billing": {
      const message = `This API method requires billing to be enabled. Please enable billing on project #${project} then retry.`;
      throw refuse(403, "PERMISSION_DENIED", message, { reason: "BILLING_DISABLED", metadata });
    }
    case "no-project": {
      const message = `Permission denied on resource project ${project}.`;
      throw refuse(403, "PERMISSION_DENIED", message, { reason: "CONSUMER_INVALID", metadata });
    }
    case "suspended": {
      const message = `Permission denied: Consumer 'projects/${project}' has been suspended.`;
      throw refuse(403, "PERMISSION_DENIED", message, { reason: "CONSUMER_SUSPENDED", metadata });
    }
    case "foreign": {
      const message = `Caller does not have required permission to use project ${project}.`;
      throw refuse(403, "PERMISSION_DENIED", message, { reason: "USER_PROJECT_DENIED", metadata });
    }
    default:
  }
}

function checkPermission({ shortage }: Vertex, permission: string, resource: string): void {
  const message = `Permission '${permission}' denied on resource '//aiplatform.googleapis.com/${resource}' (or it may not exist).`;
  if (shortage === "no-permission-in-words") throw refuse(403, "PERMISSION_DENIED", message);
  if (shortage !== "no-permission") return;
  throw refuse(403, "PERMISSION_DENIED", message, {
    reason: "IAM_PERMISSION_DENIED",
    domain: "aiplatform.googleapis.com",
    metadata: { permission, resource },
  });
}

/**
 * The model itself: as users quote it (anthropics/claude-code #1440, yym68686/uni-api #41, genkit #4688,
 * redhat-data-and-ai/template-agent #349).
 */
function checkModel(vertex: Vertex, resource: string, model: string, region: string): void {
  const { shortage, models } = vertex;
  if (shortage === "no-model" || !models.includes(model)) {
    const message = `Publisher Model \`${resource}\` was not found or your project does not have access to it. Please ensure you are using a valid model version. For more information, see: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions`;
    throw refuse(404, "NOT_FOUND", message);
  }
  switch (shortage) {
    case "not-enabled": {
      const message = `Project \`123456789012\` is not allowed to use Publisher Model \`${resource}\``;
      throw refuse(400, "FAILED_PRECONDITION", message);
    }
    case "not-in-region": {
      const message = `Publisher Model \`${resource}\` is not servable in region ${region}.`;
      throw refuse(400, "FAILED_PRECONDITION", message);
    }
    case "organisation-policy": {
      const message = `Organization Policy constraint constraints/vertexai.allowedModels violated for \`projects/123456789012\` attempting to use a disallowed Gen AI model ${model}.`;
      throw refuse(400, "FAILED_PRECONDITION", message);
    }
    case "no-quota": {
      const message = `Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: anthropic-claude-plain. Please submit a quota increase request. ${quotas}.`;
      throw refuse(429, "RESOURCE_EXHAUSTED", message);
    }
    case "busy": {
      const message = "Resource exhausted. Please try again later.";
      throw refuse(429, "RESOURCE_EXHAUSTED", message);
    }
    default:
  }
}

/** What a caller with a good token is answered; undefined for all paths that are not Claude's. */
export function answerVertex(request: SiteRequest, vertex: Vertex): SiteReply | undefined {
  const { method, path, body } = request;
  const [, place = "", project, region = "", rest = ""] =
    /^\/v1\/(projects\/([^/]+)\/locations\/([^/]+))(\/.*)?$/.exec(path) ?? [];
  if (project === undefined) return undefined;
  checkConsumer(vertex);
  if (project !== vertex.project) {
    checkConsumer(Object.assign(new Vertex(), { project, shortage: "no-project" }));
  }
  if (method === "GET" && rest === "") {
    checkPermission(vertex, "aiplatform.locations.get", place);
    return googleJson(200, { name: place, locationId: region });
  }
  const model = /^\/publishers\/anthropic\/models\/([^/:]+):rawPredict$/.exec(rest)?.[1];
  if (method !== "POST" || model === undefined) return undefined;
  const resource = `${place}/publishers/anthropic/models/${model}`;
  checkPermission(vertex, "aiplatform.endpoints.predict", resource);
  checkModel(vertex, resource, model, region);
  // Anthropic's own answer, which names what it misses first.
  const missing = ["anthropic_version", "max_tokens", "messages"].find(
    (name) => !(name in JSON.parse(body)),
  );
  if (missing !== undefined) {
    const error = { type: "invalid_request_error", message: `${missing}: Field required` };
    return json(400, { type: "error", error });
  }
  vertex.answers += 1;
  return json(200, { type: "message", role: "assistant", content: [] });
}
