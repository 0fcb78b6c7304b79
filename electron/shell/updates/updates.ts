import type { Log } from "../../core/log.ts";
import type { Memo } from "../../core/store.ts";
import type { UpdateFailure, UpdateFault, UpdateView } from "../../protocol/update-view.ts";
import type { Delivered } from "./delivery.ts";
import type { UpdateServer } from "./fetching.ts";
import { metadataNameOf, type Offer, offerIn, type RoadKind, verifyMetadata } from "./offer.ts";
import { failureOf, UpdateError } from "./update-error.ts";

/** What a person, or their organisation, wants. */
export interface UpdateWishes {
  readonly mode: "install" | "notify" | "off";
  readonly channel: string;
}

export interface UpdatesPorts {
  /** Of the running app. */
  readonly version: string;
  /** As Node calls the processor. */
  readonly arch: string;
  /** The only key whose releases count; undefined for a build that trusts none. */
  readonly publicKey: string | undefined;
  /** Undefined where somebody else keeps this installation up to date. */
  readonly road: RoadKind | undefined;
  readonly server: UpdateServer;
  readonly wishes: () => UpdateWishes;
  /** Whether an organisation has set the mode, so that nobody here can. */
  readonly isForced: () => boolean;
  /** Whether now is a good moment: there is a network, and nobody is signing in. */
  readonly isGoodMoment: () => boolean;
  readonly deliver: (offer: Offer, signal: AbortSignal) => Promise<Delivered>;
  readonly memo: Memo;
  /** In epoch ms. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly changed: () => void;
  readonly log: Log;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** What is remembered over restarts. */
const newestName = "updates.newest";
const checkedName = "updates.checkedAt";
const failureName = "updates.failure";

type State = Exclude<UpdateView, { readonly kind: "off" | "ready" }>;

/**
 * Brings the app up to date. It has no timer of its own: whoever draws the app's face has it look, and it asks a while
 * after the start, and once a day.
 */
export class Updates {
  readonly #ports: UpdatesPorts;
  #state: State;
  #delivered: Delivered | undefined;
  #running: AbortController | undefined;
  /** Ends once what was taken is installed, or is not. */
  #installing: Promise<void> | undefined;
  #dueAt: number;

  constructor(ports: UpdatesPorts) {
    this.#ports = ports;
    const { memo, now, random } = ports;
    const start = now() + (10 + 10 * random()) * minuteMs;
    const checkedAt = Math.min(Number(memo.get(checkedName) ?? 0), now());
    this.#dueAt = Math.max(start, this.#dayAfter(checkedAt));
    const failure = memo.get(failureName);
    memo.set(failureName, undefined);
    this.#state =
      failure === undefined
        ? { kind: "current", checkedAt: checkedAt === 0 ? undefined : checkedAt }
        : { kind: "failed", fault: failure as UpdateFault };
  }

