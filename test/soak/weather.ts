import { setTimeout } from "node:timers/promises";
import type { House } from "../e2e/house.ts";
import type { Fault } from "../fakes/cloud/faults.ts";

const oidc = "oidc.us-east-1.amazonaws.com";
const portal = "portal.sso.us-east-1.amazonaws.com";

/**
 * For so long after a fault, and as long again as it was on, it may still be why a caller gets nothing, in milliseconds:
 * callers cause an attempt every five seconds, and where the provider has asked for patience waits double.
 */
const tailMs = 10_000;

/** A fault, and the exit codes that it explains. */
interface Kind {
  readonly name: string;
  readonly exits: readonly number[];
  /** Begins it; resolves to what ends it. */
  begin(): Promise<() => Promise<void> | void>;
}

/** A fault that was on. `to` is undefined while it is. */
interface Spell {
  readonly kind: Kind;
  readonly from: number;
  to: number | undefined;
}

/** One fault after the other, at random, at the providers, the keychain and the computer itself. */
export class Weather {
  readonly #kinds: readonly Kind[];
  readonly #lifeMs: number;
  readonly #chance: () => number;
  readonly #spells: Spell[] = [];

  /** `lifeMs`: how long credentials live. */
  constructor(house: House, daemonPid: number, lifeMs: number, chance: () => number) {
    this.#lifeMs = lifeMs;
    this.#chance = chance;
    this.#kinds = [...providerFaults(house), ...machineFaults(house, daemonPid)];
  }

  /** Makes weather until the signal; resolves once all is well again. */
  async until(signal: AbortSignal): Promise<void> {
    while (await isOn(signal, 500 + 1_500 * this.#chance())) {
      const kind = this.#kinds[Math.floor(this.#chance() * this.#kinds.length)];
      if (kind === undefined) continue;
      const end = await kind.begin();
      const spell: Spell = { kind, from: performance.now(), to: undefined };
      this.#spells.push(spell);
      // Most are over before anybody can notice; some outlast every credential there is.
      await isOn(signal, 500 + 1.4 * this.#lifeMs * this.#chance() ** 2);
      await end();
      spell.to = performance.now();
    }
  }

  /** Whether a fault was on between the two times, or shortly before, that explains this exit code. */
  explains(exit: number, from: number, to: number): boolean {
    return this.#spells.some((spell) => {
      const end = spell.to ?? Number.POSITIVE_INFINITY;
      const mattered = spell.from <= to && from <= end + (end - spell.from) + tailMs;
      return mattered && spell.kind.exits.includes(exit);
    });
  }

  /** How often each fault was on. */
  get summary(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.#spells) counts[kind.name] = (counts[kind.name] ?? 0) + 1;
    return counts;
  }
}

/** Resolves to false as soon as the signal comes, else to true after a while. */
const isOn = (signal: AbortSignal, ms: number): Promise<boolean> =>
  setTimeout(ms, true, { signal }).catch(() => false);

const providerFaults = ({ cloud }: House): readonly Kind[] => {
  const kind = (name: string, fault: Fault): Kind => ({
    name,
    exits: [6, 7],
    begin: async () => {
      const handle = cloud.faults.add(fault);
      return () => handle.remove();
    },
  });
  return [portal, oidc]
    .flatMap((host) => [
      kind(`${host}: 500`, { host, kind: "status", status: 500 }),
      kind(`${host}: 429`, { host, kind: "status", status: 429 }),
      kind(`${host}: 429, wait 2 s`, {
        host,
        kind: "status",
        status: 429,
        headers: { "retry-after": "2" },
      }),
      kind(`${host}: a page instead`, { host, kind: "html" }),
      kind(`${host}: no JSON`, { host, kind: "not-json" }),
      kind(`${host}: reset`, { host, kind: "reset" }),
      kind(`${host}: slow`, { host, kind: "delay", delayMs: 1_000 }),
      kind(`${host}: unreachable`, { host, kind: "unreachable" }),
    ])
    .concat([
      // Of an exchange it would end the session: its refresh token is spent.
      kind("portal: cut off", { host: portal, kind: "truncate" }),
      kind("portal: no reply", { host: portal, kind: "lose-reply" }),
    ]);
};

const machineFaults = ({ keyring }: House, daemonPid: number): readonly Kind[] => [
  {
    name: "keychain locked",
    exits: [1, 7],
    begin: async () => {
      await keyring.lock();
      return () => keyring.unlock();
    },
  },
  {
    name: "keychain hangs",
    exits: [1, 6, 7],
    begin: async () => {
      keyring.freeze();
      return () => keyring.thaw();
    },
  },
  {
    name: "computer sleeps",
    exits: [4, 6, 7],
    begin: async () => {
      process.kill(daemonPid, "SIGSTOP");
      return () => void process.kill(daemonPid, "SIGCONT");
    },
  },
];
