import type { Grant, TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../core/source.ts";
import type { Clock, Instant } from "../../core/time.ts";
import { type Asked, secretEntered } from "./entry.ts";
import { grantOfSecret, restoreSecret, secretIn } from "./kept-secret.ts";

/** A key that comes of a secret which somebody enters, and we keep. */
export interface EnteredKey {
  readonly name: string;
  readonly kind: "static-key" | "jwt-key";
  /** For people: what is made of the secret. */
  readonly title: string;
  readonly asked: Asked;
  /** A secret that is bound otherwise is of no use. */
  readonly boundTo: string;
  /** Names what is handed out: another one where it would be made in another way. */
  readonly offerKey: string;
  /** The end of the secret by the configuration's word. */
  readonly endsAt: Instant;
  /** How long before that end a person is asked, in milliseconds; left out where it has none. */
  readonly askBeforeMs?: number;
  /** What is kept of what was entered. Throws `usage` where that is not what is needed. */
  accept(entered: string): string;
  /** What is handed out. `grant` is the secret's. */
  issue(secret: string, grant: Grant): Promise<TokenCredential>;
}

/** A source whose sign-in is that a person enters a secret. Nobody else knows of it: it is kept, and used, here. */
export class EnteredKeySource implements Source {
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly keepsEnded = true;
  readonly shared = undefined;
  readonly directory = undefined;
  readonly id: SourceId;
  readonly kind: EnteredKey["kind"];
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly enteredBy: string;
  readonly askBeforeMs?: number;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly #key: EnteredKey;
  readonly #clock: Clock;

  constructor(key: EnteredKey, clock: Clock) {
    const { name, title, offerKey, askBeforeMs } = key;
    this.#key = key;
    this.#clock = clock;
    this.id = sourceIdOf(name);
    this.kind = key.kind;
    this.title = name;
    this.organisation = title;
    this.boundTo = key.boundTo;
    this.enteredBy = `evercred api-key set ${name}`;
    if (askBeforeMs !== undefined) this.askBeforeMs = askBeforeMs;
    this.offers = new Map([[targetOf("api-key", name), { key: offerKey, title }]]);
  }

  offsetMs(): number {
    return 0;
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const { name, asked, endsAt, boundTo } = this.#key;
    signal.throwIfAborted();
    if (this.#clock.now() >= endsAt) {
      const sentence = `By the configuration ${asked.what} has ended already.`;
      throw new EvercredError("config-invalid", sentence, {
        remedy: `Correct expiresAt of keys.${name}, then run: ${this.enteredBy}`,
      });
    }
    const entered = await secretEntered(asked, options.show.bind(options), this.#clock, signal);
    return grantOfSecret(this.#key.accept(entered), boundTo, this.#clock.now(), endsAt);
  }

  renew(): Promise<never> {
    return Promise.reject(new EvercredError("internal", `What ${this.id} has cannot be renewed.`));
  }

  async issue(grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    signal.throwIfAborted();
    if (key !== this.#key.offerKey) {
      throw new EvercredError("access-denied", `${this.id} has no such key.`);
    }
    const secret = grant.boundTo === this.boundTo ? secretIn(grant) : undefined;
    if (secret === undefined) {
      throw new EvercredError("internal", `The grant is not one of ${this.id}.`);
    }
    return this.#key.issue(secret, grant);
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Nobody knows whether it is still accepted. */
  probe(): Promise<void> {
    return Promise.resolve();
  }

  /** There is nobody to tell. */
  revoke(): Promise<void> {
    return Promise.resolve();
  }

  restore(saved: Secret): Grant | undefined {
    return restoreSecret(saved, this.#key.endsAt);
  }
}
