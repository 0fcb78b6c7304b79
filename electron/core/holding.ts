import type { Grant } from "./credential.ts";
import { EvercredError, errorOf, hasCode } from "./errors.ts";
import type { Log } from "./log.ts";
import { patienceMs } from "./policy.ts";
import type { SharedPlace, Source } from "./source.ts";
import type { Memo, SecretStore } from "./store.ts";
import { type Clock, type Instant, within } from "./time.ts";

/** What a holding needs of the world. */
export interface HoldingPorts {
  readonly store: SecretStore;
  readonly memo: Memo;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The grant of one source: in memory, in the keychain, and what other tools may see of it.
 * It has one writer at a time: who calls a method here sees to that.
 */
export class Holding {
  readonly #ports: HoldingPorts;
  /** `borrowed`: another tool's, served from but never spent or saved. */
  #kept: "saved" | "unsaved" | "borrowed" = "saved";
  #grant: Grant | undefined;
  /** The one that was let go last: where it still lies about, it is not taken up again. */
  #left: Grant | undefined;
  source: Source;

  constructor(source: Source, ports: HoldingPorts) {
    this.source = source;
    this.#ports = ports;
  }

  get grant(): Grant | undefined {
    return this.#grant;
  }

  /** Whether a crash now would cost the sign-in. */
  get durable(): boolean {
    if (this.#grant === undefined || this.#kept === "borrowed") return true;
    return this.#kept === "saved" && this.#ports.store.durability === "persisted";
  }

  /** A small fact about this source that outlives the daemon. */
  fact(name: string): string | undefined {
    return this.#ports.memo.get(`${name}:${this.source.id}`);
  }

  note(name: string, fact: string | undefined): void {
    this.#ports.memo.set(`${name}:${this.source.id}`, fact);
  }

  /** Takes up what the keychain has. Rejects with `keychain-locked` where it does not answer. */
  async restore(): Promise<"restored" | "nothing" | "changed"> {
    this.#grant = undefined;
    this.#kept = "saved";
    let saved;
    try {
      saved = await this.#bounded(this.#ports.store.get(this.#key));
    } catch (thrown) {
      if (hasCode(thrown, "keychain-unavailable")) return "nothing";
      throw thrown;
    }
    const grant = saved === undefined ? undefined : this.source.restore(saved);
    if (grant === undefined) return "nothing";
    if (grant.boundTo !== this.source.boundTo) {
      this.#left = grant;
      await this.#withdraw(grant);
      return "changed";
    }
    this.#grant = grant;
    return "restored";
  }

  /** Saves, then uses. A grant that cannot be saved is used all the same: the one before it is spent. */
  async keep(grant: Grant): Promise<void> {
    const saved = await this.#write(grant);
    this.#grant = grant;
    this.#kept = saved ? "saved" : "unsaved";
  }

  /** Tries again to save what could not be saved. Resolves to whether it is saved now for the first time. */
  async saveAgain(): Promise<boolean> {
    const grant = this.#grant;
    if (grant === undefined || this.#kept !== "unsaved" || !(await this.#write(grant))) {
      return false;
    }
    this.#kept = "saved";
    return true;
  }

  /** Lets other tools have the access token, where it is ours, saved, and may be shown. */
  async publish(): Promise<void> {
    const { shared } = this.source;
    if (this.#grant === undefined || this.#kept !== "saved") return;
    if (shared === undefined || !this.#mayKeep(shared)) return;
    this.note("published", "yes");
    await this.#patiently(shared.publish(this.#grant), undefined);
  }

  /**
   * Takes over a sign-in that another tool has left, where there is one that is worth more than ours, or
   * any where ours is `spent`. Until the keychain has it, the file is all there is: it is left alone.
   */
  async adopt(spent: boolean, now: Instant): Promise<Grant | undefined> {
    const { shared } = this.source;
    if (shared === undefined) return undefined;
    const found = await this.#look(shared);
    if (found.kind !== "foreign") return undefined;
    const { grant } = found;
    if (now >= grant.expiresAt && !grant.renewable) return undefined;
    if (!spent && this.#grant !== undefined && !isWorthMore(grant, this.#grant)) return undefined;
    if (grant.renewable && !(await this.#write(grant))) return undefined;
    this.#grant = grant;
    this.#kept = grant.renewable ? "saved" : "borrowed";
    this.#ports.log.info("session: adopted a sign-in of another tool", { source: this.source.id });
    return grant;
  }

  /**
   * What a look at the shared place says of the grant: `gone` where another tool has signed out, as far
   * as the provider confirms it. Publishes what was never published.
   */
  async lookAround(now: Instant, signal: AbortSignal): Promise<"there" | "gone"> {
    const { shared } = this.source;
    const grant = this.#grant;
    if (shared === undefined || grant === undefined) return "there";
    const found = await this.#look(shared);
    if (found.kind !== "absent") return "there";
    if (this.#kept === "borrowed") return "gone";
    const published = this.fact("published");
    if (published === undefined) await this.publish();
    // The rejection of an access token that has ended would say nothing: the next renewal will.
    if (published !== "yes" || now >= grant.expiresAt) return "there";
    // It was there: a sign-out with another tool, or a clean-up. Only the provider knows.
    try {
      await this.source.probe(grant, signal);
      this.note("published", "gone");
      return "there";
    } catch (thrown) {
      return hasCode(thrown, "token-rejected") ? "gone" : "there";
    }
  }

  /** Lets go of the grant here and now; `erase` does the rest. */
  drop(): { readonly grant: Grant | undefined; readonly borrowed: boolean } {
    const dropped = { grant: this.#grant, borrowed: this.#kept === "borrowed" };
    this.#left = this.#grant ?? this.#left;
    this.#grant = undefined;
    this.#kept = "saved";
    return dropped;
  }

  /**
   * Takes the grant out of the keychain and of other tools' sight: only what is known to be this grant's
   * where one is given. Rejects where the keychain could not be cleared.
   */
  async erase(only: Grant | undefined): Promise<void> {
    await this.#withdraw(only);
    await this.#bounded(this.#ports.store.delete(this.#key));
  }

  async #withdraw(only: Grant | undefined): Promise<void> {
    const { shared } = this.source;
    this.note("published", undefined);
    if (shared !== undefined) await this.#patiently(shared.withdraw(only), undefined);
  }

  get #key(): string {
    return `grant/${this.source.id}`;
  }

  #mayKeep(shared: SharedPlace): boolean {
    return shared.writable && this.#ports.store.durability === "persisted";
  }

  /** What stands at the shared place; one that does not answer has nothing new. */
  #look(shared: SharedPlace): ReturnType<SharedPlace["look"]> {
    const found = shared.look(this.#grant ?? this.#left, this.#mayKeep(shared));
    return this.#patiently(found, { kind: "known" });
  }

  async #write(grant: Grant): Promise<boolean> {
    try {
      await this.#bounded(this.#ports.store.set(this.#key, grant.saved));
      return true;
    } catch (thrown) {
      const { code } = errorOf(thrown);
      this.#ports.log.error("session: grant not saved", { source: this.source.id, code });
      return false;
    }
  }

  #bounded<T>(work: Promise<T>): Promise<T> {
    const late = Symbol("late");
    return this.#patiently<T | typeof late>(work, late).then((result) => {
      if (result === late) throw new EvercredError("keychain-locked");
      return result;
    });
  }

  #patiently<T>(work: Promise<T>, late: T): Promise<T> {
    return within(this.#ports.clock, patienceMs, work, late);
  }
}

const isWorthMore = (theirs: Grant, ours: Grant): boolean =>
  theirs.renewable === ours.renewable ? theirs.expiresAt > ours.expiresAt : theirs.renewable;
