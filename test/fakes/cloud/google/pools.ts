import { opaque } from "../opaque.ts";

/** How a pool of outside identities is set up. */
export interface PoolOptions {
  /** `workforce`: people; `workload`: programs. Left out: `workforce`. */
  readonly kind?: "workforce" | "workload";
  readonly id?: string;
  readonly provider?: string;
  /** Who can sign in to a workforce pool; left out: `dev@example.com`. */
  readonly users?: readonly string[];
  /** How long a person's sign-in lasts; left out: until somebody ends it. */
  readonly sessionMs?: number;
  /** Whether each renewal gives a new refresh token, and a spent one ends the sign-in. Left out: `never`. */
  readonly rotation?: "never" | "always";
}

/** A pool with its one provider. */
export interface Pool {
  readonly kind: "workforce" | "workload";
  readonly id: string;
  /** `//iam.googleapis.com/…`: what tokens are exchanged for. */
  readonly audience: string;
  /** The same without the host, as the sign-in page takes it. */
  readonly providerName: string;
  readonly users: readonly string[];
  readonly sessionMs: number;
  readonly rotation: "never" | "always";
}

/** What an outside issuer said about somebody. */
export interface SubjectToken {
  readonly pool: Pool;
  readonly subject: string;
  readonly type: string;
  readonly endsAt: number;
}

/** Types of tokens (RFC 8693), and that of a signed request to AWS. */
export const tokenTypes = {
  accessToken: "urn:ietf:params:oauth:token-type:access_token",
  jwt: "urn:ietf:params:oauth:token-type:jwt",
  idToken: "urn:ietf:params:oauth:token-type:id_token",
  saml2: "urn:ietf:params:oauth:token-type:saml2",
} as const;

/** All pools, and the tokens of their issuers. */
export class Pools {
  readonly #pools: Pool[] = [];
  readonly #tokens = new Map<string, SubjectToken>();

  /** Adds a pool. */
  add(options: PoolOptions): Pool {
    const kind = options.kind ?? "workforce";
    const id = options.id ?? `${kind}-pool`;
    const place =
      kind === "workforce"
        ? `locations/global/workforcePools/${id}`
        : `projects/123456789012/locations/global/workloadIdentityPools/${id}`;
    const providerName = `${place}/providers/${options.provider ?? "provider"}`;
    const pool: Pool = {
      kind,
      id,
      audience: `//iam.googleapis.com/${providerName}`,
      providerName,
      users: options.users ?? ["dev@example.com"],
      sessionMs: options.sessionMs ?? Infinity,
      rotation: options.rotation ?? "never",
    };
    this.#pools.push(pool);
    return pool;
  }

  /** The pool of this audience. */
  ofAudience(audience: string): Pool | undefined {
    return this.#pools.find((pool) => pool.audience === audience);
  }

  /** The workforce pool of this provider. */
  ofProvider(providerName: string): Pool | undefined {
    return this.#pools.find(
      (pool) => pool.kind === "workforce" && pool.providerName === providerName,
    );
  }

  /** A new token of a pool's issuer. */
  issueToken(token: SubjectToken): string {
    const text = `${opaque(36)}.${opaque(300)}.${opaque(86)}`;
    this.#tokens.set(text, token);
    return text;
  }

  /** What a token says. */
  token(text: string): SubjectToken | undefined {
    return this.#tokens.get(text);
  }
}

/** The name of a pool's subject, as policies have it. */
export function principalOf(pool: Pool, subject: string): string {
  const place = pool.audience.split("/providers/")[0] ?? "";
  return `principal:${place}/subject/${subject}`;
}
