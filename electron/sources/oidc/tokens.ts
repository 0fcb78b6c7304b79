import * as z from "zod";
import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { setBackMs } from "../../core/policy.ts";
import { Secret } from "../../core/secret.ts";
import { type Instant, instantOf, later, plus } from "../../core/time.ts";
import { jwtEndOf } from "../jwt.ts";

const text = z.string().min(1);
const instant = z.number().int().nonnegative();

const tokenForm = z.object({ token: text, issuedAt: instant, expiresAt: instant });

const tokensForm = z.object({
  access: tokenForm,
  /** What the access token is good for, as far as the issuer has said. */
  scopes: z.array(text),
  /** The last one that an exchange for the same has given: not each one does. */
  id: tokenForm.optional(),
});

const savedForm = z.object({
  version: z.literal(1),
  kind: z.literal("oidc"),
  boundTo: text,
  refreshToken: text.optional(),
  account: text.optional(),
  /** Whose the source's own access token is, where the issuer says so of such a one: not each is good for that. */
  subject: text.optional(),
  signedInAt: instant,
  issuedAt: instant,
  /** What the source itself asks for. */
  own: tokensForm,
  /** What keys ask for beside that, by the names of their asks. */
  others: z.record(text, tokensForm),
});

/** One token. Instants in epoch ms. */
export type SavedToken = z.infer<typeof tokenForm>;

/** What one exchange has given, and an identity token of one before it where it has given none. */
export type SavedTokens = z.infer<typeof tokensForm>;

/** All that a sign-in gave us. */
export type SavedGrant = z.infer<typeof savedForm>;

/** A token endpoint's reply (RFC 6749, 5.1), as the library has checked it. */
export interface TokenReply {
  readonly access_token: string;
  /** In seconds. */
  readonly expires_in?: number;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
}

/** How long an access token is taken to be good whose end nobody tells, in milliseconds. */
const usualLifeMs = 5 * 60_000;

/** Whatever an issuer says: a token of which it is said that it lasts longer is not renewed sooner for that. */
const longestLifeMs = 10 * 365 * 24 * 60 * 60_000;

/** The tokens in a reply of `issuedAt`, of which no scopes are said to be the `asked` ones (RFC 6749, 5.1). */
export const tokensOf = (
  reply: TokenReply,
  issuedAt: Instant,
  asked: readonly string[],
): SavedTokens => {
  const { access_token: access, expires_in: lifeS, id_token: id, scope } = reply;
  const end = lifeS === undefined ? jwtEndOf(access) : plus(issuedAt, lifeS * 1000);
  const tokenOf = (token: string, expiresAt: Instant): SavedToken => ({
    token,
    issuedAt,
    expiresAt: Math.floor(Math.min(Math.max(expiresAt, 0), issuedAt + longestLifeMs)),
  });
  return {
    access: tokenOf(access, end ?? plus(issuedAt, usualLifeMs)),
    scopes: scope === undefined ? [...asked] : scope.split(" ").filter((name) => name !== ""),
    ...(id !== undefined && { id: tokenOf(id, jwtEndOf(id) ?? plus(issuedAt, usualLifeMs)) }),
  };
};

/** A grant of what is to be saved. It can be renewed where it has a refresh token. */
export const grantOf = (saved: SavedGrant): Grant => ({
  saved: new Secret(JSON.stringify(saved)),
  boundTo: saved.boundTo,
  signedInAt: instantOf(saved.signedInAt),
  issuedAt: instantOf(saved.issuedAt),
  expiresAt: instantOf(saved.own.access.expiresAt),
  renewable: saved.refreshToken !== undefined,
  scopes: saved.own.scopes,
  ...(saved.account !== undefined && { account: saved.account }),
});

/** What was saved; undefined where it is not a grant that this version can read. */
export const readGrant = (saved: Secret): SavedGrant | undefined => {
  try {
    return savedForm.safeParse(JSON.parse(saved.reveal())).data;
  } catch {
    return undefined;
  }
};

/** What stands in a grant of this source. */
export const savedIn = (grant: Grant, id: string): SavedGrant => {
  const saved = readGrant(grant.saved);
  if (saved === undefined) {
    throw new EvercredError("internal", `The grant is not one of ${id}.`);
  }
  return saved;
};

/** The instant of an exchange at `now`: grants are told apart by it, also where no time has passed between two. */
export const exchangedAt = (saved: SavedGrant, now: Instant): Instant => {
  const next = instantOf(saved.issuedAt + 1);
  return next - now > setBackMs ? now : later(now, next);
};

/** What comes of an exchange for the source itself, or for what is `asked` beside that, by its name. */
export const renewedGrant = (
  saved: SavedGrant,
  reply: TokenReply,
  fresh: SavedTokens,
  asked: string | undefined,
  now: Instant,
): SavedGrant => {
  const over = (before: SavedTokens | undefined): SavedTokens => ({
    ...(before?.id !== undefined && { id: before.id }),
    ...fresh,
  });
  const good = Object.entries(saved.others).filter(([, { access }]) => access.expiresAt > now);
  const others = Object.fromEntries(good);
  return {
    ...saved,
    ...(reply.refresh_token !== undefined && { refreshToken: reply.refresh_token }),
    issuedAt: fresh.access.issuedAt,
    ...(asked === undefined
      ? { own: over(saved.own), others }
      : { others: { ...others, [asked]: over(saved.others[asked]) } }),
  };
};
