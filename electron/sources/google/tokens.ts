import * as z from "zod";
import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { type Clock, instantOf, shifted } from "../../core/time.ts";
import { googleHosts, type GooglePorts } from "./ports.ts";

const text = z.string().min(1);
const instant = z.number().int().nonnegative();

const savedForm = z.object({
  version: z.literal(1),
  kind: z.enum(["google", "google-adc", "google-workforce"]),
  boundTo: text,
  clientId: text.optional(),
  clientSecret: text.optional(),
  refreshToken: text.optional(),
  accessToken: text.optional(),
  scopes: z.array(text),
  account: text.optional(),
  signedInAt: instant,
  issuedAt: instant,
  expiresAt: instant,
  /** The text of the file that it was found in. */
  file: text.optional(),
  /** Marks of the refresh tokens that it comes from, the first one first. */
  before: z.array(text).optional(),
});

/** All that a sign-in gave us. Instants in epoch ms. */
export type SavedTokens = z.infer<typeof savedForm>;

/** A grant of what is to be saved. It can be renewed where it has a refresh token. */
export const grantOf = (saved: SavedTokens): Grant => ({
  saved: new Secret(JSON.stringify(saved)),
  boundTo: saved.boundTo,
  signedInAt: instantOf(saved.signedInAt),
  issuedAt: instantOf(saved.issuedAt),
  expiresAt: instantOf(saved.expiresAt),
  renewable: saved.refreshToken !== undefined,
  scopes: saved.scopes,
  ...(saved.account !== undefined && { account: saved.account }),
});

/** What was saved; undefined where it is not a grant that this version can read. */
export const readGrant = (saved: Secret): SavedTokens | undefined => {
  try {
    return savedForm.safeParse(JSON.parse(saved.reveal())).data;
  } catch {
    return undefined;
  }
};

/** The grant that was saved of a source of this kind; undefined where it is another's, or cannot be read. */
export const restored = (saved: Secret, kind: SavedTokens["kind"]): Grant | undefined => {
  const read = readGrant(saved);
  return read?.kind === kind ? grantOf(read) : undefined;
};

/** What stands in a grant of this source. */
export const tokensIn = (grant: Grant, id: string): SavedTokens => {
  const saved = readGrant(grant.saved);
  if (saved === undefined) {
    throw new EvercredError("internal", `The grant is not one of ${id}.`);
  }
  return saved;
};

/** Google's clock, as far as its replies have told. */
export const googleClock = ({
  clock,
  providerTime,
}: Pick<GooglePorts, "clock" | "providerTime">): Clock =>
  shifted(clock, () => providerTime.offsetMs(googleHosts));
