import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { Account } from "../../core/source.ts";
import { type Clock, instantOf } from "../../core/time.ts";
import { shown } from "../shown.ts";
import type { Connect } from "./oidc.ts";
import { isText } from "./replies.ts";

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : "");

/** Assignments that are missing: the first is in no service model, but is what comes (aws-cli issue 7871). */
const refusals: ReadonlySet<string> = new Set([
  "ForbiddenException",
  "AccessDeniedException",
  "ResourceNotFoundException",
]);

/** A part of a list, and what asks for the next part; undefined at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** The most that the portal gives at once (service model sso, MaxResultType). */
const maxResults = 100;

/** The access portal of one organisation's region (service model sso 2019-06-10). Every failure is an EvercredError. */
export class Portal {
  readonly #id: string;
  readonly #connect: Connect;
  readonly #clock: Clock;

  /** `clock` is the provider's. */
  constructor(id: string, connect: Connect, clock: Clock) {
    this.#id = id;
    this.#connect = connect;
    this.#clock = clock;
  }

  /** Rejects with `token-rejected`, or with `access-denied` where the role is not assigned. */
  async roleCredential(
    accessToken: string,
    accountId: string,
    roleName: string,
    signal: AbortSignal,
  ): Promise<AwsCredential> {
    const { sdk, clients } = await this.#connect();
    const command = new sdk.GetRoleCredentialsCommand({ accessToken, accountId, roleName });
    try {
      const { roleCredentials } = await clients.portal.send(command, { abortSignal: signal });
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = roleCredentials ?? {};
      const now = this.#clock.now();
      if (!isText(accessKeyId) || !isText(secretAccessKey) || !isText(sessionToken)) {
        throw this.#senseless();
      }
      if (!Number.isSafeInteger(expiration) || expiration === undefined || expiration <= now) {
        throw this.#senseless();
      }
      return {
        kind: "aws",
        accountId,
        accessKeyId,
        secretAccessKey: new Secret(secretAccessKey),
        sessionToken: new Secret(sessionToken),
        issuedAt: now,
        expiresAt: instantOf(expiration),
      };
    } catch (thrown) {
      signal.throwIfAborted();
      if (refusals.has(nameOf(thrown))) {
        throw new EvercredError(
          "access-denied",
          `${this.#id} refuses the role ${shown(roleName)} in account ${accountId}.`,
          { cause: thrown, remedy: "Ask whoever assigns it to you, or correct the profile." },
        );
      }
      throw this.#errorOf(thrown);
    }
  }

  /** The accounts in which the person has a role, from `next` on. */
  async accounts(
    accessToken: string,
    next: string | undefined,
    signal: AbortSignal,
  ): Promise<Page<Account>> {
    const { sdk, clients } = await this.#connect();
    const command = new sdk.ListAccountsCommand({ accessToken, maxResults, nextToken: next });
    try {
      const reply = await clients.portal.send(command, { abortSignal: signal });
      return this.#pageOf(reply.accountList, reply.nextToken, (account) => ({
        id: this.#text(account.accountId),
        name: account.accountName ?? "",
        email: account.emailAddress ?? "",
      }));
    } catch (thrown) {
      signal.throwIfAborted();
      throw this.#errorOf(thrown);
    }
  }

  /** The roles that the person has in an account, from `next` on. Rejects with `access-denied` for a foreign one. */
  async roles(
    accessToken: string,
    accountId: string,
    next: string | undefined,
    signal: AbortSignal,
  ): Promise<Page<string>> {
    const { sdk, clients } = await this.#connect();
    const input = { accessToken, accountId, maxResults, nextToken: next };
    const command = new sdk.ListAccountRolesCommand(input);
    try {
      const reply = await clients.portal.send(command, { abortSignal: signal });
      return this.#pageOf(reply.roleList, reply.nextToken, ({ roleName }) => this.#text(roleName));
    } catch (thrown) {
      signal.throwIfAborted();
      if (refusals.has(nameOf(thrown))) {
        throw new EvercredError(
          "access-denied",
          `${this.#id} gives you no role in account ${shown(accountId)}.`,
          { cause: thrown, remedy: "See: evercred aws accounts" },
        );
      }
      throw this.#errorOf(thrown);
    }
  }

  /** Asks for something that every signed-in person may have. Rejects with `token-rejected` for one who is not. */
  async probe(accessToken: string, signal: AbortSignal): Promise<void> {
    const { sdk, clients } = await this.#connect();
    const command = new sdk.ListAccountsCommand({ accessToken, maxResults: 1 });
    try {
      const { accountList } = await clients.portal.send(command, { abortSignal: signal });
      if (!Array.isArray(accountList)) throw this.#senseless();
    } catch (thrown) {
      signal.throwIfAborted();
      throw this.#errorOf(thrown);
    }
  }

  /** Ends the session at the provider. One that has ended already is a success. */
  async signOut(accessToken: string, signal: AbortSignal): Promise<void> {
    const { sdk, clients } = await this.#connect();
    const command = new sdk.LogoutCommand({ accessToken });
    try {
      await clients.portal.send(command, { abortSignal: signal });
    } catch (thrown) {
      signal.throwIfAborted();
      const error = this.#errorOf(thrown);
      if (error.code !== "token-rejected") throw error;
    }
  }

  #errorOf(thrown: unknown): EvercredError {
    if (thrown instanceof EvercredError) return thrown;
    const name = nameOf(thrown);
    if (name === "UnauthorizedException") {
      return new EvercredError("token-rejected", `${this.#id} no longer accepts the session.`, {
        cause: thrown,
      });
    }
    if (name === "TooManyRequestsException") {
      return new EvercredError("throttled", `${this.#id} asks us to wait before we ask again.`);
    }
    if (refusals.has(name)) {
      return new EvercredError("access-denied", `${this.#id} refuses to answer.`, {
        cause: thrown,
      });
    }
    return this.#senseless();
  }

  #pageOf<Row, T>(
    rows: readonly Row[] | undefined,
    nextToken: string | undefined,
    itemOf: (row: Row) => T,
  ): Page<T> {
    if (!Array.isArray(rows)) throw this.#senseless();
    return { items: rows.map(itemOf), next: isText(nextToken) ? nextToken : undefined };
  }

  /** The SDK hands on what stands in a reply, whatever type it has. */
  #text(value: unknown): string {
    if (isText(value)) return value;
    throw this.#senseless();
  }

  #senseless(): EvercredError {
    return new EvercredError("reply-invalid", `The reply of ${this.#id} makes no sense.`);
  }
}
