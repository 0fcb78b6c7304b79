import type { Agent } from "node:https";
import { join } from "node:path";
import type { AwsCredential, Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type SharedPlace,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../core/source.ts";
import { type Clock, shifted } from "../../core/time.ts";
import { codeWish, signInWithCode } from "./code-flow.ts";
import { type AwsSsoDefinition, bindingOf } from "./definition.ts";
import { deviceWish, type FlowResult, signInWithDevice } from "./device-flow.ts";
import { grantOf, readGrant, type SavedGrant, type Tokens } from "./grant.ts";
import { Mirror } from "./mirror.ts";
import { type Connect, Oidc, type RegistrationWish } from "./oidc.ts";
import { Portal } from "./portal.ts";
import type { ProviderTime } from "./provider-time.ts";
import { reusableOf } from "./registration.ts";
import { plainStartUrl } from "./start-url.ts";
import type { Timeouts } from "./transport.ts";

/** What AWS sources need of the world. */
export interface AwsPorts {
  /** All requests go through it: proxy, certificates and keep-alive are its matter. */
  readonly agent: Agent;
  readonly clock: Clock;
  readonly log: Log;
  /** Under which `.aws/sso/cache` is. */
  readonly home: string;
  /** Whether we may write there. */
  readonly mirror: boolean;
  /** For the consent page, and the page at the end of a sign-in. */
  readonly productName: string;
  /** Outlives the sources: what is known of the providers' clocks is not learnt anew with each configuration. */
  readonly providerTime: ProviderTime;
  readonly timeouts?: Timeouts;
}

/** Where the AWS tools keep sign-ins. No variable moves it. */
export const cacheFolderOf = (home: string): string => join(home, ".aws", "sso", "cache");

const usualTimeouts: Timeouts = { connectMs: 10_000, requestMs: 20_000 };

/** An IAM Identity Center organisation, as an sso-session or a legacy profile names it. */
export class AwsSsoSource implements Source {
  readonly kind = "aws-sso";
  readonly unattended = false;
  readonly directory = undefined;
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace;
  readonly #definition: AwsSsoDefinition;
  readonly #ports: AwsPorts;
  /** The provider's. */
  readonly #clock: Clock;
  readonly #oidc: Oidc;
  readonly #portal: Portal;

  constructor(definition: AwsSsoDefinition, ports: AwsPorts) {
    const { id, title, startUrl, region, scopes } = definition;
    this.#definition = definition;
    this.#ports = ports;
    this.id = sourceIdOf(id);
    this.title = title;
    this.organisation = new URL(startUrl).host;
    this.boundTo = bindingOf(plainStartUrl(startUrl), region, scopes);
    this.offers = offersOf(definition);
    this.#clock = shifted(ports.clock, () => this.offsetMs());
    const connect = connectorOf(region, ports);
    this.#oidc = new Oidc(definition, connect, this.#clock, ports.productName);
    this.#portal = new Portal(id, connect, this.#clock);
    this.shared = new Mirror({
      definition,
      directory: cacheFolderOf(ports.home),
      writable: ports.mirror,
      clock: ports.clock,
      now: () => this.#clock.now(),
      log: ports.log,
    });
  }

  offsetMs(): number {
    return this.#ports.providerTime.offsetMs(this.#definition.region);
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const { flow, scopes, title } = this.#definition;
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
      const result = await signInWithCode({ ...context(codeWish), scopes, words }, signal);
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

  async issue(grant: Grant, key: string, signal: AbortSignal): Promise<AwsCredential> {
    const { accessToken } = this.#readOrThrow(grant);
    const [account = "", role = ""] = key.split(/\/(.*)/s);
    return this.#portal.roleCredential(accessToken, account, role, signal);
  }

  identify(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  async probe(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.#portal.probe(this.#readOrThrow(grant).accessToken, signal);
  }

  async revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.#portal.signOut(this.#readOrThrow(grant).accessToken, signal);
  }

  restore(saved: Secret): Grant | undefined {
    const read = readGrant(saved);
    return read && grantOf(read);
  }

  /** What is in a grant of this very place; another's client is of no use here. */
  #read(grant: Grant): SavedGrant | undefined {
    return grant.boundTo === this.boundTo ? readGrant(grant.saved) : undefined;
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

const offersOf = ({ profiles }: AwsSsoDefinition): ReadonlyMap<Target, Offer> =>
  new Map(
    profiles.map(({ name, account, role }) => [
      targetOf("aws", name),
      { key: `${account}/${role}`, title: `${role} in ${account}` },
    ]),
  );

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
