import { createHash, randomInt } from "node:crypto";
import { newRsaKey, readJwt } from "./jwt.ts";
import type { Claims } from "./jwt.ts";

/** A service account, with its one key. */
export interface ServiceAccount {
  readonly email: string;
  readonly uniqueId: string;
  readonly projectId: string;
  readonly keyId: string;
  readonly privateKey: string;
}

interface Held extends ServiceAccount {
  readonly publicKey: string;
  readonly members: Set<string>;
  isEnabled: boolean;
  hasKey: boolean;
}

/** What an assertion of a service account is, before its claims are judged. */
export type Asserted =
  | { readonly account: ServiceAccount; readonly claims: Claims }
  | "unreadable"
  | "unknown"
  | "badly signed";

/** All service accounts, and who may become whom. */
export class ServiceAccounts {
  readonly #accounts = new Map<string, Held>();

  /** Adds `NAME@PROJECT.iam.gserviceaccount.com`, with a key. */
  add(name: string, projectId: string): ServiceAccount {
    const { privateKey, publicKey } = newRsaKey();
    const email = `${name}@${projectId}.iam.gserviceaccount.com`;
    const account: Held = {
      email,
      uniqueId: `1${String(randomInt(1e9, 1e10))}${String(randomInt(1e9, 1e10))}`,
      projectId,
      keyId: createHash("sha1").update(publicKey).digest("hex"),
      privateKey,
      publicKey,
      members: new Set(),
      isEnabled: true,
      hasKey: true,
    };
    this.#accounts.set(email, account);
    return account;
  }

  /** The account of this address or number, if it is enabled. */
  find(name: string): ServiceAccount | undefined {
    const found = this.#accounts.get(name) ?? this.#byNumber(name);
    return found?.isEnabled === true ? found : undefined;
  }

  /** Disables or enables an account. */
  setEnabled(email: string, isEnabled: boolean): void {
    this.#get(email).isEnabled = isEnabled;
  }

  /** Deletes the key of an account. */
  deleteKey(email: string): void {
    this.#get(email).hasKey = false;
  }

  /** Lets a member (an address, or a principal of a pool) become this account. */
  allow(member: string, email: string): void {
    this.#get(email).members.add(member);
  }

  /** Takes that away again. */
  disallow(member: string, email: string): void {
    this.#get(email).members.delete(member);
  }

  /** Whether a member may become this account. */
  mayBecome(member: string, { email }: ServiceAccount): boolean {
    return this.#get(email).members.has(member);
  }

  /** Reads what an account signed. */
  read(assertion: string): Asserted {
    const jwt = readJwt(assertion);
    if (jwt === undefined) return "unreadable";
    const account = this.#accounts.get(String(jwt.claims["iss"]));
    if (account?.isEnabled !== true) return "unknown";
    const keyId = jwt.header["kid"] ?? account.keyId;
    if (!account.hasKey || keyId !== account.keyId || !jwt.isSignedBy(account.publicKey)) {
      return "badly signed";
    }
    return { account, claims: jwt.claims };
  }

  #byNumber(number: string): Held | undefined {
    return [...this.#accounts.values()].find(({ uniqueId }) => uniqueId === number);
  }

  #get(email: string): Held {
    const account = this.#accounts.get(email);
    if (account === undefined) throw new Error(`No service account: ${email}`);
    return account;
  }
}
