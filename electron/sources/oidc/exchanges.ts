import type { Configuration } from "openid-client";
import { EvercredError, errorOf, hasCode } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { type Ask, withAsk, withTarget } from "./ask.ts";
import type { OidcDefinition } from "./definition.ts";
import { exchangeErrorOf, type Moment, statusIn } from "./errors.ts";
import type { CallOptions, Issuer, OidcClient } from "./issuer.ts";
import type { OidcPorts } from "./ports.ts";
import type { TokenReply } from "./tokens.ts";

/**
 * How far the times of an identity token may be off at a renewal, in seconds. The refresh token is spent by then: it must
 * not be lost because this computer's clock was set meanwhile.
 */
const renewalToleranceS = 24 * 60 * 60;

type Sdk = typeof import("./sdk.ts");

/** What is asked of an issuer in the name of one source. All of it rejects with an EvercredError. */
export class Exchanges {
  readonly #definition: OidcDefinition;
  readonly #issuer: Issuer;
  readonly #secretOf: OidcPorts["secretOf"];

  constructor(definition: OidcDefinition, issuer: Issuer, secretOf: OidcPorts["secretOf"]) {
    this.#definition = definition;
    this.#issuer = issuer;
    this.#secretOf = secretOf;
  }

  /** What `work` gives, with the errors of the library as ours. */
  async run<T>(
    moment: Moment,
    work: (sdk: Sdk, configuration: Configuration) => Promise<T> | T,
    signal: AbortSignal,
    options: CallOptions = {},
  ): Promise<T> {
    signal.throwIfAborted();
    const client = await this.#client(moment);
    const sdk = await import("./sdk.ts");
    try {
      const asked = async (configuration: Configuration): Promise<T> => work(sdk, configuration);
      return await this.#issuer.call(client, asked, signal, options);
    } catch (thrown) {
      signal.throwIfAborted();
      throw exchangeErrorOf(this.#definition.id, moment, thrown);
    }
  }

  /**
   * Spends a refresh token for what is asked; `narrows` says that this is less than all that it is good for. Rejects
   * with one of `endings` only on the issuer's own word.
   */
  refresh(
    refreshToken: string,
    ask: Ask,
    narrows: boolean,
    signal: AbortSignal,
  ): Promise<TokenReply> {
    // Without a word it is all: not each issuer takes scopes here.
    const parameters = narrows ? withAsk(ask) : withTarget(ask);
    return this.run(
      "renewal",
      (sdk, configuration) => sdk.refreshTokenGrant(configuration, refreshToken, parameters),
      signal,
      { toleranceS: renewalToleranceS },
    );
  }

  /** A token for the client itself (RFC 6749, 4.4). */
  asItself(ask: Ask, signal: AbortSignal): Promise<TokenReply> {
    return this.run(
      "machine",
      (sdk, configuration) => sdk.clientCredentialsGrant(configuration, withAsk(ask)),
      signal,
    );
  }

  /** Ends a refresh token, and what came of it (RFC 7009), where the issuer has a place for that. */
  async revoke(refreshToken: string, signal: AbortSignal): Promise<void> {
    const hint = { token_type_hint: "refresh_token" };
    await this.run(
      "renewal",
      async (sdk, configuration) => {
        if (configuration.serverMetadata().revocation_endpoint === undefined) return;
        await sdk.tokenRevocation(configuration, refreshToken, hint);
      },
      signal,
    );
  }

  /**
   * What the issuer says of the `subject` that an access token is of (OpenID Connect Core, 5.3); undefined where it has no
   * place for that. Rejects with `token-rejected` where it does not know the token.
   */
  userInfo(
    accessToken: string,
    subject: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    return this.run(
      "renewal",
      async (sdk, configuration) => {
        if (configuration.serverMetadata().userinfo_endpoint === undefined) return undefined;
        try {
          return await sdk.fetchUserInfo(configuration, accessToken, subject);
        } catch (thrown) {
          throw statusIn(thrown) === 401 ? this.#unknownToken() : thrown;
        }
      },
      signal,
    );
  }

  #unknownToken(): EvercredError {
    const sentence = `${this.#definition.id} no longer accepts its access token.`;
    return new EvercredError("token-rejected", sentence);
  }

  async #client(moment: Moment): Promise<OidcClient> {
    const { clientId, clientSecretKey } = this.#definition;
    const secret =
      clientSecretKey === undefined ? undefined : await this.#secret(clientSecretKey, moment);
    return { id: clientId, secret };
  }

  async #secret(key: string, moment: Moment): Promise<Secret> {
    try {
      return await this.#secretOf(key);
    } catch (thrown) {
      if (moment !== "renewal" || !hasCode(thrown, "sign-in-needed")) throw thrown;
      // It is not the sign-in to this source that is needed.
      const { message, remedy } = errorOf(thrown);
      const sentence = `The secret of the client of ${this.#definition.id} is not there. ${message}`;
      throw new EvercredError("access-denied", sentence, { remedy, cause: thrown });
    }
  }
}
