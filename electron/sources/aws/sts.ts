import type { Credentials } from "@aws-sdk/client-sts";
import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { instantOf } from "../../core/time.ts";
import { accountOf } from "./arn.ts";
import type { AwsKeys } from "./aws-keys.ts";
import { shown } from "../shown.ts";
import { isText } from "./replies.ts";
import { StsConnection, type StsPorts } from "./sts-connection.ts";
import { type Meanings, stsErrorOf, stsFailureOf } from "./sts-errors.ts";

/** A role to be assumed. */
export interface RoleWish {
  /** The profile that names it. */
  readonly name: string;
  readonly roleArn: string;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly durationMs: number | undefined;
  readonly chained: boolean;
  readonly stsRegion: string;
}

/** A code of a device, with the device. */
export interface DeviceCode {
  readonly serial: string;
  readonly code: Secret;
}

/** What a session is called where the profile does not say: AWS shows it in its logs. */
const usualSessionName = "evercred";

/** How long AWS makes a role's session where nothing is asked for, and at most where a role assumes a role. */
const usualRoleMs = 60 * 60_000;

/** A user's session is made this long: a working day, and less than the 36 h that AWS allows. */
const userSessionMs = 12 * 60 * 60_000;

/**
 * The token service, in whatever region, asked by one source (service model sts 2011-06-15). Every failure is an
 * EvercredError; keys that AWS does not accept are `token-rejected`.
 */
export class Sts {
  readonly #id: string;
  readonly #connection: StsConnection;

  /** `id` is the source's, for the sentences. */
  constructor(id: string, ports: StsPorts) {
    this.#id = id;
    this.#connection = new StsConnection(ports);
  }

  /**
   * Assumes a role. A session longer than AWS allows there is asked for once more with the usual hour.
   * Rejects with `access-denied` where the role does not let these keys in.
   */
  async assumeRole(keys: AwsKeys, role: RoleWish, signal: AbortSignal): Promise<AwsCredential> {
    const { roleArn, stsRegion, externalId, chained, durationMs = usualRoleMs } = role;
    const wantedMs = chained ? Math.min(durationMs, usualRoleMs) : durationMs;
    const ask = (lastsMs: number) =>
      this.#connection.ask(stsRegion, keys, signal, (client, sdk) => {
        const command = new sdk.AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: role.sessionName ?? usualSessionName,
          ...(externalId !== undefined && { ExternalId: externalId }),
          // The console takes no session of a role for which a role has named a length.
          ...(lastsMs !== usualRoleMs && { DurationSeconds: Math.floor(lastsMs / 1000) }),
        });
        return client.send(command, { abortSignal: signal });
      });
    try {
      const { Credentials } = await ask(wantedMs).catch((thrown: unknown) => {
        if (wantedMs <= usualRoleMs || stsFailureOf(thrown) !== "invalid") throw thrown;
        return ask(usualRoleMs);
      });
      return this.#credentialOf(Credentials, accountOf(roleArn), stsRegion);
    } catch (thrown) {
      throw stsErrorOf(thrown, this.#id, stsRegion, assumeMeanings(role, thrown));
    }
  }

  /** A session of the user who has these long-lived keys, with a device's code where one is given. */
  async userSession(
    keys: AwsKeys,
    region: string,
    device: DeviceCode | undefined,
    meanings: Meanings,
    signal: AbortSignal,
  ): Promise<AwsCredential> {
    try {
      const { Credentials } = await this.#connection.ask(region, keys, signal, (client, sdk) => {
        const command = new sdk.GetSessionTokenCommand({
          DurationSeconds: userSessionMs / 1000,
          ...(device !== undefined && {
            SerialNumber: device.serial,
            TokenCode: device.code.reveal(),
          }),
        });
        return client.send(command, { abortSignal: signal });
      });
      const account = device === undefined ? undefined : accountOf(device.serial);
      return this.#credentialOf(Credentials, account, region);
    } catch (thrown) {
      throw stsErrorOf(thrown, this.#id, region, meanings);
    }
  }

  /** Assumes a role with a token that somebody else has issued, and AWS trusts. The request is not signed. */
  async assumeRoleWithToken(
    token: Secret,
    role: Omit<RoleWish, "name" | "externalId" | "chained">,
    meanings: Meanings,
    signal: AbortSignal,
  ): Promise<AwsCredential> {
    const { roleArn, sessionName, durationMs, stsRegion } = role;
    try {
      const { Credentials } = await this.#connection.ask(
        stsRegion,
        undefined,
        signal,
        (client, sdk) => {
          const command = new sdk.AssumeRoleWithWebIdentityCommand({
            RoleArn: roleArn,
            RoleSessionName: sessionName ?? usualSessionName,
            WebIdentityToken: token.reveal(),
            ...(durationMs !== undefined && { DurationSeconds: Math.floor(durationMs / 1000) }),
          });
          return client.send(command, { abortSignal: signal });
        },
      );
      return this.#credentialOf(Credentials, accountOf(roleArn), stsRegion);
    } catch (thrown) {
      throw stsErrorOf(thrown, this.#id, stsRegion, meanings);
    }
  }

  /** The ARN of whoever has these keys. Needs no permission. */
  async callerArn(keys: AwsKeys, region: string, signal: AbortSignal): Promise<string> {
    try {
      const { Arn } = await this.#connection.ask(region, keys, signal, (client, sdk) =>
        client.send(new sdk.GetCallerIdentityCommand({}), { abortSignal: signal }),
      );
      if (!isText(Arn)) throw this.#senseless();
      return Arn;
    } catch (thrown) {
      throw stsErrorOf(thrown, this.#id, region, {});
    }
  }

  #credentialOf(
    keys: Credentials | undefined,
    accountId: string | undefined,
    region: string,
  ): AwsCredential {
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = keys ?? {};
    const now = this.#connection.now(region);
    const endsAt = Expiration?.getTime() ?? Number.NaN;
    const isWhole = isText(AccessKeyId) && isText(SecretAccessKey) && isText(SessionToken);
    if (!isWhole || !(endsAt > now)) throw this.#senseless();
    return {
      kind: "aws",
      accountId,
      accessKeyId: AccessKeyId,
      secretAccessKey: new Secret(SecretAccessKey),
      sessionToken: new Secret(SessionToken),
      issuedAt: now,
      expiresAt: instantOf(endsAt),
    };
  }

  #senseless(): EvercredError {
    return new EvercredError("reply-invalid", `The reply to ${this.#id} makes no sense.`);
  }
}

const assumeMeanings = ({ name, roleArn }: RoleWish, cause: unknown): Meanings => ({
  refused: () =>
    new EvercredError("access-denied", `AWS does not let ${name} assume ${shown(roleArn)}.`, {
      cause,
      remedy: `Ask whoever owns the role to trust its source, or correct role_arn and external_id of ${name}.`,
    }),
  invalid: () =>
    new EvercredError(
      "config-invalid",
      `AWS cannot make sense of how ${name} assumes ${shown(roleArn)}.`,
      { cause, remedy: `Correct role_arn, role_session_name and duration_seconds of ${name}.` },
    ),
});
