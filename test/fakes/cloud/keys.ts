import { opaque, spell } from "./opaque.ts";

/** Role credentials that were handed out. Instants in epoch ms of the provider's time. */
export interface IssuedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly accountId: string;
  readonly roleName: string;
  readonly user: string;
  readonly startUrl: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Whom and for how long keys are made. */
export interface KeyRequest {
  readonly accountId: string;
  readonly roleName: string;
  readonly user: string;
  readonly startUrl: string;
  readonly issuedAt: number;
  readonly lifetimeMs: number;
}

const keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** All role credentials ever issued; the token service looks callers up here. */
export class KeyRing {
  readonly #keys = new Map<string, IssuedKeys>();

  /** Makes new keys of the real ones' look and size. */
  issue(request: KeyRequest): IssuedKeys {
    const { lifetimeMs, ...subject } = request;
    const keys: IssuedKeys = {
      ...subject,
      accessKeyId: `ASIA${spell(keyAlphabet, 16)}`,
      secretAccessKey: opaque(40),
      sessionToken: `IQoJb3JpZ2luX2Vj${opaque(900)}`,
      // The real service gives whole seconds, written in milliseconds.
      expiresAt: Math.floor((request.issuedAt + lifetimeMs) / 1000) * 1000,
    };
    this.#keys.set(keys.accessKeyId, keys);
    return keys;
  }

  /** The keys of this id, expired or not. */
  find(accessKeyId: string): IssuedKeys | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** All keys of one organisation, oldest first. */
  of(startUrl: string): readonly IssuedKeys[] {
    return [...this.#keys.values()].filter((keys) => keys.startUrl === startUrl);
  }
}
