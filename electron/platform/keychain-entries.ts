import { randomBytes } from "node:crypto";
import { EvercredError } from "../core/errors.ts";

/** What keytar does for one service: texts under accounts. */
export interface KeychainBackend {
  read(account: string): Promise<string | null>;
  write(account: string, text: string): Promise<void>;
  /** False where there was nothing. */
  remove(account: string): Promise<boolean>;
  /** All accounts that there are. Asked only of one that is known to be open: a locked one ends the process (keytar 7.9.0). */
  accounts(): Promise<readonly string[]>;
}

/** The throw-away entry of the probe. What a crash leaves of it is overwritten by the next one. */
const probeAccount = "probe";

/**
 * The entries of a keychain, with answers that can be believed. A locked libsecret answers a read with
 * "not found" (seen with gnome-keyring and libsecret 0.20.5), so such an answer counts only if, after it,
 * a throw-away entry can be written and read, and the question then has the same answer once more.
 */
export class KeychainEntries {
  readonly #backend: KeychainBackend;

  constructor(backend: KeychainBackend) {
    this.#backend = backend;
  }

  async read(account: string, signal: AbortSignal): Promise<string | undefined> {
    const ask = (): Promise<string | null> => this.#step(signal, (b) => b.read(account));
    const found = await ask();
    if (found !== null) return found;
    await this.#probe(signal);
    return (await ask()) ?? undefined;
  }

  /** Resolves once the text has been read back. */
  async write(account: string, text: string, signal: AbortSignal): Promise<void> {
    await this.#step(signal, (b) => b.write(account, text));
    const kept = await this.#step(signal, (b) => b.read(account));
    if (kept !== text) {
      throw new EvercredError(
        "keychain-unavailable",
        "The keychain did not keep what was written to it.",
      );
    }
  }

  /** Of nothing is success. */
  async remove(account: string, signal: AbortSignal): Promise<void> {
    const ask = (): Promise<boolean> => this.#step(signal, (b) => b.remove(account));
    if (await ask()) return;
    await this.#probe(signal);
    await ask();
  }

  /** All accounts that have something. */
  async accounts(signal: AbortSignal): Promise<readonly string[]> {
    await this.#probe(signal);
    const found = await this.#step(signal, (b) => b.accounts());
    return found.filter((account) => account !== probeAccount);
  }

  async #probe(signal: AbortSignal): Promise<void> {
    await this.write(probeAccount, randomBytes(8).toString("hex"), signal);
    await this.#step(signal, (b) => b.remove(probeAccount));
  }

  async #step<T>(signal: AbortSignal, call: (backend: KeychainBackend) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await call(this.#backend);
    } catch (thrown) {
      throw keychainErrorOf(thrown);
    }
  }
}

/**
 * What libsecret says where there is no keychain to unlock. Its errors come through keytar as message text and
 * nothing else; this is the one place that reads it. Seen, in this order, without DBUS_SESSION_BUS_ADDRESS,
 * with a bus that is gone, and with a bus that knows no keyring.
 */
const nobodyThere =
  /Cannot autolaunch D-Bus|Could not connect:|was not provided by any \.service files/u;

/** Text that cannot be told to mean that there is none is taken for a locked one: that may still change. */
export const keychainErrorOf = (thrown: unknown): EvercredError => {
  if (thrown instanceof EvercredError) return thrown;
  const absent = thrown instanceof Error && nobodyThere.test(thrown.message);
  return new EvercredError(absent ? "keychain-unavailable" : "keychain-locked", undefined, {
    cause: thrown,
  });
};
