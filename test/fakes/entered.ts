import type { Credential, Grant } from "../../electron/core/credential.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import {
  type Offer,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../electron/core/source.ts";
import { type Clock, type Instant, instantOf, never, plus } from "../../electron/core/time.ts";

/** What of an entered secret's source a configuration may change. */
export interface EnteredParts {
  /** When the secret ends. */
  readonly endsAt?: Instant;
  readonly askBeforeMs?: number;
  /** Left out: `litellm`. */
  readonly id?: string;
  /** Whether it is a private key: then nothing else is taken. */
  readonly isPrivateKey?: boolean;
}

/** A source whose sign-in is a secret that a person enters, and which hands out just that. */
export class EnteredSource implements Source {
  readonly id: SourceId;
  readonly kind: "static-key" | "jwt-key";
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly enteredBy: string;
  readonly keepsEnded = true;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo = "entered";
  readonly shared = undefined;
  readonly directory = undefined;
  readonly askBeforeMs: number;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly #clock: Clock;
  readonly #endsAt: Instant;
  readonly #isPrivateKey: boolean;

  constructor(clock: Clock, parts: EnteredParts = {}) {
    const { endsAt = never, askBeforeMs = 0, id = "litellm", isPrivateKey = false } = parts;
    this.#clock = clock;
    this.#endsAt = endsAt;
    this.#isPrivateKey = isPrivateKey;
    this.askBeforeMs = askBeforeMs;
    this.id = sourceIdOf(id);
    this.kind = isPrivateKey ? "jwt-key" : "static-key";
    this.enteredBy = `evercred api-key set ${id}`;
    this.title = id;
    this.organisation = id;
    this.offers = new Map([[targetOf("api-key", id), { key: "key", title: id }]]);
  }

  offsetMs(): number {
    return 0;
  }

  async signIn({ show }: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const endsAt = plus(this.#clock.now(), 60_000);
    const secret = await new Promise<Secret>((resolve, reject) => {
      let isOpen = true;
      signal.addEventListener("abort", () => {
        isOpen = false;
        reject(signal.reason as Error);
      });
      const submit = (entered: Secret): boolean => {
        const counts = isOpen;
        isOpen = false;
        resolve(entered);
        return counts;
      };
      const what = `the key of ${this.id}`;
      show({ flow: "secret", what, hasLines: this.#isPrivateKey, endsAt, submit });
    });
    if (this.#isPrivateKey && !secret.reveal().startsWith("-----BEGIN PRIVATE KEY-----\n")) {
      throw new EvercredError("usage", "That is no private key.");
    }
    return this.#grant(secret.reveal(), this.#clock.now());
  }

  renew(): Promise<never> {
    return Promise.reject(new Error("Nothing can be renewed here."));
  }

  issue(grant: Grant): Promise<Credential> {
    const { token } = entered(grant.saved);
    const { issuedAt, expiresAt } = grant;
    return Promise.resolve({
      kind: "token",
      token: new Secret(token),
      scopes: [],
      issuedAt,
      expiresAt,
    });
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  revoke(): Promise<void> {
    return Promise.resolve();
  }

  restore(saved: Secret): Grant {
    const { at, token } = entered(saved);
    return this.#grant(token, at);
  }

  #grant(token: string, at: Instant): Grant {
    return {
      saved: new Secret(`${String(at)} ${token}`),
      boundTo: this.boundTo,
      signedInAt: at,
      issuedAt: at,
      expiresAt: this.#endsAt,
      renewable: false,
    };
  }
}

/** What a grant holds: when it was entered, and what. */
const entered = (saved: Secret): { readonly at: Instant; readonly token: string } => {
  const text = saved.reveal();
  const at = text.indexOf(" ");
  return { at: instantOf(Number(text.slice(0, at))), token: text.slice(at + 1) };
};
