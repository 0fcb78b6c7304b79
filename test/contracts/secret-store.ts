import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import type { SecretStore } from "../../electron/core/store.ts";

/** A store of its own for one test, and the way to lock it where it can be locked. */
export interface StoreBench {
  readonly store: SecretStore;
  readonly lock?: () => Promise<void>;
  readonly unlock?: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every SecretStore promises. `make` gives an empty, unlocked one. */
export function describeSecretStore(name: string, make: () => Promise<StoreBench>): void {
  describe(name, () => {
    let bench: StoreBench;
    let store: SecretStore;

    beforeEach(async () => {
      bench = await make();
      ({ store } = bench);
    });

    afterEach(() => bench.close());

    const read = async (key: string): Promise<string | undefined> =>
      (await store.get(key))?.reveal();

    test("a key that was never set is undefined", async () => {
      expect(await store.get("grant/none")).toBeUndefined();
    });

    test("what was set is there", async () => {
      await store.set("grant/corp", new Secret("one"));
      expect(await read("grant/corp")).toBe("one");
    });

    test("the last value replaces the one before it, also where it is shorter", async () => {
      await store.set("grant/corp", new Secret("x".repeat(9_000)));
      await store.set("grant/corp", new Secret("two"));
      expect(await read("grant/corp")).toBe("two");
    });

    test.each([
      ["of one character", "x"],
      ["with line ends, quotes and a NUL", 'a\nb\r\n"c"\0d'],
      ["beyond ASCII", "Schlüssel 鍵 🔑"],
      ["longer than one entry of Windows' vault", "0123456789".repeat(1_500)],
      ["of many characters of several bytes", "🔑ü".repeat(3_000)],
    ])("a value %s comes back as it was", async (_, value) => {
      await store.set("grant/corp", new Secret(value));
      expect(await read("grant/corp")).toBe(value);
    });

    test("keys do not touch each other, also where one begins with the other", async () => {
      await store.set("grant/corp", new Secret("one"));
      await store.set("grant/corp-2", new Secret("two"));
      await store.delete("grant/corp");
      expect(await read("grant/corp")).toBeUndefined();
      expect(await read("grant/corp-2")).toBe("two");
    });

    test("what was deleted is gone, and can be set again", async () => {
      await store.set("grant/corp", new Secret("one"));
      await store.delete("grant/corp");
      expect(await read("grant/corp")).toBeUndefined();
      await store.set("grant/corp", new Secret("two"));
      expect(await read("grant/corp")).toBe("two");
    });

    test("to delete nothing is success", async () => {
      await expect(store.delete("grant/none")).resolves.toBeUndefined();
    });

    test("writes that come at once leave the last one, whole", async () => {
      const values = Array.from({ length: 10 }, (_, i) => String(i).repeat(4_000));
      await Promise.all(values.map((value) => store.set("grant/corp", new Secret(value))));
      expect(await read("grant/corp")).toBe(values.at(-1));
    });

    test("a locked store rejects, and never says that there is nothing", async (context) => {
      const { lock, unlock } = bench;
      if (lock === undefined || unlock === undefined) return context.skip();
      await store.set("grant/corp", new Secret("one"));
      await lock();
      await expect(store.get("grant/corp")).rejects.toMatchObject({ code: "keychain-locked" });
      await expect(store.get("grant/none")).rejects.toMatchObject({ code: "keychain-locked" });
      await expect(store.set("grant/corp", new Secret("two"))).rejects.toMatchObject({
        code: "keychain-locked",
      });
      await unlock();
      expect(await read("grant/corp")).toBe("one");
    });
  });
}
