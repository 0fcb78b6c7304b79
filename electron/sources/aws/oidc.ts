import { EvercredError } from "../../core/errors.ts";
import { type Clock, plus } from "../../core/time.ts";
import type { Registration, Tokens } from "./grant.ts";
import { type Asked, type Moment, oidcErrorOf, oidcFailureOf } from "./oidc-errors.ts";
import { isText } from "./replies.ts";
import type { Clients } from "./sdk.ts";
import { urlOf } from "../../core/urls.ts";

type Sdk = typeof import("./sdk.ts");

/** The SDK, loaded, and clients for the region. */
export type Connect = () => Promise<{ readonly sdk: Sdk; readonly clients: Clients }>;

/**
 * What we want to be registered for. Without a redirect address the grant types are not sent: the AWS
 * CLI registers so for the device flow, and the service then allows it and renewals.
 */
export interface RegistrationWish {
  readonly grantTypes: readonly string[];
  readonly redirectUri: string | undefined;
}

/** A device flow that waits for its person. */
export interface DeviceRequest {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly url: string;
  readonly expiresInMs: number;
  readonly intervalMs: number;
}

/** No count of seconds in a reply, epoch or duration, is larger (the year 2286); milliseconds would be. */
const mostSeconds = 1e10;

/** The OIDC service of one organisation's region (service model sso-oidc 2019-06-10). Every failure is an EvercredError. */
export class Oidc {
  readonly #asked: Asked;
  readonly #connect: Connect;
  readonly #clock: Clock;
  readonly #clientName: string;

  /** `clock` is the provider's. */
  constructor(asked: Asked, connect: Connect, clock: Clock, clientName: string) {
    this.#asked = asked;
    this.#connect = connect;
    this.#clock = clock;
    this.#clientName = clientName;
  }

  /** Undefined where the provider does not do what is wished; only then is another flow worth trying. */
  async register(wish: RegistrationWish, signal: AbortSignal): Promise<Registration | undefined> {
    const { scopes, startUrl } = this.#asked;
    const { sdk, clients } = await this.#connect();
    const { grantTypes, redirectUri } = wish;
    const command = new sdk.RegisterClientCommand({
      clientName: this.#clientName,
      clientType: "public",
      ...(scopes.length > 0 && { scopes: [...scopes] }),
      ...(redirectUri !== undefined && {
        grantTypes: [...grantTypes],
        redirectUris: [redirectUri],
        issuerUrl: startUrl,
      }),
    });
    let reply;
    try {
      reply = await clients.oidc.send(command, { abortSignal: signal });
    } catch (thrown) {
      const failure = oidcFailureOf(thrown);
      if (failure === "invalid_redirect_uri" || failure === "unsupported_grant_type") {
        return undefined;
      }
      throw this.#errorOf(thrown, "register", signal);
    }
    return {
      clientId: this.#text(reply.clientId),
      clientSecret: this.#text(reply.clientSecret),
      expiresAt: this.#seconds(reply.clientSecretExpiresAt) * 1000,
      grantTypes: [...grantTypes],
      scopes: [...scopes],
      ...(redirectUri !== undefined && { redirectUri }),
      ...(reply.authorizationEndpoint !== undefined && {
        authorizeUrl: this.#page(reply.authorizationEndpoint),
      }),
    };
  }

  /** Where the sign-in page is, unless the registration names another. */
  async authorizeUrl(): Promise<string> {
    const { clients } = await this.#connect();
    return new URL("/authorize", clients.oidcUrl).href;
  }

  async startDevice(registration: Registration, signal: AbortSignal): Promise<DeviceRequest> {
    const { sdk, clients } = await this.#connect();
    const { clientId, clientSecret } = registration;
    const { startUrl } = this.#asked;
    const command = new sdk.StartDeviceAuthorizationCommand({ clientId, clientSecret, startUrl });
    try {
      const reply = await clients.oidc.send(command, { abortSignal: signal });
      return {
        deviceCode: this.#text(reply.deviceCode),
        userCode: this.#text(reply.userCode),
        url: this.#page(reply.verificationUriComplete ?? reply.verificationUri),
        expiresInMs: this.#seconds(reply.expiresIn) * 1000,
        intervalMs: intervalOf(reply.interval),
      };
    } catch (thrown) {
      throw this.#errorOf(thrown, "device", signal);
    }
  }

  /** Asks once whether the person has answered. */
  async poll(
    registration: Registration,
    deviceCode: string,
    signal: AbortSignal,
  ): Promise<Tokens | "pending" | "slow-down"> {
    const grantType = "urn:ietf:params:oauth:grant-type:device_code";
    try {
      return await this.#exchange(registration, { grantType, deviceCode }, signal);
    } catch (thrown) {
      const failure = oidcFailureOf(thrown);
      if (failure === "authorization_pending") return "pending";
      if (failure === "slow_down") return "slow-down";
      throw this.#errorOf(thrown, "poll", signal);
    }
  }

  async redeem(
    registration: Registration,
    redirect: {
      readonly code: string;
      readonly redirectUri: string;
      readonly codeVerifier: string;
    },
    signal: AbortSignal,
  ): Promise<Tokens> {
    const grantType = "authorization_code";
    try {
      return await this.#exchange(registration, { grantType, ...redirect }, signal);
    } catch (thrown) {
      throw this.#errorOf(thrown, "code", signal);
    }
  }

  /** May spend the refresh token. */
  async renew(
    registration: Registration,
    refreshToken: string,
    signal: AbortSignal,
  ): Promise<Tokens> {
    try {
      const grant = { grantType: "refresh_token", refreshToken };
      return await this.#exchange(registration, grant, signal);
    } catch (thrown) {
      throw this.#errorOf(thrown, "renew", signal);
    }
  }

  async #exchange(
    { clientId, clientSecret }: Registration,
    grant: { readonly grantType: string } & Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Tokens> {
    const { sdk, clients } = await this.#connect();
    const command = new sdk.CreateTokenCommand({ clientId, clientSecret, ...grant });
    const reply = await clients.oidc.send(command, { abortSignal: signal });
    const issuedAt = this.#clock.now();
    return {
      accessToken: this.#text(reply.accessToken),
      refreshToken: reply.refreshToken === undefined ? undefined : this.#text(reply.refreshToken),
      issuedAt,
      expiresAt: plus(issuedAt, this.#seconds(reply.expiresIn) * 1000),
    };
  }

  #errorOf(thrown: unknown, moment: Moment, signal: AbortSignal): EvercredError {
    signal.throwIfAborted();
    return oidcErrorOf(thrown, moment, this.#asked);
  }

  /** The SDK hands on what stands in a reply, whatever type it has. */
  #text(value: unknown): string {
    if (isText(value)) return value;
    throw this.#senseless();
  }

  #seconds(value: unknown): number {
    if (typeof value === "number" && value > 0 && value < mostSeconds) return value;
    throw this.#senseless();
  }

  /** A page of the provider's: https, or it is not opened. */
  #page(value: unknown): string {
    const url = isText(value) ? urlOf(value) : undefined;
    if (url?.protocol === "https:") return url.href;
    throw this.#senseless();
  }

  #senseless(): EvercredError {
    return new EvercredError("reply-invalid", `The reply of ${this.#asked.id} makes no sense.`);
  }
}

/** How long to wait between two polls. Absent means 5 s (RFC 8628, section 3.2), as does what is no number. */
const intervalOf = (seconds: unknown): number =>
  typeof seconds === "number" && seconds > 0 ? Math.min(seconds, 60) * 1000 : 5_000;
