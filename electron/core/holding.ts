import type { Grant } from "./credential.ts";
import { EvercredError, errorOf, hasCode } from "./errors.ts";
import { Facts } from "./facts.ts";
import type { Log } from "./log.ts";
import { patienceMs } from "./policy.ts";
import type { SharedPlace, Source } from "./source.ts";
import { Spent } from "./spent.ts";
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
  /** The one that lies in the keychain, as far as we know: an earlier one, where what came after it was not saved. */
  #lies: Grant | undefined;
  /** The one that has ended and lies in the keychain still. */
  #away: Grant | undefined;
  readonly facts: Facts;
  readonly spent: Spent;
  source: Source;

  constructor(source: Source, ports: HoldingPorts) {
    this.source = source;
    this.#ports = ports;
    this.facts = new Facts(ports.memo, source.id);
    this.spent = new Spent(this.facts, () => this.#isKeptByOthers);
  }

  get grant(): Grant | undefined {
    return this.#grant;
  }

  /** Whether a crash now would cost the sign-in. */
  get durable(): boolean {
    if (this.#grant === undefined || this.#kept === "borrowed") return true;
    return this.#kept === "saved" && this.#ports.store.durability === "persisted";
  }

  /** Whether the grant is another tool's, or kept by others. */
  get isBorrowed(): boolean {
    return this.#kept === "borrowed";
  }

  /** Whether other tools have from us what they may see of the grant. */
  get isPublished(): boolean {
    return this.facts.get("published") === "yes";
  }

  /**
   * Takes up what the keychain has; of a source that others keep, what stands in its shared place, unless it is
   * known to be over or the user has signed out of it. Rejects with `keychain-locked` where the keychain does not answer,
   * `saved-by-newer` where it is of a version that is not ours.
   */
  async restore(): Promise<Grant | "nothing" | "changed" | "left" | "over"> {
    this.#grant = undefined;
    this.#kept = "saved";
    // What was put away may be found where it was.
    if (this.#left === this.#away) this.#left = undefined;
    return this.#isKeptByOthers ? this.#find() : this.#read();
  }

  async #find(): Promise<Grant | "nothing" | "left" | "over"> {
    const isLeft = this.facts.get("left") !== undefined;
    if (isLeft && this.#mayRecover) return "left";
    const found = await this.#look(undefined);
    if (found.kind !== "foreign") return isLeft ? "left" : "nothing";
    const { grant } = found;
    if (this.spent.isOver(grant)) return isLeft ? "left" : "over";
    this.spent.found(grant);
    this.#borrow(grant);
    return grant;
  }

  #borrow(grant: Grant): void {
    this.facts.set("left", undefined);
    this.#grant = grant;
    this.#kept = "borrowed";
  }

  /** Whether it is found where it is kept at any time: then only a person takes it up again after a sign-out. */
  get #mayRecover(): boolean {
    const { unattended, mayRecover = unattended } = this.source;
    return mayRecover;
  }

  get #isKeptByOthers(): boolean {
    return this.source.keptBy !== undefined;
  }

  async #read(): Promise<Grant | "nothing" | "changed"> {
    let saved;
    try {
      saved = await this.#bounded(this.#ports.store.get(this.#key));
    } catch (thrown) {
      if (hasCode(thrown, "keychain-unavailable")) return "nothing";
      throw thrown;
    }
    const grant = saved === undefined ? undefined : this.source.restore(saved);
    this.#lies = grant;
    if (grant === undefined) return "nothing";
    if (this.spent.isOver(grant)) {
      // Its end was not carried through.
      this.#left = grant;
      await this.withdraw(grant);
      await this.erase().catch(() => undefined);
      return "nothing";
    }
    if (grant.boundTo !== this.source.boundTo) {
      this.#left = grant;
      await this.#withdraw(grant);
      return "changed";
    }
    this.spent.found(grant);
    this.#grant = grant;
    return grant;
  }

  /** Saves, then uses. A grant that cannot be saved is used all the same: the one before it is spent. */
  async keep(grant: Grant): Promise<void> {
    const isSaved = await this.#save(grant);
    if (this.#isKeptByOthers) this.#borrow(grant);
    else {
      this.#grant = grant;
      this.#kept = "saved";
    }
    if (!isSaved) this.#kept = "unsaved";
  }

  /** Tries again to save what could not be saved. Resolves to whether it is saved now for the first time. */
  async saveAgain(): Promise<boolean> {
    const grant = this.#grant;
    if (grant === undefined || this.#kept !== "unsaved" || !(await this.#save(grant))) {
      return false;
    }
    this.#kept = this.#isKeptByOthers ? "borrowed" : "saved";
    return true;
  }

  /** Lets other tools have the access token, where it is ours, saved, and may be shown. */
  async publish(): Promise<void> {
    const { shared } = this.source;
    if (this.#grant === undefined || this.#kept !== "saved") return;
    if (shared === undefined || !this.#mayKeep(shared)) return;
    this.facts.set("published", "yes");
    await this.#patiently(shared.publish(this.#grant), false);
  }

  /**
   * Takes over a sign-in that another tool has left, where there is one that is worth more than ours, or
   * any where ours is `spent`. Until the keychain has it, the file is all there is: it is left alone.
   */
  async adopt(spent: boolean, now: Instant): Promise<Grant | undefined> {
    if (this.#mayRecover && this.facts.get("left") !== undefined) return undefined;
    const found = await this.#look(this.#grant ?? this.#left);
    if (found.kind !== "foreign") return undefined;
    const { grant } = found;
    const ours = this.#grant;
    if (this.spent.isOver(grant) || (!grant.renewable && now >= grant.expiresAt)) return undefined;
    // What a source that others keep has is what stands there now.
    if (this.#isKeptByOthers) {
      // Unless it is what ours came from, and could not be replaced by it.
      if (this.#kept === "unsaved" && ours?.signedInAt === grant.signedInAt) return undefined;
      this.#borrow(grant);
      return grant;
    }
    const wins = spent || ours === undefined || isWorthMore(grant, ours);
    if (!wins) return undefined;
    if (grant.renewable) {
      // Until we have written there, what renews it lies in the file too: also if we die in between.
      this.facts.engrave("published", undefined);
      if (!(await this.#write(grant))) return undefined;
    }
    if (spent && !grant.renewable && ours?.renewable === true) {
      this.spent.end(ours);
      await this.#erase().catch(() => undefined);
    }
    this.#grant = grant;
    this.#kept = grant.renewable ? "saved" : "borrowed";
    this.#ports.log.info("session: adopted a sign-in of another tool", { source: this.source.id });
    return grant;
  }

  /**
   * Looks at the shared place. Resolves to whether another tool has signed out, as far as the provider confirms it.
   * Publishes what was never published.
   */
  async lookAround(now: () => Instant, signal: AbortSignal): Promise<boolean> {
    const grant = this.#grant;
    if (grant === undefined) return false;
    await this.#hide(grant);
    const found = await this.#look(grant);
    const published = this.facts.get("published");
    if (published === undefined && found.kind !== "foreign") await this.publish();
    if (found.kind !== "absent") return false;
    if (this.#kept === "borrowed" || this.#isKeptByOthers) {
      // Whoever had it may well put it back.
      this.#grant = undefined;
      return true;
    }
    // The rejection of an access token that has ended would say nothing: the next renewal will.
    const isOver = (): boolean => now() >= grant.expiresAt;
    if (published !== "yes" || isOver()) return false;
    // It was there: a sign-out with another tool, or a clean-up. Only the provider knows.
    try {
      await this.source.probe(grant, signal);
      this.facts.set("published", "gone");
      return false;
    } catch (thrown) {
      return hasCode(thrown, "token-rejected") && !isOver();
    }
  }

  /** What is kept is to be read as this grant from now on: its end is another one. */
  reread(grant: Grant): void {
    this.#grant = grant;
  }

  /** Lets go of a grant that has ended, and leaves it in the keychain. */
  putAway(): void {
    this.#left = this.#grant;
    this.#away = this.#grant;
    this.#grant = undefined;
    this.#kept = "saved";
  }

  /**
   * Lets go of a grant that may not be used, and leaves it where it is kept, for the day that it may. Other tools get from
   * us what was theirs alone.
   */
  async setAside(): Promise<void> {
    const grant = this.#grant;
    if (grant === undefined) return;
    const isOurs = !this.#isKeptByOthers && this.#kept !== "borrowed";
    this.putAway();
    if (isOurs) await this.#withdraw(grant);
  }

  /** Why neither this grant nor what comes of it may be used: it would not be kept, and has to be. */
  async refusalToKeep(grant: Grant): Promise<EvercredError | undefined> {
    const { store } = this.#ports;
    const refusal = this.#isKeptByOthers ? undefined : store.refusal?.();
    if (refusal === undefined) return undefined;
    const isKept = store.durability === "persisted" && (await this.#put(grant)) === undefined;
    return isKept ? undefined : refusal;
  }

  /** Lets go of the grant here and now, and for good; `withdraw` and `erase` do the rest. */
  drop(): { readonly grant: Grant | undefined; readonly borrowed: boolean } {
    const grant = this.#grant;
    const borrowed = this.#kept === "borrowed" || this.#isKeptByOthers;
    // What others keep will be found again. What a source that needs nobody has may be good again, as it is.
    const mayReturn = this.#isKeptByOthers ? !this.source.unattended : !borrowed;
    const over = grant ?? this.#away;
    if (over !== undefined && mayReturn) {
      this.spent.end(over, ...(this.#lies === undefined ? [] : [this.#lies]));
    }
    this.#away = undefined;
    this.#left = grant ?? this.#left;
    this.#grant = undefined;
    this.#kept = "saved";
    return { grant, borrowed };
  }

  /**
   * Takes the grant out of other tools' sight: only what is known to be this grant's where one is given. What others keep
   * stays. Comes before `erase`: once the keychain has nothing, nobody would know that there is something left to do.
   */
  async withdraw(only: Grant | undefined): Promise<void> {
    if (!this.#isKeptByOthers) await this.#withdraw(only);
  }

  /** Takes the grant out of the keychain. Rejects where that could not be cleared. What others keep stays. */
  async erase(): Promise<void> {
    if (!this.#isKeptByOthers) await this.#erase();
  }

  async #erase(): Promise<void> {
    await this.#bounded(this.#ports.store.delete(this.#key));
    this.#lies = undefined;
  }

  async #withdraw(only: Grant | undefined): Promise<void> {
    const { shared } = this.source;
    this.facts.set("published", undefined);
    if (shared !== undefined) await this.#patiently(shared.withdraw(only), undefined);
  }

  /** Takes away what other tools have got of it, where they may have it no more. */
  async #hide(grant: Grant): Promise<void> {
    const { shared } = this.source;
    if (shared === undefined || this.#isKeptByOthers || this.#mayKeep(shared)) return;
    if (this.facts.get("published") === "yes") await this.#withdraw(grant);
  }

  get #key(): string {
    return `grant/${this.source.id}`;
  }

  #mayKeep(shared: SharedPlace): boolean {
    return shared.writable && this.#ports.store.durability === "persisted";
  }

  /** What stands at the shared place; one that does not answer, or is not there, has nothing new. */
  async #look(known: Grant | undefined): ReturnType<SharedPlace["look"]> {
    const { shared } = this.source;
    if (shared === undefined) return { kind: "known" };
    const keep = this.#isKeptByOthers || this.#mayKeep(shared);
    return this.#patiently(shared.look(known, keep), { kind: "known" });
  }

  /** Whether it stands now where this source's grants are kept. */
  #save(grant: Grant): Promise<boolean> {
    return this.#isKeptByOthers ? this.#giveBack(grant) : this.#write(grant);
  }

  async #giveBack(grant: Grant): Promise<boolean> {
    const { shared } = this.source;
    if (shared === undefined || !(await this.#patiently(shared.publish(grant), false))) {
      return false;
    }
    this.spent.settle(grant);
    return true;
  }

  async #write(grant: Grant): Promise<boolean> {
    const failure = await this.#put(grant);
    if (failure !== undefined) return false;
    this.spent.settle(grant);
    return true;
  }

  /** Puts it into the keychain; resolves to why it is not there. */
  async #put(grant: Grant): Promise<EvercredError | undefined> {
    try {
      await this.#bounded(this.#ports.store.set(this.#key, grant.saved));
      this.#lies = grant;
      return undefined;
    } catch (thrown) {
      const error = errorOf(thrown);
      const { code } = error;
      this.#ports.log.error("session: grant not saved", { source: this.source.id, code });
      return error;
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
