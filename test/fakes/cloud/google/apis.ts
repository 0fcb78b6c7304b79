import type { Site, SiteReply, SiteRequest } from "../exchange.ts";
import { authenticate } from "./bearer.ts";
import type { Caller } from "./bearer.ts";
import { googleJson, refuseApi } from "./errors.ts";
import type { GoogleParts } from "./parts.ts";
import { cloudPlatform } from "./scopes.ts";
import { answerVertex } from "./vertex.ts";

const project = {
  projectNumber: "123456789012",
  projectId: "example-project",
  lifecycleState: "ACTIVE",
  name: "Example project",
  createTime: "2024-05-17T09:12:33.401Z",
};

function userInfo({ principal, scopes }: Caller): SiteReply {
  const isNamed = scopes.some((scope) => scope.endsWith("/userinfo.email"));
  const { sub, name } = principal;
  return googleJson(200, { sub, ...(isNamed && { email: name, email_verified: true }) });
}

function readPermissions(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && "permissions" in value
      ? value.permissions
      : [];
  } catch {
    throw refuseApi("INVALID_ARGUMENT", "Invalid JSON payload received.");
  }
}

function resourceManager({ method, path, body }: SiteRequest): SiteReply {
  if (method === "GET" && path === "/v1/projects") {
    return googleJson(200, { projects: [project] });
  }
  if (method === "GET" && /^\/v1\/projects\/(example-project|123456789012)$/.test(path)) {
    return googleJson(200, project);
  }
  if (method === "POST" && path.endsWith(":testIamPermissions")) {
    return googleJson(200, { permissions: readPermissions(body) });
  }
  throw refuseApi("NOT_FOUND", "Requested entity was not found.");
}

function note(request: SiteRequest, { principal, token }: Caller, { records }: GoogleParts): void {
  const quotaProject = request.headers["x-goog-user-project"];
  records.calls.push({
    host: request.host,
    path: request.path,
    principal: principal.name,
    token,
    quotaProject: typeof quotaProject === "string" ? quotaProject : undefined,
  });
}

/** Any API: it lets good tokens in and says whose they are. Projects are listed as gcloud lists them. */
export function createApiSite(parts: GoogleParts): Site {
  return (request) => {
    const { host, path } = request;
    if (path === "/oauth2/v3/certs") return googleJson(200, parts.idTokens.keySet());
    parts.records.note("api");
    const isUserInfo = path.endsWith("/userinfo");
    const caller = authenticate(request, parts, isUserInfo ? [] : [cloudPlatform]);
    note(request, caller, parts);
    if (isUserInfo) return userInfo(caller);
    if (host === "cloudresourcemanager.googleapis.com") return resourceManager(request);
    const ofVertex = host.includes("aiplatform") ? answerVertex(request, parts.vertex) : undefined;
    if (ofVertex !== undefined) return ofVertex;
    return googleJson(200, { caller: caller.principal.name, scopes: caller.scopes });
  };
}
