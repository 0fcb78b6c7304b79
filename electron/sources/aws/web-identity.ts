import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { shown } from "../shown.ts";
import type { ProfileRoot } from "./definition.ts";
import type { Sts } from "./sts.ts";

type WebIdentity = Extract<ProfileRoot, { kind: "web-identity" }>;

/** AWS takes 20,000 characters at most. */
const maxBytes = 64 * 1024;

/** The keys of a role for the token that stands in a file now: whoever writes it renews it. */
export const keysForToken = async (
  sts: Sts,
  name: string,
  { tokenFile, roleArn, sessionName, durationMs }: WebIdentity,
  stsRegion: string,
  signal: AbortSignal,
): Promise<AwsCredential> => {
  const token = await readToken(tokenFile);
  if (token === undefined) {
    throw new EvercredError(
      "config-invalid",
      `The token file ${shown(tokenFile)} of ${name} cannot be read.`,
      { remedy: "See that whatever writes it runs, or correct web_identity_token_file." },
    );
  }
  const role = { roleArn, sessionName, durationMs, stsRegion };
  const renew = { remedy: `Have ${shown(tokenFile)} renewed by whatever writes it.` };
  return sts.assumeRoleWithToken(
    token,
    role,
    {
      refused: () =>
        new EvercredError("access-denied", `AWS does not let ${name} assume ${shown(roleArn)}.`, {
          remedy: "Ask whoever owns the role to trust the token's issuer and subject.",
        }),
      ended: () =>
        new EvercredError("sign-in-needed", `The web identity token of ${name} has ended.`, renew),
      token: () =>
        new EvercredError(
          "access-denied",
          `AWS does not accept the web identity token of ${name}.`,
          renew,
        ),
    },
    signal,
  );
};

const readToken = async (path: string): Promise<Secret | undefined> => {
  try {
    // Without O_NONBLOCK a pipe of that name would hold us for ever.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile() || stat.size > maxBytes) return undefined;
      const token = (await handle.readFile("utf8")).trim();
      return token === "" ? undefined : new Secret(token);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
};
