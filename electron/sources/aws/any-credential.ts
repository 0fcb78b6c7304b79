import type { AwsCredential } from "../../core/credential.ts";
import { hasCode } from "../../core/errors.ts";
import type { ProfileRole } from "./definition.ts";
import type { Portal } from "./portal.ts";

/**
 * Keys of some role that the person has: of `offered`, where it is theirs, else of the first role in the
 * first account. All of them know who it is. Rejects as the portal does.
 */
export const anyCredential = async (
  portal: Portal,
  accessToken: string,
  offered: ProfileRole | undefined,
  signal: AbortSignal,
): Promise<AwsCredential> => {
  try {
    if (offered !== undefined) {
      return await portal.roleCredential(accessToken, offered.account, offered.role, signal);
    }
  } catch (thrown) {
    if (!hasCode(thrown, "access-denied")) throw thrown;
  }
  const accounts = await portal.accounts(accessToken, undefined, signal);
  const account = accounts.items[0]?.id ?? "";
  const roles = await portal.roles(accessToken, account, undefined, signal);
  return portal.roleCredential(accessToken, account, roles.items[0] ?? "", signal);
};
