import { expect, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import { KeychainEntries } from "../../electron/platform/keychain-entries.ts";
import { KeychainMemory } from "../../electron/platform/keychain-memory.ts";
import { KeychainValues } from "../../electron/platform/keychain-values.ts";
import { VersionedKeychain } from "../../electron/platform/keychain-versions.ts";

const opened = async (saved?: string) => {
  const entries = new KeychainMemory({ memoryRefusal: () => undefined });
  if (saved !== undefined) await entries.set("grant/corp", new Secret(saved));
  return { entries, keychain: new VersionedKeychain(entries) };
};
const next = new Secret('{"version":1,"token":"new"}');
const newer = '{"version":2,"tokens":["x"]}';

test.each([undefined, '{"version":1}', "{}", "[1]", "no JSON"])(
  "an entry that is not a newer one's is read, replaced and taken away: %j",
  async (saved) => {
    const { keychain } = await opened(saved);
    expect((await keychain.get("grant/corp"))?.reveal()).toBe(saved);
    await keychain.set("grant/corp", next);
    expect((await keychain.get("grant/corp"))?.reveal()).toBe(next.reveal());
    await keychain.delete("grant/corp");
    expect(await keychain.get("grant/corp")).toBeUndefined();
  },
);

test("an entry of a newer Evercred is left alone, whoever asks first", async () => {
  for (const ask of ["get", "set", "delete"] as const) {
    const { entries, keychain } = await opened(newer);
    const refused = {
      get: () => keychain.get("grant/corp"),
      set: () => keychain.set("grant/corp", next),
      delete: () => keychain.delete("grant/corp"),
    };
    await expect(refused[ask]()).rejects.toMatchObject({ code: "saved-by-newer" });
    for (const again of [refused.set, refused.delete, refused.get]) {
      await expect(again()).rejects.toMatchObject({ code: "saved-by-newer" });
    }
    expect((await entries.get("grant/corp"))?.reveal()).toBe(newer);
  }
});

test("its neighbours are not touched by that", async () => {
  const { keychain } = await opened(newer);
  await keychain.set("grant/other", next);
  expect((await keychain.get("grant/other"))?.reveal()).toBe(next.reveal());
});

test.each(["#{", "#[1]", "neither of both"])(
  "an entry that is damaged is replaced by a new sign-in, and taken away: %j",
  async (saved) => {
    const { signal } = new AbortController();
    const accounts = new Map<string, string>();
    const values = new KeychainValues(
      new KeychainEntries({
        read: async (account) => accounts.get(account) ?? null,
        write: async (account, text) => void accounts.set(account, text),
        remove: async (account) => accounts.delete(account),
        accounts: async () => [...accounts.keys()],
      }),
      2_400,
    );
    const keychain = new VersionedKeychain({
      durability: "persisted",
      get: async (key) => {
        const value = await values.get(key, signal);
        return value === undefined ? undefined : new Secret(value);
      },
      set: (key, value) => values.set(key, value.reveal(), signal),
      delete: (key) => values.delete(key, signal),
      keys: () => values.keys(signal),
      settled: async () => undefined,
    });
    accounts.set("grant/corp", saved);
    await expect(keychain.get("grant/corp")).rejects.toMatchObject({
      code: "keychain-unavailable",
    });
    await keychain.set("grant/corp", next);
    expect((await keychain.get("grant/corp"))?.reveal()).toBe(next.reveal());

    accounts.set("grant/other", saved);
    await keychain.delete("grant/other");
    expect(accounts.has("grant/other")).toBe(false);
  },
);
