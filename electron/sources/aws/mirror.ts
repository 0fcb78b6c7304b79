import { unlink } from "node:fs/promises";
import type { Grant } from "../../core/credential.ts";
import type { Log } from "../../core/log.ts";
import type { SharedPlace } from "../../core/source.ts";
import { type Clock, type Instant, plus, sleepUntil } from "../../core/time.ts";
import { type AwsSsoDefinition, usualScopes } from "./definition.ts";
import { grantOf, readGrant, type Registration } from "./grant.ts";
import { isSamePlace } from "./start-url.ts";
import {
  readTokenFile,
  registeredScopes,
  type TokenFile,
  tokenPathOf,
  type TokenReading,
  writeFileWhole,
  writeInstant,
} from "./token-file.ts";

/** What a mirror needs. */
export interface MirrorOptions {
  readonly definition: AwsSsoDefinition;
  /** `~/.aws/sso/cache`. */
  readonly directory: string;
  readonly writable: boolean;
  readonly clock: Clock;
  /** The provider's present time. */
  now(): Instant;
  readonly log: Log;
}

/** Older AWS CLIs empty the file and then write it: a reader in between tries again, this often and at this distance. */
const rereads = 4;
const rereadMs = 10;

/**
 * The token file that the AWS CLI and the SDKs share. We put our access token there, and nothing that
 * could get another; a sign-in that they left there is found. Problems go to the log.
 */
export class Mirror implements SharedPlace {
  readonly #options: MirrorOptions;
  readonly #paths: readonly string[];

  constructor(options: MirrorOptions) {
    this.#options = options;
    const { definition, directory } = options;
    this.#paths = definition.cacheNames.map((name) => tokenPathOf(directory, name));
  }

  get writable(): boolean {
    return this.#options.writable;
  }

  async look(known: Grant | undefined, keep: boolean): ReturnType<SharedPlace["look"]> {
    const ours = known && readGrant(known.saved)?.accessToken;
    const foreign: Grant[] = [];
    let occupied = false;
    for (const path of this.#paths) {
      const reading = await this.#read(path);
      if (reading.kind === "absent") continue;
      occupied = true;
      if (reading.kind !== "token") {
        this.#warn("mirror: token file not readable", reading.kind);
      } else if (reading.token.accessToken !== ours) {
        const grant = await this.#foreignOf(reading.token, keep);
        if (grant !== undefined) foreign.push(grant);
      }
    }
    // An organisation with several names may have several files: what can be renewed is worth most.
    const grant = foreign.find(({ renewable }) => renewable) ?? foreign[0];
    if (grant !== undefined) return { kind: "foreign", grant };
    // A file that holds nothing for us is no sign-out either: what we know goes on.
    return { kind: occupied && known !== undefined ? "known" : "absent" };
  }

  async publish(grant: Grant): Promise<boolean> {
    const saved = readGrant(grant.saved);
    if (!this.writable || saved === undefined) return false;
    let stands = true;
    const { startUrl, region } = this.#options.definition;
    const { accessToken } = saved;
    const expiresAt = writeInstant(grant.expiresAt);
    const text = JSON.stringify({ startUrl, region, accessToken, expiresAt });
    for (const path of this.#paths) {
      try {
        await writeFileWhole(path, text);
      } catch (thrown) {
        stands = false;
        this.#warn("mirror: token file not written", codeOf(thrown));
      }
    }
    return stands;
  }

  async withdraw(only: Grant | undefined): Promise<void> {
    // What is known to be ours goes also where no more is written.
    if (!this.writable && only === undefined) return;
    const ours = only && readGrant(only.saved)?.accessToken;
    for (const path of this.#paths) {
      if (only !== undefined) {
        const reading = await this.#read(path);
        if (reading.kind !== "token" || reading.token.accessToken !== ours) continue;
      }
      try {
        await unlink(path);
      } catch (thrown) {
        const code = codeOf(thrown);
        if (code !== "ENOENT") this.#warn("mirror: token file not removed", code);
      }
    }
  }

  async #read(path: string): Promise<TokenReading> {
    const { clock } = this.#options;
    const never = new AbortController().signal;
    let reading = readTokenFile(path);
    for (let i = 0; i < rereads && reading.kind === "garbled"; i++) {
      await sleepUntil(clock, plus(clock.now(), rereadMs), never);
      reading = readTokenFile(path);
    }
    return reading;
  }

  /** The grant in a file of another tool; undefined where there is nothing in it for this source. */
  async #foreignOf(token: TokenFile, keep: boolean): Promise<Grant | undefined> {
    const { startUrl, region, scopes } = this.#options.definition;
    if (!isSamePlace(token.startUrl, startUrl) || token.region !== region) return undefined;
    const registration = this.#registrationOf(token);
    const renewable = keep && registration !== undefined && token.refreshToken !== undefined;
    if (!renewable && token.expiresAt <= this.#options.now()) return undefined;
    if (!(await this.#hasScopes(token))) return undefined;
    return grantOf({
      version: 1,
      startUrl,
      region,
      scopes: [...scopes],
      signedInAt: token.writtenAt,
      issuedAt: token.writtenAt,
      expiresAt: token.expiresAt,
      accessToken: token.accessToken,
      ...(renewable && { refreshToken: token.refreshToken, registration }),
    });
  }

  #registrationOf(token: TokenFile): Registration | undefined {
    const { clientId, clientSecret, registrationExpiresAt: expiresAt } = token;
    if (clientId === undefined || clientSecret === undefined) return undefined;
    if (expiresAt === undefined || expiresAt <= this.#options.now()) return undefined;
    return { clientId, clientSecret, expiresAt, grantTypes: [], scopes: [] };
  }

  /** Whether a token may do what this source wants. Its file does not say; the registration of its client does. */
  async #hasScopes({ clientId }: TokenFile): Promise<boolean> {
    const { definition, directory } = this.#options;
    if (clientId === undefined) return true;
    const registered = await registeredScopes(directory, clientId);
    if (registered === undefined) return true;
    // A client without scopes may use the accounts, as one with the usual scope may.
    const has = registered.length === 0 ? usualScopes : registered;
    return definition.scopes.every((scope) => has.includes(scope));
  }

  #warn(event: string, code: string): void {
    this.#options.log.warn(event, { source: this.#options.definition.id, code });
  }
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
