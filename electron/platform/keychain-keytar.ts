import { createRequire } from "node:module";
import { EvercredError } from "../core/errors.ts";
import type { KeychainBackend } from "./keychain-entries.ts";

/** keytar, loaded at the first call: a system without libsecret has no keychain, and all else works. */
export class KeytarBackend implements KeychainBackend {
  readonly #service: string;

  constructor(service: string) {
    this.#service = service;
  }

  async read(account: string): Promise<string | null> {
    return this.#load().getPassword(this.#service, account);
  }

  async write(account: string, text: string): Promise<void> {
    await this.#load().setPassword(this.#service, account, text);
  }

  async remove(account: string): Promise<boolean> {
    return this.#load().deletePassword(this.#service, account);
  }

  async accounts(): Promise<readonly string[]> {
    const found = await this.#load().findCredentials(this.#service);
    return found.map(({ account }) => account);
  }

  #load(): Keytar {
    try {
      const library: unknown = createRequire(import.meta.url)("keytar");
      if (isKeytar(library)) return library;
    } catch (thrown) {
      throw notLoaded(thrown);
    }
    throw notLoaded(undefined);
  }
}

type Keytar = typeof import("keytar");

const isKeytar = (library: unknown): library is Keytar =>
  typeof library === "object" && library !== null && "getPassword" in library;

const notLoaded = (cause: unknown): EvercredError =>
  new EvercredError("keychain-unavailable", "The keychain's library cannot be loaded.", {
    remedy: "Install Evercred again, on Linux with libsecret.",
    cause,
  });
