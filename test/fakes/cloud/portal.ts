import { createHash } from "node:crypto";
import { json, Refusal } from "./exchange.ts";
import type { Site, SiteReply, SiteRequest } from "./exchange.ts";
import type { SignIn, Tokens } from "./tokens.ts";

function refuse(
  status: number,
  exception: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal(
    json(
      status,
      { message, __type: `com.amazonaws.switchboard.portal#${exception}` },
      { "x-amzn-errortype": exception, ...headers },
    ),
  );
}

const usualPageSize = 20;

/** The token of the page of a list that starts at `start`. It means nothing in another list. */
function pageToken(list: string, start: number): string {
  const seal = createHash("sha256")
    .update(`${list} ${String(start)}`)
    .digest("base64url");
  return Buffer.from(`${String(start)} ${seal}`).toString("base64url");
}

/** One page of the items of `list`; the token of the next is null on the last, as in the real service. */
function cutPage<T>(
  list: string,
  items: readonly T[],
  query: URLSearchParams,
): { readonly page: readonly T[]; readonly nextToken: string | null } {
  const size = Number(query.get("max_result") ?? usualPageSize);
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    throw refuse(400, "InvalidRequestException", "max_result must be 1 to 100");
  }
  const token = query.get("next_token");
  const start = token === null ? 0 : parseInt(Buffer.from(token, "base64url").toString(), 10);
  if (token !== null && token !== pageToken(list, start)) {
    throw refuse(400, "InvalidRequestException", "Invalid next token");
  }
  const end = start + size;
  const nextToken = end < items.length ? pageToken(list, end) : null;
  return { page: items.slice(start, end), nextToken };
}

function allowParameters(query: URLSearchParams, names: readonly string[]): void {
  for (const name of query.keys()) {
    if (names.includes(name)) continue;
    throw refuse(400, "InvalidRequestException", `Unknown parameter: ${name}`);
  }
}

function readAccountId(query: URLSearchParams): string {
  const accountId = query.get("account_id") ?? "";
  if (/^\d{12}$/.test(accountId)) return accountId;
  throw refuse(400, "InvalidRequestException", "account_id must be 12 digits");
}

function listAccounts({ organisation }: SignIn, { query }: SiteRequest): SiteReply {
  allowParameters(query, ["max_result", "next_token"]);
  const { page, nextToken } = cutPage("accounts", organisation.accounts(), query);
  const accountList = page.map(({ id, name, email }) => ({
    accountId: id,
    accountName: name,
    emailAddress: email,
  }));
  return json(200, { nextToken, accountList });
}

function listRoles({ organisation }: SignIn, { query }: SiteRequest): SiteReply {
  allowParameters(query, ["account_id", "max_result", "next_token"]);
  const accountId = readAccountId(query);
  const roles = organisation.roles(accountId);
  if (roles === undefined) throw refuse(404, "ResourceNotFoundException", "Account not found");
  const { page, nextToken } = cutPage(accountId, roles, query);
  return json(200, { nextToken, roleList: page.map((roleName) => ({ roleName, accountId })) });
}

function getRoleCredentials(signIn: SignIn, { query }: SiteRequest): SiteReply {
  allowParameters(query, ["account_id", "role_name"]);
  const roleName = query.get("role_name") ?? "";
  if (roleName === "") throw refuse(400, "InvalidRequestException", "role_name is missing");
  const { organisation, session } = signIn;
  const keys = organisation.issueKeys(session.user, readAccountId(query), roleName);
  if (keys === undefined) throw refuse(403, "ForbiddenException", "No access");
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt: expiration } = keys;
  return json(200, {
    roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration },
  });
}

/** `portal.sso.REGION.amazonaws.com`, for the organisations of that region. */
export function createPortalSite(region: string, tokens: Tokens): Site {
  const operations = new Map<string, (signIn: SignIn, request: SiteRequest) => SiteReply>([
    ["GET /assignment/accounts", listAccounts],
    ["GET /assignment/roles", listRoles],
    ["GET /federation/credentials", getRoleCredentials],
    [
      "POST /logout",
      ({ session }) => {
        session.end();
        return { status: 200, headers: {}, body: "" };
      },
    ],
  ]);
  return (request) => {
    const operation = operations.get(`${request.method} ${request.path}`);
    if (operation === undefined) {
      throw refuse(404, "UnknownOperationException", "Unknown operation");
    }
    const token = request.headers["x-amz-sso_bearer_token"];
    const signIn = typeof token === "string" ? tokens.find(token) : undefined;
    if (signIn?.organisation.region !== region) {
      throw refuse(401, "UnauthorizedException", "Session token not found or invalid");
    }
    const { retryAfterSeconds } = signIn.organisation;
    if (retryAfterSeconds !== undefined) {
      const headers =
        retryAfterSeconds === "unsaid" ? {} : { "retry-after": String(retryAfterSeconds) };
      throw refuse(429, "TooManyRequestsException", "Too many requests", headers);
    }
    return operation(signIn, request);
  };
}