  get view(): UpdateView {
    const { publicKey, road, wishes, isForced } = this.#ports;
    if (publicKey === undefined) return { kind: "off", why: "build" };
    if (road === undefined) return { kind: "off", why: "package" };
    if (this.#state.kind === "installed") return this.#state;
    if (wishes().mode === "off") return { kind: "off", why: isForced() ? "policy" : "settings" };
    if (this.#delivered !== undefined && this.#state.kind !== "failed") {
      return { kind: "ready", version: this.#delivered.offer.version };
    }
    return this.#state;
  }

  /** Does what is due, at a good moment. What is not wanted any more is given up. */
  look(): void {
    const { now, isGoodMoment } = this.#ports;
    const { kind } = this.view;
    if (kind === "off") {
      this.#running?.abort();
      return;
    }
    // A clock that was far ahead for a while must not put it off for as long.
    const isDue = now() >= this.#dueAt || this.#dueAt - now() > 2 * dayMs;
    const waits = kind === "ready" || kind === "installed";
    if (isDue && !waits && isGoodMoment()) void this.check();
  }

  /** Asks now, and downloads what is wanted. Never rejects: the view says what came of it. */
  async check(): Promise<void> {
    const { view } = this;
    const isBusy = this.#running !== undefined || this.#installing !== undefined;
    if (isBusy || view.kind === "off" || view.kind === "installed") return;
    const { memo, now, log, wishes } = this.#ports;
    const own = new AbortController();
    this.#running = own;
    try {
      this.#enter({ kind: "checking" });
      const offer = await this.#ask(own.signal);
      // The next start knows of no update until it has asked: it must not say that there is none.
      memo.set(checkedName, offer === undefined ? String(now()) : undefined);
      if (offer === undefined) {
        this.#delivered = undefined;
        this.#enter({ kind: "current", checkedAt: now() });
      } else if (wishes().mode === "notify") {
        this.#enter({ kind: "found", version: offer.version });
      } else {
        await this.#fetch(offer, own.signal);
      }
    } catch (thrown) {
      if (own.signal.aborted) this.#enter({ kind: "current", checkedAt: undefined });
      else this.#fail(failureOf(thrown));
    } finally {
      this.#running = undefined;
      this.#dueAt = this.#dayAfter(now());
      log.info("updates: checked", { came: this.view.kind });
    }
  }

  /**
   * Installs what is ready, for a person who has asked for it: at once, or by what it resolves to, which is for the moment
   * when all behind the app has stopped, brings up the new one, and rejects where it could not. Undefined where nothing
   * came of it: the view says why.
   */
  async take(): Promise<"installed" | (() => Promise<void>) | undefined> {
    const delivered = this.#delivered;
    const isBusy = this.#running !== undefined || this.#installing !== undefined;
    if (delivered === undefined || isBusy) return undefined;
    if (!delivered.whileRunning) return () => this.#installLast(true);
    this.#installing = this.#installNow(delivered);
    await this.#installing;
    this.#installing = undefined;
    return this.view.kind === "installed" ? "installed" : undefined;
  }

  /**
   * Installs what is ready, where that is wanted, as the last thing that the app does. Never rejects.
   * @param isHurried whether the system ends the app, and may not wait: then only what cannot be cut in half is installed
   */
  async installAtQuit(isHurried: boolean): Promise<void> {
    this.#running?.abort();
    // Two at a time would write into one file.
    await this.#installing;
    const mayBegin = !isHurried || this.#delivered?.whileRunning === true;
    if (mayBegin && this.view.kind === "ready" && this.#ports.wishes().mode === "install") {
      await this.#installLast(false).catch(() => undefined);
    }
  }

  /** Never rejects: the view says what came of it. */
  async #installNow(delivered: Delivered): Promise<void> {
    try {
      await delivered.install(false);
      this.#delivered = undefined;
      this.#enter({ kind: "installed", version: delivered.offer.version });
    } catch (thrown) {
      this.#delivered = undefined;
      this.#fail(failureOf(thrown));
    }
  }

  /** Nobody sees any more what comes of it: it is said after the next start. */
  async #installLast(starts: boolean): Promise<void> {
    const { memo, log } = this.#ports;
    try {
      await this.#delivered?.install(starts);
      this.#delivered = undefined;
    } catch (thrown) {
      const { fault } = failureOf(thrown);
      log.warn("updates: not installed", { fault });
      memo.engrave(failureName, fault);
      throw thrown;
    }
  }

  async #ask(signal: AbortSignal): Promise<Offer | undefined> {
    const { arch, memo, publicKey, road, server, version, wishes } = this.#ports;
    if (publicKey === undefined || road === undefined) return undefined;
    const { channel } = wishes();
    const name = metadataNameOf(road, channel, arch);
    const bytes = await server.small(name, signal);
    const signature = await server.small(`${name}.sig`, signal).catch((thrown: unknown) => {
      const isMissing = thrown instanceof UpdateError && thrown.failure.fault === "refused";
      throw isMissing ? new UpdateError("unsigned", thrown) : thrown;
    });
    verifyMetadata(bytes, signature, publicKey);
    const newest = memo.get(newestName);
    const offer = offerIn(bytes, name, road, { version, channel, newest });
    if (offer !== undefined) memo.engrave(newestName, offer.version);
    return offer;
  }

  async #fetch(offer: Offer, signal: AbortSignal): Promise<void> {
    this.#delivered = undefined;
    this.#enter({ kind: "downloading", version: offer.version });
    const delivered = await this.#ports.deliver(offer, signal);
    signal.throwIfAborted();
    this.#delivered = delivered;
    this.#enter({ kind: "current", checkedAt: this.#ports.now() });
  }

  #fail(failure: UpdateFailure): void {
    this.#ports.log.warn("updates: failed", { fault: failure.fault, code: failure.trouble?.code });
    this.#enter({ kind: "failed", ...failure });
  }

  #enter(state: State): void {
    this.#state = state;
    this.#ports.changed();
  }

  /** A day later, more or less: all computers of a company started at nine. */
  #dayAfter(at: number): number {
    return at + dayMs * (0.9 + 0.2 * this.#ports.random());
  }
}
