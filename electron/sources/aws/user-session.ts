import * as z from "zod";
import type { AwsCredential, Grant } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { instantOf } from "../../core/time.ts";

const text = z.string().min(1);
const instant = z.number().int().nonnegative();

const savedForm = z.object({
  version: z.literal(1),
  boundTo: text,
  accountId: text.optional(),
  accessKeyId: text,
  secretAccessKey: text,
  sessionToken: text,
  issuedAt: instant,
  expiresAt: instant,
});

type SavedSession = z.infer<typeof savedForm>;

/** What ties the session of a user's keys and device to them: other keys, or another device, have no use for it. */
export const sessionBindingOf = (accessKeyId: string, serial: string): string =>
  JSON.stringify(["mfa", accessKeyId, serial]);

/** A grant of the session that a code has opened. Nothing prolongs it but another code. */
export const sessionGrantOf = (credential: AwsCredential, boundTo: string): Grant => {
  const { accountId, accessKeyId, secretAccessKey, sessionToken, issuedAt, expiresAt } = credential;
  return grantOf({
    version: 1,
    boundTo,
    ...(accountId !== undefined && { accountId }),
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken.reveal(),
    issuedAt,
    expiresAt,
  });
};

/** The grant that was saved so; undefined where it is not one that this version can read. */
export const restoreSession = (saved: Secret): Grant | undefined => {
  const read = readSaved(saved);
  return read && grantOf(read);
};

/** The keys in such a grant. */
export const sessionIn = (grant: Grant): AwsCredential | undefined => {
  const read = readSaved(grant.saved);
  return (
    read && {
      kind: "aws",
      accountId: read.accountId,
      accessKeyId: read.accessKeyId,
      secretAccessKey: new Secret(read.secretAccessKey),
      sessionToken: new Secret(read.sessionToken),
      issuedAt: instantOf(read.issuedAt),
      expiresAt: instantOf(read.expiresAt),
    }
  );
};

const grantOf = (saved: SavedSession): Grant => ({
  saved: new Secret(JSON.stringify(saved)),
  boundTo: saved.boundTo,
  signedInAt: instantOf(saved.issuedAt),
  issuedAt: instantOf(saved.issuedAt),
  expiresAt: instantOf(saved.expiresAt),
  renewable: false,
});

const readSaved = (saved: Secret): SavedSession | undefined => {
  try {
    return savedForm.safeParse(JSON.parse(saved.reveal())).data;
  } catch {
    return undefined;
  }
};
