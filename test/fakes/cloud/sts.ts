import { createHash, randomUUID } from "node:crypto";
import { Refusal } from "./exchange.ts";
import type { Site, SiteReply, SiteRequest } from "./exchange.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import { readSignature, sign } from "./signature.ts";

const namespace = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
const version = "2011-06-15";

function xml(status: number, body: string): SiteReply {
  return { status, headers: { "content-type": "text/xml" }, body };
}

function refuse(status: number, code: string, message: string): Refusal {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  const requestId = `<RequestId>${randomUUID()}</RequestId>`;
  return new Refusal(
    xml(status, `<ErrorResponse ${namespace}>${error}${requestId}</ErrorResponse>`),
  );
}

/** Whose keys signed the request. No check of the time of signing: this clock is moved, the callers' is not. */
function authenticate(request: SiteRequest, region: string, keyRing: KeyRing): IssuedKeys {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    throw refuse(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  }
  const signature = readSignature(authorization);
  if (signature === undefined || !signature.signedHeaders.includes("host")) {
    throw refuse(400, "IncompleteSignature", "The Authorization header cannot be read.");
  }
  const keys = keyRing.find(signature.accessKeyId);
  if (keys === undefined || keys.sessionToken !== request.headers["x-amz-security-token"]) {
    const message = "The security token included in the request is invalid.";
    throw refuse(403, "InvalidClientTokenId", message);
  }
  if (request.at >= keys.expiresAt) {
    throw refuse(403, "ExpiredToken", "The security token included in the request is expired");
  }
  if (signature.service !== "sts" || signature.region !== region) {
    throw refuse(403, "SignatureDoesNotMatch", `Credential should be scoped to ${region}, sts.`);
  }
  if (signature.value !== sign(request, signature, keys.secretAccessKey)) {
    const message =
      "The request signature we calculated does not match the signature you provided.";
    throw refuse(403, "SignatureDoesNotMatch", message);
  }
  return keys;
}

function identify({ accountId, roleName, user }: IssuedKeys): SiteReply {
  const hash = createHash("sha256").update(`${accountId}/${roleName}`).digest("hex");
  const role = `AWSReservedSSO_${roleName}_${hash.slice(0, 16)}`;
  const result =
    `<Arn>arn:aws:sts::${accountId}:assumed-role/${role}/${user}</Arn>` +
    `<UserId>AROA${hash.slice(16, 33).toUpperCase()}:${user}</UserId><Account>${accountId}</Account>`;
  return xml(
    200,
    `<GetCallerIdentityResponse ${namespace}>` +
      `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>` +
      "</GetCallerIdentityResponse>",
  );
}

/** `sts.REGION.amazonaws.com` and, for us-east-1, `sts.amazonaws.com`: GetCallerIdentity only. */
export function createStsSite(region: string, keyRing: KeyRing): Site {
  return (request) => {
    const form = new URLSearchParams(request.body);
    if (
      request.method !== "POST" ||
      request.path !== "/" ||
      form.get("Action") !== "GetCallerIdentity" ||
      form.get("Version") !== version
    ) {
      throw refuse(400, "InvalidAction", `Could not find operation for version ${version}`);
    }
    return identify(authenticate(request, region, keyRing));
  };
}
