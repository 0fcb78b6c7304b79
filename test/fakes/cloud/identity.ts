import { createHash } from "node:crypto";

/** Whoever has a set of keys, as the token service knows them. */
export interface Identity {
  readonly kind: "user" | "user-session" | "role-session";
  readonly accountId: string;
  /** What GetCallerIdentity says. */
  readonly arn: string;
  readonly userId: string;
  /** What the trust policy of a role may name. */
  readonly principal: string;
  /** Whether a device's code has been given for it. */
  readonly hasMfa: boolean;
}

/** A random-looking id of IAM's form, the same for the same thing. */
function idOf(prefix: string, text: string): string {
  const hash = createHash("sha256").update(text).digest("hex").toUpperCase();
  return `${prefix}${hash.slice(16, 33)}`;
}

/** The session of a role. */
export function roleSession(roleArn: string, sessionName: string, hasMfa = false): Identity {
  const [, partition = "", , , accountId = "", resource = ""] = roleArn.split(":");
  const roleName = resource.slice(resource.lastIndexOf("/") + 1);
  return {
    kind: "role-session",
    accountId,
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
    userId: `${idOf("AROA", roleArn)}:${sessionName}`,
    principal: roleArn,
    hasMfa,
  };
}

/** The session of a permission set's role: IAM Identity Center names it after the person. */
export function ssoSession(
  partition: string,
  accountId: string,
  roleName: string,
  user: string,
): Identity {
  const hash = createHash("sha256").update(`${accountId}/${roleName}`).digest("hex");
  const role = `AWSReservedSSO_${roleName}_${hash.slice(0, 16)}`;
  return roleSession(
    `arn:${partition}:iam::${accountId}:role/aws-reserved/sso.amazonaws.com/${role}`,
    user,
  );
}

/** A user of IAM; with `session` the short-lived one that the user has opened. */
export function userIdentity(arn: string, session?: { readonly hasMfa: boolean }): Identity {
  const accountId = arn.split(":")[4] ?? "";
  return {
    kind: session === undefined ? "user" : "user-session",
    accountId,
    arn,
    userId: idOf("AIDA", arn),
    principal: arn,
    hasMfa: session?.hasMfa ?? false,
  };
}
