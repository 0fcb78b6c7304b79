import { join } from "node:path";
import { awsKeysOf, type Credential, type Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Directory,
  type Held,
  type Offer,
  type Reach,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../core/source.ts";
import { type Clock, shifted } from "../../core/time.ts";
import { plainStartUrl } from "../../core/urls.ts";
import { anyCredential } from "./any-credential.ts";
import { lastNameOf } from "./arn.ts";
import { assumedOffersOf, assumeRole, parentRefused } from "./assume-role.ts";
import { type BedrockKey, BedrockKeys } from "./bedrock-keys.ts";
import { codeWish, signInWithAwsCode } from "./code-flow.ts";
import { type AssumedRole, type AwsSsoDefinition, bindingOf, roleKeyOf } from "./definition.ts";
import { deviceWish, type FlowResult, signInWithDevice } from "./device-flow.ts";
import { grantOf, readGrant, type SavedGrant, type Tokens } from "./grant.ts";
import { Mirror } from "./mirror.ts";
import { type Connect, Oidc, type RegistrationWish } from "./oidc.ts";
import { pageHostsOf } from "./page-hosts.ts";
import { Portal } from "./portal.ts";
import { ReservablePlace, signInWithAwsProgram } from "./program-flow.ts";
import { programPathOf } from "../program.ts";
import { PortalDirectory } from "./portal-directory.ts";
import { type AwsPorts, usualTimeouts } from "./ports.ts";
import { reusableOf } from "./registration.ts";
import { Sts } from "./sts.ts";

export type { AwsPorts } from "./ports.ts";

/** Where the AWS tools keep sign-ins. No variable moves it. */
export const cacheFolderOf = (home: string): string => join(home, ".aws", "sso", "cache");

/** An IAM Identity Center organisation, as an sso-session or a legacy profile names it. */
export class AwsSsoSource implements Source {
  readonly kind = "aws-sso";
  readonly unattended = false;
  readonly hasDeviceFlow = true;
  readonly keptBy = undefined;
  readonly byProgram: boolean;
  readonly id: SourceId;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly reach: Reach;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: ReservablePlace;
  readonly directory: Directory;
  readonly #definition: AwsSsoDefinition;
  readonly #ports: AwsPorts;
  /** The provider's. */
  readonly #clock: Clock;
  readonly #oidc: Oidc;
  readonly #portal: Portal;
  readonly #sts: Sts;
  readonly #roles: ReadonlyMap<string, AssumedRole>;
  readonly #bedrock: BedrockKeys;

  constructor(definition: AwsSsoDefinition, ports: AwsPorts, keys: readonly BedrockKey[]) {
    const { id, aliases, title, startUrl, region, scopes, assumed } = definition;
    this.#definition = definition;
    this.#ports = ports;
    this.id = sourceIdOf(id);
    this.aliases = aliases;
    this.title = title;
    this.organisation = new URL(startUrl).host;
    this.boundTo = bindingOf(plainStartUrl(startUrl), region, scopes);
    this.reach = reachOf(definition);
    const profiles = offersOf(definition);
    this.#bedrock = new BedrockKeys(keys, profiles, ports.clock);
    this.offers = new Map([...profiles, ...this.#bedrock.offers]);
    this.#clock = shifted(ports.clock, () => this.offsetMs());
    const connect = connectorOf(region, ports);
    this.#oidc = new Oidc(definition, connect, this.#clock, ports.productName);
    this.#portal = new Portal(id, connect, this.#clock);
    this.#sts = new Sts(id, ports);
    this.#roles = new Map(assumed.map((role) => [role.key, role]));
    this.directory = new PortalDirectory(this.#portal, (grant) => this.#tokenOf(grant), {
      clock: this.#clock,
      random: ports.random ?? Math.random,
    });
    const mirror = new Mirror({
      definition,
      directory: cacheFolderOf(ports.home),
      writable: ports.mirror,
      clock: ports.clock,
      now: () => this.#clock.now(),
      log: ports.log,
    });
    this.shared = new ReservablePlace(mirror);
    this.byProgram = definition.program !== undefined;
  }

  /** What a program opens is its own matter. */
  pageHosts(): readonly string[] | undefined {
    const { startUrl, region } = this.#definition;
    return this.byProgram ? undefined : pageHostsOf(startUrl, region);
  }

  offsetMs(): number {
    return this.#ports.providerTime.offsetMs(this.#definition.region);
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const { flow, scopes, title, program } = this.#definition;
    if (program !== undefined) {
      const { clock } = this.#ports;
      return signInWithAwsProgram(
        { id: this.id, program, place: this.shared, clock },
        options,
        signal,
      );
    }
    const previous = options.previous && this.#read(options.previous);
    const context = (wish: RegistrationWish) => ({
      id: this.id,
      oidc: this.#oidc,
      clock: this.#clock,
      reusable: reusableOf(previous, wish, scopes, this.#clock.now()),
      show: options.show.bind(options),
    });
    if (flow === "code" && options.flow === "code") {
      const words = { product: this.#ports.productName, title };
      const result = await signInWithAwsCode({ ...context(codeWish), scopes, words }, signal);
      if (result !== undefined) return this.#grantOf(result);
    }
    return this.#grantOf(await signInWithDevice(context(deviceWish), signal));
  }

  async renew(grant: Grant, signal: AbortSignal): Promise<Grant> {
    const saved = this.#readOrThrow(grant);
    const { refreshToken, registration } = saved;
    if (refreshToken === undefined || registration === undefined) {
      throw new EvercredError("internal", `The grant of ${this.id} cannot be renewed.`);
    }
    const tokens = await this.#oidc.renew(registration, refreshToken, signal);
    // Where the reply brings no refresh token, the old one goes on being good.
    return grantOf({ ...saved, ...savedTokens(tokens) });
  }

  async issue(
    grant: Grant,
    key: string,
    signal: AbortSignal,
    other: (key: string, fresh: boolean) => Promise<Credential>,
  ): Promise<Credential> {
    const bedrock = this.#bedrock.issue(key, other);
    if (bedrock !== undefined) return bedrock;
    const role = this.#roles.get(key);
    if (role !== undefined) {
      const { parent } = role;
      if (parent === undefined) throw new EvercredError("internal", `${key} has no parent.`);
      const keys = async (fresh: boolean) => awsKeysOf(await other(parent, fresh));
      return assumeRole(this.#sts, role, keys, parentRefused(role), signal);
    }
    const [account = "", name = ""] = key.split(/\/(.*)/s);
    return this.#portal.roleCredential(this.#tokenOf(grant), account, name, signal);
  }

  async identify(
    grant: Grant,
    signal: AbortSignal,
    held: Held | undefined,
  ): Promise<string | undefined> {
    // A role that was assumed with another one's keys is nobody's: its name is ours.
    if (held !== undefined && this.#roles.has(held.key)) return undefined;
    try {
      const { profiles, region } = this.#definition;
      const keys =
        (held && awsKeysOf(held.credential)) ??
        (await anyCredential(this.#portal, this.#tokenOf(grant), profiles[0], signal));
      return lastNameOf(await this.#sts.callerArn(keys, region, signal));
    } catch {
      return undefined;
    }
  }

  async probe(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.#portal.probe(this.#tokenOf(grant), signal);
  }

  async revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.#portal.signOut(this.#tokenOf(grant), signal);
  }

  restore(saved: Secret): Grant | undefined {
    const read = readGrant(saved);
    return read && grantOf(read);
  }

  /** What is in a grant of this very place; another's client is of no use here. */
  #read(grant: Grant): SavedGrant | undefined {
    return grant.boundTo === this.boundTo ? readGrant(grant.saved) : undefined;
  }

  #tokenOf(grant: Grant): string {
    return this.#readOrThrow(grant).accessToken;
  }

  #readOrThrow(grant: Grant): SavedGrant {
    const saved = this.#read(grant);
    if (saved === undefined) {
      throw new EvercredError("internal", `The grant is not one of ${this.id}.`);
    }
    return saved;
  }

  #grantOf({ registration, tokens }: FlowResult): Grant {
    const { startUrl, region, scopes } = this.#definition;
    return grantOf({
      version: 1,
      startUrl,
      region,
      scopes: [...scopes],
      signedInAt: tokens.issuedAt,
      ...savedTokens(tokens),
      registration,
    });
  }
}

const reachOf = ({ startUrl, program }: AwsSsoDefinition): Reach => ({
  startUrl: plainStartUrl(startUrl),
  signInPrograms: () => (program === undefined ? [] : [programPathOf(program)]),
});

const offersOf = ({ title, profiles, assumed }: AwsSsoDefinition): ReadonlyMap<Target, Offer> => {
  const own = profiles.map((profile): [Target, Offer] => {
    const { name, account, role, region } = profile;
    const offer = { key: roleKeyOf(profile), title: `${role} in ${account}`, region, account };
    return [targetOf("aws", name), offer];
  });
  const names = new Map(profiles.map((profile) => [roleKeyOf(profile), profile.name]));
  return new Map([...own, ...assumedOffersOf(assumed, names, title)]);
};

const savedTokens = ({ accessToken, refreshToken, issuedAt, expiresAt }: Tokens) => ({
  accessToken,
  ...(refreshToken !== undefined && { refreshToken }),
  issuedAt,
  expiresAt,
});

/** Loads the SDK at the first request; later ones share it, and the clients. */
const connectorOf = (region: string, ports: AwsPorts): Connect => {
  const { agent, clock, providerTime, timeouts = usualTimeouts } = ports;
  const connect = async (): ReturnType<Connect> => {
    const sdk = await import("./sdk.ts");
    return { sdk, clients: sdk.connect(region, { agent, clock, providerTime, timeouts }) };
  };
  let connected: ReturnType<Connect> | undefined;
  return () => (connected ??= connect());
};
