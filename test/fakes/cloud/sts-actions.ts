import type { SiteReply } from "./exchange.ts";
import { type Iam, trusts } from "./iam.ts";
import type { RoleOptions, UserOptions } from "./iam.ts";
import { roleSession, userIdentity } from "./identity.ts";
import type { Identity } from "./identity.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import { answer, assumedRoleUser, credentials, refuse } from "./sts-replies.ts";

/** One call of the token service, its parameters and its moment. */
export interface StsCall {
  readonly form: URLSearchParams;
  readonly at: number;
  readonly iam: Iam;
  readonly keyRing: KeyRing;
}

const hourMs = 60 * 60_000;

function invalid(message: string): Error {
  return refuse(400, "ValidationError", message);
}

function denied(message: string): Error {
  return refuse(403, "AccessDenied", message);
}

/** A parameter that must be there and have this form. */
function text({ form }: StsCall, name: string, rule: RegExp): string {
  const value = form.get(name) ?? "";
  if (rule.test(value)) return value;
  const field = name.charAt(0).toLowerCase() + name.slice(1);
  throw invalid(
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ` +
      `Member must satisfy regular expression pattern: ${rule.source}`,
  );
}

const rules = {
  role: /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  sessionName: /^[\w+=,.@-]{2,64}$/,
  serial: /^[\w+=/:,.@-]{9,256}$/,
  code: /^\d{6}$/,
  token: /^[\s\S]{4,20000}$/,
};

function duration({ form }: StsCall, usualMs: number, longestMs: number): number {
  const value = form.get("DurationSeconds");
  if (value === null) return usualMs;
  const seconds = Number(value);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds * 1000 > longestMs) {
    throw invalid(
      `1 validation error detected: Value '${value}' at 'durationSeconds' failed to satisfy ` +
        `constraint: Member must have value between 900 and ${String(longestMs / 1000)}`,
    );
  }
  return seconds * 1000;
}

/** Whether a code comes with the call; refuses a wrong one. */
function checkCode(call: StsCall, user: UserOptions | undefined): boolean {
  if (!call.form.has("SerialNumber") && !call.form.has("TokenCode")) return false;
  const serial = text(call, "SerialNumber", rules.serial);
  const code = text(call, "TokenCode", rules.code);
  if (user?.mfaSerial !== serial) {
    throw denied(
      "MultiFactorAuthentication failed, unable to validate MFA code.  " +
        "Please verify your MFA serial number is valid and associated with this user.",
    );
  }
  if (call.iam.useCode(user, serial, code)) return true;
  throw denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
}

function roleReply(
  action: string,
  call: StsCall,
  identity: Identity,
  lifetimeMs: number,
): SiteReply {
  const keys = call.keyRing.issue({
    ...{ identity, accountId: identity.accountId, roleName: "", user: "", startUrl: "" },
    ...{ issuedAt: call.at, lifetimeMs },
  });
  return answer(action, [...assumedRoleUser(identity), ...credentials(keys)]);
}

function checkLength(lifetimeMs: number, role: RoleOptions): void {
  if (lifetimeMs > (role.maxSessionMs ?? hourMs)) {
    throw invalid(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
}

/** AssumeRole. */
export function assumeRole(call: StsCall, { identity }: IssuedKeys): SiteReply {
  const roleArn = text(call, "RoleArn", rules.role);
  const sessionName = text(call, "RoleSessionName", rules.sessionName);
  const lifetimeMs = duration(call, hourMs, 12 * hourMs);
  if (identity.kind === "role-session" && lifetimeMs > hourMs) {
    throw invalid(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  const hasMfa = checkCode(call, call.iam.user(identity.arn)) || identity.hasMfa;
  const role = call.iam.role(roleArn);
  const isTrusted =
    role !== undefined &&
    trusts(role, identity) &&
    (role.externalId === undefined || role.externalId === call.form.get("ExternalId")) &&
    (role.needsMfa !== true || hasMfa);
  if (!isTrusted) {
    throw denied(
      `User: ${identity.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    );
  }
  checkLength(lifetimeMs, role);
  return roleReply("AssumeRole", call, roleSession(roleArn, sessionName, hasMfa), lifetimeMs);
}

/** AssumeRoleWithWebIdentity: nobody signs it. */
export function assumeRoleWithToken(call: StsCall): SiteReply {
  const roleArn = text(call, "RoleArn", rules.role);
  const sessionName = text(call, "RoleSessionName", rules.sessionName);
  const lifetimeMs = duration(call, hourMs, 12 * hourMs);
  const token = call.iam.token(text(call, "WebIdentityToken", rules.token));
  if (token === undefined) {
    throw refuse(400, "InvalidIdentityToken", "The web identity token could not be validated.");
  }
  if (call.at >= token.endsAt) {
    throw refuse(400, "ExpiredTokenException", "Token expired: it must be before the expiration");
  }
  const role = call.iam.role(roleArn);
  if (role?.trust.includes(token.subject) !== true) {
    throw denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  }
  checkLength(lifetimeMs, role);
  const identity = roleSession(roleArn, sessionName);
  return roleReply("AssumeRoleWithWebIdentity", call, identity, lifetimeMs);
}

/** GetSessionToken. */
export function getSessionToken(call: StsCall, { identity }: IssuedKeys): SiteReply {
  const user = call.iam.user(identity.arn);
  const lifetimeMs = duration(call, 12 * hourMs, 36 * hourMs);
  if (identity.kind !== "user" || user === undefined) {
    throw denied("Cannot call GetSessionToken with session credentials");
  }
  const hasMfa = checkCode(call, user);
  if (user.mayOpenSession === false) {
    throw denied(`User: ${user.arn} is not authorized to perform: sts:GetSessionToken`);
  }
  const keys = call.keyRing.issue({
    ...{ identity: userIdentity(user.arn, { hasMfa }), accountId: identity.accountId },
    ...{ roleName: "", user: "", startUrl: "", issuedAt: call.at, lifetimeMs },
  });
  return answer("GetSessionToken", credentials(keys));
}

/** GetCallerIdentity: needs no permission. */
export function getCallerIdentity(_: StsCall, { identity }: IssuedKeys): SiteReply {
  return answer("GetCallerIdentity", [
    ["Arn", identity.arn],
    ["UserId", identity.userId],
    ["Account", identity.accountId],
  ]);
}
