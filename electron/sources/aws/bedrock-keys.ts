import { awsKeysOf, type Credential, type TokenCredential } from "../../core/credential.ts";
import { type Offer, type Target, targetOf } from "../../core/source.ts";
import type { Clock } from "../../core/time.ts";
import { bedrockKeyOf } from "./bedrock-key.ts";

/** A Bedrock key that is handed out under a name of its own. */
export interface BedrockKey {
  readonly name: string;
  /** The profile whose keys it is made of. */
  readonly profile: string;
  readonly region: string;
  /** The most that it is to be good. */
  readonly lifetimeMs: number;
}

/** The Bedrock keys that a source makes of its profiles' keys. */
export class BedrockKeys {
  readonly offers: readonly (readonly [Target, Offer])[];
  readonly #clock: Clock;
  /** By the key of their offer, with that of the keys that they are made of. */
  readonly #made: ReadonlyMap<string, BedrockKey & { readonly parent: string }>;

  /** `profiles`: what else the source offers. `clock` is this computer's: by that one they are dated. */
  constructor(keys: readonly BedrockKey[], profiles: ReadonlyMap<Target, Offer>, clock: Clock) {
    const made = keys.flatMap((each) => {
      const { profile, region, lifetimeMs } = each;
      const offer = profiles.get(targetOf("aws", profile));
      if (offer === undefined) return [];
      const { key: parent, account } = offer;
      const key = JSON.stringify(["bedrock", parent, region, lifetimeMs]);
      return [[key, { ...each, parent, account }] as const];
    });
    this.#clock = clock;
    this.#made = new Map(made);
    this.offers = made.map(([key, { name, profile, region, account }]) => [
      targetOf("api-key", name),
      {
        key,
        title: `Bedrock key of ${profile} in ${region}`,
        region,
        account,
        keyKind: "aws-bedrock",
      },
    ]);
  }

  /** What `key` names; undefined where that is no Bedrock key. Rejects as `other` and `bedrockKeyOf` do. */
  issue(
    key: string,
    other: (key: string, fresh: boolean) => Promise<Credential>,
  ): Promise<TokenCredential> | undefined {
    const made = this.#made.get(key);
    return made && this.#make(made, other);
  }

  async #make(
    { parent, region, lifetimeMs }: BedrockKey & { readonly parent: string },
    other: (key: string, fresh: boolean) => Promise<Credential>,
  ): Promise<TokenCredential> {
    const keys = awsKeysOf(await other(parent, false));
    return bedrockKeyOf(keys, region, lifetimeMs, this.#clock.now());
  }
}
