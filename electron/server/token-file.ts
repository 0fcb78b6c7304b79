import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Route } from "../core/broker.ts";
import { unknownCaller } from "../core/caller.ts";
import { type TokenCredential, tokenOf } from "../core/credential.ts";
import { type EvercredError, errorOf } from "../core/errors.ts";
import type { Gate } from "../core/gate.ts";
import type { Log } from "../core/log.ts";
import { type Random, retryAt } from "../core/policy.ts";
import type { Target } from "../core/source.ts";
import { type Standing, standingOf } from "../core/state.ts";
import { type Clock, earlier, type Instant, plus, shifted } from "../core/time.ts";
import { makeDirectory, verifyDirectory } from "./directory.ts";
import type { Router } from "./metadata-answer.ts";
import { writePrivateFile } from "./private-file.ts";
import { clearText } from "./reply.ts";

/** What a token file needs of the world. */
export interface TokenFilePorts {
  readonly issuer: Router;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly gate: Pick<Gate, "served">;
  /** Whether there may be such files now. */
  filesAllowed(): boolean;
}

const minute = 60_000;

/**
 * A file that has a target's access token for as long as there is a good one: renewed in time that no reader sees
 * 15 minutes, or a third of its life, or less left. It follows the session where it is told that there was a change.
 */
export class TokenFile {
  readonly path: string;
  readonly #target: Target;
  readonly #ports: TokenFilePorts;
  /** The look that was asked for last: they come one after the other. */
  #last: Promise<void> = Promise.resolve();
  /** A look that has been asked for and has not begun. */
  #next: Promise<void> | undefined;
  /** What stands in the file. */
  #written: TokenCredential | undefined;
  /** Whether there may be a file. */
  #mayStand = true;
  /** Fetching has failed: when it is tried again, and how the session stood. */
  #failure:
    { readonly attempt: number; readonly until: Instant; readonly standing: Standing } | undefined;
  #disarm: () => void = () => undefined;
  #end: "removed" | "left" | undefined;

  constructor(path: string, target: Target, ports: TokenFilePorts) {
    this.path = path;
    this.#target = target;
    this.#ports = ports;
  }

  /** Brings the file in line with what the session has. Never rejects. */
  tend(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#bring();
    });
    this.#last = this.#next;
    return this.#next;
  }

  /** Takes the file away, for good. Never rejects. */
  async remove(): Promise<void> {
    this.#stop("removed");
    await this.#unlink();
  }

  /** Leaves the file as it is: the next daemon goes on with it. */
  leave(): void {
    this.#stop("left");
  }

  #stop(end: "removed" | "left"): void {
    this.#end ??= end;
    this.#disarm();
  }

  async #bring(): Promise<void> {
    this.#disarm();
    if (this.#end !== undefined) return;
    if (!this.#ports.filesAllowed()) {
      await this.#unlink();
      return;
    }
    let route;
    try {
      route = this.#ports.issuer.route(this.#target);
    } catch {
      await this.#unlink();
      return;
    }
    const { session } = route;
    const clock = shifted(this.#ports.clock, () => session.source.offsetMs());
    const wakeAt = await this.#bringFrom(route, clock);
    if (wakeAt === undefined || this.#hasEnded !== undefined) return;
    this.#disarm = clock.alarm(wakeAt, () => void this.tend());
  }

  /** Resolves to when to look again by itself; undefined: a change of the session will tell. */
  async #bringFrom(route: Route, clock: Clock): Promise<Instant | undefined> {
    const { session, offer } = route;
    try {
      const held = heldToken(route);
      if (held !== undefined) await this.#write(held);
      else if (this.#written !== undefined) await this.#unlink();
      if (held !== undefined && clock.now() < dueAt(held)) return this.#settled(held);
      if (session.isSignedOut && !session.source.unattended) {
        if (held === undefined) await this.#unlink();
        return held?.expiresAt;
      }
      const waits = this.#waitsUntil(standingOf(session.state), clock.now());
      if (waits !== undefined) return orEnd(waits, held);
      const issued = tokenOf(await session.issue(offer.key, held !== undefined));
      await this.#write(issued);
      return clock.now() < dueAt(issued)
        ? this.#settled(issued)
        : this.#failed(route, clock.now(), undefined);
    } catch (thrown) {
      if (heldToken(route) === undefined) await this.#unlink();
      return this.#failed(route, clock.now(), errorOf(thrown));
    }
  }

  #settled(token: TokenCredential): Instant {
    this.#failure = undefined;
    return dueAt(token);
  }

  /** Nothing fresher has come. */
  #failed(route: Route, now: Instant, error: EvercredError | undefined): Instant {
    const { log, random } = this.#ports;
    const attempt = (this.#failure?.attempt ?? 0) + 1;
    const held = heldToken(route);
    const until = retryAt(now, attempt, held?.expiresAt ?? now, error, random);
    this.#failure = { attempt, until, standing: standingOf(route.session.state) };
    log.warn("server: a token file waits", { target: this.#target, code: error?.code });
    return orEnd(until, held);
  }

  /** Until when nothing is fetched: as long as a failure says, unless there has been a sign-in or a renewal since. */
  #waitsUntil(standing: Standing, now: Instant): Instant | undefined {
    if (this.#failure === undefined || now >= this.#failure.until) return undefined;
    const isRevived = standing.kind === "active" && standing !== this.#failure.standing;
    return isRevived ? undefined : this.#failure.until;
  }

  async #write(token: TokenCredential): Promise<void> {
    if (this.#end !== undefined || this.#written === token) return;
    const folder = dirname(this.path);
    await makeDirectory(folder);
    await verifyDirectory(folder);
    await writePrivateFile(this.path, `${clearText(token.token)}\n`);
    this.#written = token;
    // Who reads it nobody can tell.
    this.#ports.gate.served(unknownCaller, this.#target, token.expiresAt, "token file");
    // It may have been taken away meanwhile, before there was anything to take.
    this.#mayStand = true;
    if (this.#hasEnded === "removed") await this.#unlink();
  }

  /** Asked again after a wait, in which it may have changed. */
  get #hasEnded(): "removed" | "left" | undefined {
    return this.#end;
  }

  async #unlink(): Promise<void> {
    if (!this.#mayStand) return;
    this.#written = undefined;
    try {
      await rm(this.path, { force: true });
      this.#mayStand = false;
    } catch (thrown) {
      this.#ports.log.warn("server: a token file stays", { code: errorOf(thrown).code });
    }
  }
}

/** Removes what daemons before this one have left in the folder of token files, except for `kept`. Never rejects. */
export const clearTokenFiles = async (
  folder: string,
  kept: readonly TokenFile[],
  log: Log,
): Promise<void> => {
  const paths = kept.map(({ path }) => path);
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (paths.includes(path)) continue;
    await rm(path, { force: true, recursive: true }).catch((thrown: unknown) => {
      log.warn("server: a token file stays", { code: errorOf(thrown).code });
    });
  }
};

const heldToken = ({ session, offer }: Route): TokenCredential | undefined => {
  const held = session.issued.held(offer.key);
  return held?.kind === "token" ? held : undefined;
};

/** When to have something fresher: a twentieth of its life before it has become too old to be handed out. */
const dueAt = ({ issuedAt, expiresAt }: TokenCredential): Instant => {
  const lifeMs = Math.max(0, expiresAt - issuedAt);
  return plus(expiresAt, -Math.min(15 * minute, lifeMs / 3) - lifeMs / 20);
};

const orEnd = (at: Instant, held: TokenCredential | undefined): Instant =>
  held === undefined ? at : earlier(at, held.expiresAt);
