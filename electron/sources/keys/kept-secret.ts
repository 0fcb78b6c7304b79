import * as z from "zod";
import type { Grant } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { type Instant, instantOf } from "../../core/time.ts";

const savedForm = z.object({
  version: z.literal(1),
  boundTo: z.string().min(1),
  secret: z.string().min(1),
  enteredAt: z.number().int().nonnegative(),
});

type Saved = z.infer<typeof savedForm>;

/** The grant of a secret that somebody has entered. It is good until `endsAt`, which is not saved with it. */
export const grantOfSecret = (
  secret: string,
  boundTo: string,
  enteredAt: Instant,
  endsAt: Instant,
): Grant => grantOf({ version: 1, boundTo, secret, enteredAt }, endsAt);

/** The grant that was saved so, good until `endsAt`; undefined where it is not one that this version can read. */
export const restoreSecret = (saved: Secret, endsAt: Instant): Grant | undefined => {
  const read = readSaved(saved);
  return read && grantOf(read, endsAt);
};

/** The secret in such a grant. */
export const secretIn = ({ saved }: Grant): string | undefined => readSaved(saved)?.secret;

const grantOf = (saved: Saved, endsAt: Instant): Grant => ({
  saved: new Secret(JSON.stringify(saved)),
  boundTo: saved.boundTo,
  signedInAt: instantOf(saved.enteredAt),
  issuedAt: instantOf(saved.enteredAt),
  expiresAt: endsAt,
  renewable: false,
});

const readSaved = (saved: Secret): Saved | undefined => {
  try {
    return savedForm.safeParse(JSON.parse(saved.reveal())).data;
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
};
