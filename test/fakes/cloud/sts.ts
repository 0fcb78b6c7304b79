import type { Site } from "./exchange.ts";
import type { Iam } from "./iam.ts";
import type { KeyRing } from "./keys.ts";
import {
  assumeRole,
  assumeRoleWithToken,
  getCallerIdentity,
  getSessionToken,
} from "./sts-actions.ts";
import { authenticate } from "./sts-callers.ts";
import { refuse } from "./sts-replies.ts";

const version = "2011-06-15";

const signed = new Map([
  ["AssumeRole", assumeRole],
  ["GetCallerIdentity", getCallerIdentity],
  ["GetSessionToken", getSessionToken],
]);

/** The token service of a region: `sts.REGION.amazonaws.com` and, for us-east-1, `sts.amazonaws.com`. */
export function createStsSite(region: string, keyRing: KeyRing, iam: Iam): Site {
  return (request) => {
    if (iam.trouble !== undefined) {
      const { status, code, message } = iam.trouble;
      throw refuse(status, code, message);
    }
    const form = new URLSearchParams(request.body);
    const call = { form, at: request.at, iam, keyRing };
    const action = form.get("Action") ?? "";
    const isCall = request.method === "POST" && request.path === "/";
    if (isCall && form.get("Version") === version) {
      if (action === "AssumeRoleWithWebIdentity") return assumeRoleWithToken(call);
      const act = signed.get(action);
      if (act !== undefined) return act(call, authenticate(request, region, keyRing, iam));
    }
    throw refuse(400, "InvalidAction", `Could not find operation for version ${version}`);
  };
}
