import type { Site, SiteReply, SiteRequest } from "../exchange.ts";
import { identityOf } from "./assertions.ts";
import { authenticate } from "./bearer.ts";
import { googleJson, refuseApi } from "./errors.ts";
import type { GoogleParts } from "./parts.ts";
import { cloudPlatform, readScopes } from "./scopes.ts";
import type { ServiceAccount } from "./service-accounts.ts";

const call = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):(generateAccessToken|generateIdToken)$/;
const callerScopes = [cloudPlatform, "https://www.googleapis.com/auth/iam"];
const longestSeconds = 3600;

interface Asked {
  readonly account: ServiceAccount;
  readonly body: Readonly<Record<string, unknown>>;
}

function invalid(message: string): Error {
  return refuseApi("INVALID_ARGUMENT", message);
}

function readBody(text: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Refused below.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("Invalid JSON payload received.");
  }
  const strange = Object.keys(value).find((name) => !names.includes(name));
  if (strange !== undefined) {
    throw invalid(`Invalid JSON payload received. Unknown name "${strange}": Cannot find field.`);
  }
  return { ...value };
}

function texts(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((text) => typeof text === "string")) return value;
  throw invalid(`Invalid value at '${name}'.`);
}

/** Follows the chain of delegates: each must be let by the one before it. */
function follow(
  request: SiteRequest,
  name: string,
  permission: string,
  delegates: readonly string[],
  parts: GoogleParts,
): ServiceAccount {
  const { serviceAccounts } = parts;
  let member = authenticate(request, parts, callerScopes).principal.name;
  let account: ServiceAccount | undefined;
  for (const next of [...delegates, name]) {
    account = serviceAccounts.find(next.replace("projects/-/serviceAccounts/", ""));
    if (account === undefined || !serviceAccounts.mayBecome(member, account)) {
      const message = `Permission '${permission}' denied on resource (or it may not exist).`;
      const reason = "IAM_PERMISSION_DENIED";
      throw refuseApi("PERMISSION_DENIED", message, { reason, metadata: { permission } });
    }
    member = account.email;
  }
  if (account === undefined) throw invalid("No account is named.");
  return account;
}

function accessToken({ account, body }: Asked, parts: GoogleParts): SiteReply {
  const scopes = readScopes(texts(body["scope"], "scope").join(" "));
  if (scopes === undefined || scopes.length === 0) throw invalid("Scope is a required field.");
  const { lifetime = "3600s" } = body;
  const seconds = Number(/^(\d+)s$/.exec(typeof lifetime === "string" ? lifetime : "")?.[1]);
  if (!(seconds > 0 && seconds <= longestSeconds)) {
    throw invalid("Request contains an invalid argument: lifetime must be from 1s to 3600s.");
  }
  const { accessTokens, lifetimes, serviceAccounts } = parts;
  const { email, uniqueId } = account;
  const principal = { kind: "service-account", name: email, sub: uniqueId } as const;
  const isGood = (): boolean => serviceAccounts.find(email) !== undefined;
  const { token, expiresAt } = accessTokens.issue(
    { principal, scopes, clientId: undefined, isGood },
    Math.min(seconds * 1000, lifetimes.accessTokenMs),
  );
  const expireTime = `${new Date(expiresAt).toISOString().slice(0, 19)}Z`;
  return googleJson(200, { accessToken: token, expireTime });
}

function idToken({ account, body }: Asked, parts: GoogleParts): SiteReply {
  const { audience, includeEmail } = body;
  if (typeof audience !== "string" || audience === "") {
    throw invalid("Audience is a required field.");
  }
  const claims = identityOf(account, audience, includeEmail === true);
  return googleJson(200, { token: parts.idTokens.issue(claims) });
}

/** `iamcredentials.googleapis.com`: tokens of service accounts for those who may become them. */
export function createIamCredentialsSite(parts: GoogleParts): Site {
  return (request) => {
    const { method, path } = request;
    const [, name, verb] = call.exec(decodeURIComponent(path)) ?? [];
    if (method !== "POST" || name === undefined) {
      throw refuseApi("NOT_FOUND", "Requested entity was not found.");
    }
    const isAccess = verb === "generateAccessToken";
    parts.records.note(isAccess ? "impersonate-access" : "impersonate-id");
    const fields = isAccess
      ? ["delegates", "scope", "lifetime"]
      : ["delegates", "audience", "includeEmail", "useEmailAzp"];
    const body = readBody(request.body, fields);
    const permission = isAccess
      ? "iam.serviceAccounts.getAccessToken"
      : "iam.serviceAccounts.getOpenIdToken";
    const delegates = texts(body["delegates"], "delegates");
    const account = follow(request, name, permission, delegates, parts);
    return isAccess ? accessToken({ account, body }, parts) : idToken({ account, body }, parts);
  };
}
