import type { AwsTools, NewProfile } from "../../electron/commands/ports.ts";
import type { AwsCredential } from "../../electron/core/credential.ts";
import type { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";

/** An organisation as it was asked to be written. */
type Organisation = Parameters<AwsTools["addOrganisation"]>[0];

/** Tools that remember what they were asked for. */
export class FakeAwsTools implements AwsTools {
  /** What every call fails with. */
  failure: EvercredError | undefined;
  readonly consoles: {
    readonly accessKeyId: string;
    readonly region: string | undefined;
    readonly destination: string | undefined;
  }[] = [];
  readonly bedrockKeys: {
    readonly accessKeyId: string;
    readonly region: string;
    readonly lifetimeMs: number;
  }[] = [];
  readonly organisations: Organisation[] = [];
  readonly profiles: { readonly source: string; readonly added: readonly NewProfile[] }[] = [];
  readonly #organisationAdded: (name: string) => Promise<void>;

  /** `organisationAdded` makes a source of an organisation that was written. */
  constructor(organisationAdded: (name: string) => Promise<void>) {
    this.#organisationAdded = organisationAdded;
  }

  async consoleUrl(
    { accessKeyId }: AwsCredential,
    where: { readonly region: string | undefined; readonly destination: string | undefined },
  ): Promise<Secret> {
    this.#mayFail();
    this.consoles.push({ accessKeyId, ...where });
    return new Secret(`https://console.example/?SigninToken=of-${accessKeyId}`);
  }

  async bedrockKey(
    { accessKeyId }: AwsCredential,
    region: string,
    lifetimeMs: number,
  ): Promise<Secret> {
    this.#mayFail();
    this.bedrockKeys.push({ accessKeyId, region, lifetimeMs });
    return new Secret(`bedrock-api-key-of-${accessKeyId}`);
  }

  settingsWithoutKeys(profile: string): string {
    this.#mayFail();
    return `[default]\n# settings of ${profile}\n`;
  }

  async addOrganisation(organisation: Organisation): Promise<string> {
    this.#mayFail();
    this.organisations.push(organisation);
    const name = organisation.name ?? "new";
    await this.#organisationAdded(name);
    return name;
  }

  async addProfiles(source: string, added: readonly NewProfile[]): Promise<void> {
    this.#mayFail();
    this.profiles.push({ source, added });
  }

  #mayFail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
