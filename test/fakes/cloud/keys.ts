import type { Identity } from "./identity.ts";
import { opaque, spell } from "./opaque.ts";

/** Keys that were handed out. Instants in epoch ms of the provider's time. */
export interface IssuedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Empty: a user's long-lived keys. */
  readonly sessionToken: string;
  readonly identity: Identity;
  readonly accountId: string;
  /** Empty where they are no permission set's. */
  readonly roleName: string;
  readonly user: string;
  /** Empty where they are no organisation's. */
  readonly startUrl: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Whom and for how long keys are made. */
export interface KeyRequest {
  readonly identity: Identity;
  readonly accountId: string;
  readonly roleName: string;
  readonly user: string;
  readonly startUrl: string;
  readonly issuedAt: number;
  readonly lifetimeMs: number;
}

const keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** All keys ever issued; the token service looks callers up here. */
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

  /** Makes a user's long-lived keys known. */
  add(identity: Identity, accessKeyId: string, secretAccessKey: string): void {
    this.#keys.set(accessKeyId, {
      accessKeyId,
      secretAccessKey,
      sessionToken: "",
      identity,
      accountId: identity.accountId,
      roleName: "",
      user: "",
      startUrl: "",
      issuedAt: 0,
      expiresAt: Infinity,
    });
  }

  /** Forgets keys, as where their owner deletes them. */
  forget(accessKeyId: string): void {
    this.#keys.delete(accessKeyId);
  }

  /** The keys of this id, expired or not. */
  find(accessKeyId: string): IssuedKeys | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** All keys of one organisation, oldest first; of an empty start URL, those that are no organisation's. */
  of(startUrl: string): readonly IssuedKeys[] {
    return [...this.#keys.values()].filter((keys) => keys.startUrl === startUrl);
  }
}
