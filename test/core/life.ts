import type { SessionPorts } from "../../electron/core/session-ports.ts";
import type { SharedPlace, Source } from "../../electron/core/source.ts";
import type { Memo, SecretStore } from "../../electron/core/store.ts";
import type { Clock } from "../../electron/core/time.ts";

/** One run of the daemon, which can die: then nothing that it has begun goes on, and no answer reaches it. */
export class Life {
  #alive = true;
  readonly #alarms = new Set<() => void>();

  /** The process is gone at once. */
  end(): void {
    this.#alive = false;
    for (const disarm of this.#alarms) disarm();
  }

  /** The world, as long as this life lasts. */
  ports(ports: SessionPorts): SessionPorts {
    const { clock, memo, store } = ports;
    return {
      ...ports,
      clock: this.#clock(clock),
      memo: this.#memo(memo),
      store: this.#store(store),
      changed: () => {
        if (this.#alive) ports.changed();
      },
    };
  }

  /** A source, as long as this life lasts. */
  source(source: Source): Source {
    const mine: Source = {
      id: source.id,
      kind: source.kind,
      unattended: source.unattended,
      keptBy: source.keptBy,
      byProgram: source.byProgram ?? false,
      hasDeviceFlow: source.hasDeviceFlow ?? false,
      account: source.account,
      ...(source.renewsApart !== undefined && { renewsApart: source.renewsApart }),
      ...(source.mayRecover !== undefined && { mayRecover: source.mayRecover }),
      title: source.title,
      organisation: source.organisation,
      boundTo: source.boundTo,
      offers: source.offers,
      directory: source.directory,
      shared: source.shared && this.#shared(source.shared),
      pageHosts: () => source.pageHosts?.(),
      offsetMs: () => source.offsetMs(),
      signIn: (options, signal) => this.#do(() => source.signIn(options, signal)),
      renew: (grant, signal, wanted) => this.#do(() => source.renew(grant, signal, wanted)),
      issue: (grant, key, signal, other) => this.#do(() => source.issue(grant, key, signal, other)),
      identify: (grant, signal, held) => this.#do(() => source.identify(grant, signal, held)),
      probe: (grant, signal) => this.#do(() => source.probe(grant, signal)),
      revoke: (grant, signal) => this.#do(() => source.revoke(grant, signal)),
      restore: (saved) => source.restore(saved),
    };
    return mine;
  }

  #clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      alarm: (at, wake) => {
        if (!this.#alive) return () => undefined;
        const disarm = clock.alarm(at, wake);
        this.#alarms.add(disarm);
        return disarm;
      },
    };
  }

  #memo(memo: Memo): Memo {
    return {
      get: (name) => memo.get(name),
      set: (name, fact) => {
        if (this.#alive) memo.set(name, fact);
      },
      engrave: (name, fact) => {
        if (this.#alive) memo.engrave(name, fact);
      },
    };
  }

  #store(store: SecretStore): SecretStore {
    return {
      durability: store.durability,
      get: (key) => this.#do(() => store.get(key)),
      set: (key, value) => this.#do(() => store.set(key, value)),
      delete: (key) => this.#do(() => store.delete(key)),
    };
  }

  #shared(shared: SharedPlace): SharedPlace {
    return {
      writable: shared.writable,
      look: (known, keep) => this.#do(() => shared.look(known, keep)),
      publish: (grant) => this.#do(() => shared.publish(grant)),
      withdraw: (only) => this.#do(() => shared.withdraw(only)),
    };
  }

  /** Begins nothing after the end, and answers nothing that was begun before it. */
  async #do<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#alive) return silence;
    try {
      const result = await work();
      return this.#alive ? result : await silence;
    } catch (thrown) {
      if (!this.#alive) await silence;
      throw thrown;
    }
  }
}

const silence = new Promise<never>(() => undefined);
