import { createHmac } from "node:crypto";
import type { Clock } from "./clock.ts";
import { userIdentity } from "./identity.ts";
import type { Identity } from "./identity.ts";
import type { KeyRing } from "./keys.ts";
import { opaqueJwt } from "./opaque.ts";

/** A user with long-lived keys. */
export interface UserOptions {
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The serial number of the user's device. */
  readonly mfaSerial?: string;
  /** False: a policy forbids GetSessionToken. */
  readonly mayOpenSession?: boolean;
}

/** A role, and who may assume it. */
export interface RoleOptions {
  readonly arn: string;
  /** ARNs of principals with `*` for anything, account numbers for everybody there, or subjects of web tokens. */
  readonly trust: readonly string[];
  readonly externalId?: string;
  readonly needsMfa?: boolean;
  /** The longest session; left out: an hour. */
  readonly maxSessionMs?: number;
}

/** What IAM holds at the start. */
export interface IamOptions {
  readonly users?: readonly UserOptions[];
  readonly roles?: readonly RoleOptions[];
}

/** An answer that the token service gives to everything. */
export interface Trouble {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

interface WebToken {
  readonly subject: string;
  readonly endsAt: number;
}

const codeMs = 30_000;

/** The users and roles of all accounts, with what their administrators can do to them while the cloud runs. */
export class Iam {
  /** While set, the token service has nothing else to say. */
  trouble: Trouble | undefined;
  /** Whether a request that was signed over five minutes ago or ahead is refused. Off, since tests move only this clock. */
  checksTime = false;
  readonly #clock: Clock;
  readonly #users: ReadonlyMap<string, UserOptions>;
  readonly #roles = new Map<string, RoleOptions>();
  readonly #tokens = new Map<string, WebToken>();
  readonly #lastCodes = new Map<string, number>();

  constructor({ users = [], roles = [] }: IamOptions, clock: Clock, keyRing: KeyRing) {
    this.#clock = clock;
    this.#users = new Map(users.map((user) => [user.arn, user]));
    for (const { arn, accessKeyId, secretAccessKey } of users) {
      keyRing.add(userIdentity(arn), accessKeyId, secretAccessKey);
    }
    for (const role of roles) this.setRole(role);
  }

  /** Adds a role, or changes it. */
  setRole(role: RoleOptions): void {
    this.#roles.set(role.arn, role);
  }

  /** The user of this ARN. */
  user(arn: string): UserOptions | undefined {
    return this.#users.get(arn);
  }

  /** The role of this ARN. */
  role(arn: string): RoleOptions | undefined {
    return this.#roles.get(arn);
  }

  /** What the device shows, or will show once the code that it shows is used up. */
  code(serial: string): string {
    return codeAt(serial, Math.max(this.#window(), (this.#lastCodes.get(serial) ?? -1) + 1));
  }

  /** Takes a code of a user's device: each once, a little early or late. */
  useCode({ mfaSerial }: UserOptions, serial: string, code: string): boolean {
    if (mfaSerial !== serial) return false;
    const now = this.#window();
    const last = this.#lastCodes.get(serial) ?? -1;
    const used = [now - 1, now, now + 1].find((at) => at > last && codeAt(serial, at) === code);
    if (used === undefined) return false;
    this.#lastCodes.set(serial, used);
    return true;
  }

  /** A token of an issuer that AWS trusts. */
  issueToken(subject: string, lifetimeMs: number): string {
    const token = opaqueJwt();
    this.#tokens.set(token, { subject, endsAt: this.#clock.now() + lifetimeMs });
    return token;
  }

  /** What is known of such a token. */
  token(text: string): WebToken | undefined {
    return this.#tokens.get(text);
  }

  #window(): number {
    return Math.floor(this.#clock.now() / codeMs);
  }
}

function codeAt(serial: string, window: number): string {
  const hash = createHmac("sha1", serial).update(String(window)).digest();
  return String(hash.readUInt32BE(0) % 1_000_000).padStart(6, "0");
}

/** Whether a role's trust policy names whoever asks. */
export function trusts(role: RoleOptions, { principal, accountId }: Identity): boolean {
  return role.trust.some((entry) => {
    const form = entry.split("*").map(quoted).join(".*");
    return entry === accountId || new RegExp(`^${form}$`).test(principal);
  });
}

function quoted(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
