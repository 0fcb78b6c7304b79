import * as z from "zod";
import type { Grant } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { type Instant, instantOf } from "../../core/time.ts";
import { bindingOf } from "./definition.ts";
import { plainStartUrl } from "../../core/urls.ts";

const text = z.string().min(1);
const instant = z.number().int().nonnegative();

const registrationForm = z.object({
  clientId: text,
  clientSecret: text,
  expiresAt: instant,
  /** Empty where another tool registered, and did not say for what. */
  grantTypes: z.array(text),
  scopes: z.array(text),
  redirectUri: text.optional(),
  /** Where the provider has its sign-in page, if it has said so. */
  authorizeUrl: text.optional(),
});

const savedForm = z.object({
  version: z.literal(1),
  startUrl: text,
  region: text,
  scopes: z.array(text),
  signedInAt: instant,
  issuedAt: instant,
  expiresAt: instant,
  accessToken: text,
  refreshToken: text.optional(),
  registration: registrationForm.optional(),
});

/** What we are to the provider: a client that it has registered. Instants in epoch ms. */
export type Registration = z.infer<typeof registrationForm>;

/** All that a sign-in gave us, as the keychain keeps it. */
export type SavedGrant = z.infer<typeof savedForm>;

/** The tokens of one exchange. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** A grant of what is to be saved. It can be renewed where it has a refresh token and the client that got it. */
export const grantOf = (saved: SavedGrant): Grant => ({
  saved: new Secret(JSON.stringify(saved)),
  boundTo: bindingOf(plainStartUrl(saved.startUrl), saved.region, saved.scopes),
  signedInAt: instantOf(saved.signedInAt),
  issuedAt: instantOf(saved.issuedAt),
  expiresAt: instantOf(saved.expiresAt),
  renewable: saved.refreshToken !== undefined && saved.registration !== undefined,
  scopes: saved.scopes,
  ...(saved.registration !== undefined && {
    registeredUntil: instantOf(saved.registration.expiresAt),
  }),
});

/** What was saved; undefined where it is not a grant that this version can read. */
export const readGrant = (saved: Secret): SavedGrant | undefined => {
  try {
    return savedForm.safeParse(JSON.parse(saved.reveal())).data;
  } catch {
    return undefined;
  }
};
