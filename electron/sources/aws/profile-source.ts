import {
  type AwsCredential,
  awsKeysOf,
  type Credential,
  type Grant,
} from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type Reach,
  type SharedPlace,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../core/source.ts";
import { type Clock, shifted } from "../../core/time.ts";
import { accountOf, lastNameOf } from "./arn.ts";
import { assumedOffersOf, assumeRole, parentRefused } from "./assume-role.ts";
import type { AwsKeys } from "./aws-keys.ts";
import { type BedrockKey, BedrockKeys } from "./bedrock-keys.ts";
import type { AssumedRole, AwsProfileDefinition } from "./definition.ts";
import { foundPlace } from "../found-place.ts";
import { signInWithCodeOf } from "./mfa-flow.ts";
import type { AwsPorts } from "./ports.ts";
import { Root, rootBindingOf } from "./profile-root.ts";
import { keysRefused } from "./session-token.ts";
import { Sts } from "./sts.ts";
import { restoreSession, sessionBindingOf, sessionGrantOf, sessionIn } from "./user-session.ts";

/** The key of what the root itself has. No role's key is like it: those are ARNs. */
const ownKey = "own";

/** A profile with keys of its own, of whatever kind, and the roles that are assumed with them. */
export class AwsProfileSource implements Source {
  readonly kind = "aws-profile";
  readonly directory = undefined;
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly reach: Reach;
  readonly unattended: boolean;
  readonly keptBy: string | undefined;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace | undefined;
  readonly #definition: AwsProfileDefinition;
  readonly #ports: AwsPorts;
  /** The provider's. */
  readonly #clock: Clock;
  readonly #sts: Sts;
  readonly #root: Root;
  readonly #roles: ReadonlyMap<string, AssumedRole>;
  readonly #bedrock: BedrockKeys;

  constructor(definition: AwsProfileDefinition, ports: AwsPorts, keys: readonly BedrockKey[]) {
    const { id, title, root, mfaSerial, profiles, assumed } = definition;
    this.#definition = definition;
    this.#ports = ports;
    this.#clock = shifted(ports.clock, () => this.offsetMs());
    this.#sts = new Sts(id, ports);
    this.#root = new Root(definition, this.#sts, this.#clock);
    this.#roles = new Map(assumed.map((role) => [role.key, role]));
    this.id = sourceIdOf(id);
    this.title = title;
    this.reach = { programs: () => this.#root.programs };
    this.organisation = this.#root.offer;
    this.unattended = mfaSerial === undefined;
    this.keptBy = this.unattended ? "the AWS configuration" : undefined;
    this.boundTo =
      root.kind === "keys" && mfaSerial !== undefined
        ? sessionBindingOf(root.accessKeyId, mfaSerial)
        : rootBindingOf(root);
    this.shared = this.unattended ? foundPlace(this.boundTo, () => this.#clock.now()) : undefined;
    const own = profiles.map(({ name, region }): [Target, Offer] => [
      targetOf("aws", name),
      { key: ownKey, title: this.#root.offer, region, account: this.#root.account },
    ]);
    const all = new Map([...own, ...assumedOffersOf(assumed, new Map(), title)]);
    this.#bedrock = new BedrockKeys(keys, all, ports.clock);
    this.offers = new Map([...all, ...this.#bedrock.offers]);
  }

  offsetMs(): number {
    return this.#ports.providerTime.offsetMs(this.#definition.stsRegion);
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const { root, mfaSerial, stsRegion } = this.#definition;
    if (root.kind !== "keys" || mfaSerial === undefined) {
      throw new EvercredError("usage", `${this.title} needs no sign-in.`);
    }
    const session = await signInWithCodeOf(
      {
        sts: this.#sts,
        clock: this.#clock,
        whose: this.#root.keys,
        keys: root,
        serial: mfaSerial,
        region: stsRegion,
        show: options.show.bind(options),
      },
      signal,
    );
    return sessionGrantOf(session, this.boundTo);
  }

  renew(): Promise<Grant> {
    return Promise.reject(new EvercredError("internal", `What ${this.id} has cannot be renewed.`));
  }

  async issue(
    grant: Grant,
    key: string,
    signal: AbortSignal,
    other: (key: string, fresh: boolean) => Promise<Credential>,
  ): Promise<Credential> {
    signal.throwIfAborted();
    const bedrock = this.#bedrock.issue(key, other);
    if (bedrock !== undefined) return bedrock;
    const role = this.#roles.get(key);
    if (role !== undefined) return this.#assume(grant, role, signal, other);
    if (key !== ownKey) throw new EvercredError("access-denied", `${this.id} has no such role.`);
    return this.unattended ? this.#root.credential(signal) : this.#sessionOf(grant);
  }

  async identify(grant: Grant, signal: AbortSignal): Promise<string | undefined> {
    if (this.unattended) return undefined;
    try {
      const arn = await this.#sts.callerArn(
        this.#sessionOf(grant),
        this.#definition.stsRegion,
        signal,
      );
      return lastNameOf(arn);
    } catch {
      return undefined;
    }
  }

  async accountOf(keys: AwsCredential, signal: AbortSignal): Promise<string | undefined> {
    const { stsRegion } = this.#definition;
    return accountOf(await this.#sts.callerArn(keys, stsRegion, signal));
  }

  async probe(grant: Grant, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.unattended) return;
    await this.#sts.callerArn(this.#sessionOf(grant), this.#definition.stsRegion, signal);
  }

  /** AWS ends no session of keys before its time. */
  revoke(): Promise<void> {
    return Promise.resolve();
  }

  restore(saved: Secret): Grant | undefined {
    return restoreSession(saved);
  }

  #assume(
    grant: Grant,
    role: AssumedRole,
    signal: AbortSignal,
    other: (key: string, fresh: boolean) => Promise<Credential>,
  ): Promise<AwsCredential> {
    const first = async (fresh: boolean): Promise<AwsKeys> =>
      this.unattended
        ? ((await this.#root.near(signal)) ?? awsKeysOf(await other(ownKey, fresh)))
        : this.#sessionOf(grant);
    const { parent } = role;
    if (parent !== undefined) {
      const keys = async (fresh: boolean) => awsKeysOf(await other(parent, fresh));
      return assumeRole(this.#sts, role, keys, parentRefused(role), signal);
    }
    return assumeRole(this.#sts, role, first, (cause) => this.#refused(cause), signal);
  }

  /** What it means that AWS does not accept what we start from: new keys help, or a new code. */
  #refused(cause: unknown): EvercredError {
    if (this.unattended) return keysRefused(this.#root.keys, cause);
    const sentence = `AWS no longer accepts the session of ${this.id}.`;
    return new EvercredError("token-rejected", sentence, { cause });
  }

  #sessionOf(grant: Grant): AwsCredential {
    const session = grant.boundTo === this.boundTo ? sessionIn(grant) : undefined;
    if (session === undefined) {
      throw new EvercredError("internal", `The grant is not one of ${this.id}.`);
    }
    return session;
  }
}
