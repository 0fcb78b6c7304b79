import { describe, expect, test } from "vitest";
import { type KeychainBackend, KeychainEntries } from "../../electron/platform/keychain-entries.ts";
import { KeychainValues } from "../../electron/platform/keychain-values.ts";

/** Entries as Windows keeps them: at most 2,560 bytes. It stops dead before its n-th change. */
class Vault implements KeychainBackend {
  readonly entries: Map<string, string>;
  changes = 0;
  reads = 0;
  readonly #stopAt: number;

  constructor(entries = new Map<string, string>(), stopAt = Infinity) {
    this.entries = new Map(entries);
    this.#stopAt = stopAt;
  }

  async read(account: string): Promise<string | null> {
    this.reads += 1;
    return this.entries.get(account) ?? null;
  }

  async write(account: string, text: string): Promise<void> {
    if (Buffer.byteLength(text) > 2_560) throw new Error("The stub received bad data.");
    this.#change();
    this.entries.set(account, text);
  }

  async remove(account: string): Promise<boolean> {
    this.#change();
    return this.entries.delete(account);
  }

  async accounts(): Promise<readonly string[]> {
    return [...this.entries.keys()];
  }

  #change(): void {
    if (this.changes === this.#stopAt) throw new Error("stopped");
    this.changes += 1;
  }
}

const { signal } = new AbortController();
const valuesOf = (vault: Vault): KeychainValues =>
  new KeychainValues(new KeychainEntries(vault), 2_400);
const read = (vault: Vault): Promise<string | undefined> => valuesOf(vault).get("k", signal);

const short = "one";
const long = "ü".repeat(4_000);
const longer = "x".repeat(12_000);
const changes = [
  ["nothing to short", undefined, short],
  ["nothing to long", undefined, long],
  ["short to long", short, long],
  ["long to short", long, short],
  ["long to longer", long, longer],
  ["longer to long", longer, long],
] as const;

async function vaultWith(value: string | undefined): Promise<Vault> {
  const vault = new Vault();
  if (value !== undefined) await valuesOf(vault).set("k", value, signal);
  return vault;
}

/** The vault after the work was stopped before its n-th change, for each n until it is done. */
async function* stopped(
  before: Vault,
  work: (values: KeychainValues) => Promise<void>,
): AsyncGenerator<Vault> {
  for (let stopAt = 0; ; stopAt++) {
    const vault = new Vault(before.entries, stopAt);
    const done = await work(valuesOf(vault)).then(
      () => true,
      () => false,
    );
    yield new Vault(vault.entries);
    if (done) return;
  }
}

describe("a value that is longer than an entry", () => {
  test.each(changes)(
    "from %s: a crash at any step leaves the old or the new one",
    async (_, old, next) => {
      const before = await vaultWith(old);
      const seen = new Set<string | undefined>();
      for await (const vault of stopped(before, (values) => values.set("k", next, signal))) {
        const value = await read(vault);
        expect([old, next]).toContain(value);
        seen.add(value);
      }
      expect(seen).toEqual(new Set([old, next]));
    },
  );

  test.each(changes)(
    "from %s: what a crash leaves is gone after the next two values",
    async (_, old, next) => {
      const before = await vaultWith(old);
      for await (const vault of stopped(before, (values) => values.set("k", next, signal))) {
        await valuesOf(vault).set("k", long, signal);
        const [count, live] = [vault.entries.size, await read(vault)];
        expect(live).toBe(long);
        // The manifest, the list of generations, and 8,001 bytes in pieces of 2,400.
        expect(count).toBe(2 + 4);
        await valuesOf(vault).delete("k", signal);
        expect([...vault.entries.keys()]).toEqual([]);
      }
    },
  );

  test("deleted: a crash at any step leaves the old one or none, and no pieces after the next", async () => {
    const before = await vaultWith(longer);
    for await (const vault of stopped(before, (values) => values.delete("k", signal))) {
      expect([longer, undefined]).toContain(await read(vault));
      await valuesOf(vault).set("k", short, signal);
      await valuesOf(vault).delete("k", signal);
      expect([...vault.entries.keys()]).toEqual([]);
    }
  });

  test("is refused where a piece is missing or was changed, rather than given in part", async () => {
    for (const piece of ["0", "1", "3"]) {
      const vault = await vaultWith(long);
      const account = [...vault.entries.keys()].find((name) => name.endsWith(`.${piece}`))!;
      vault.entries.set(account, vault.entries.get(account)!.replace("ü", "ö"));
      await expect(read(vault)).rejects.toMatchObject({ code: "keychain-unavailable" });
      vault.entries.delete(account);
      await expect(read(vault)).rejects.toMatchObject({ code: "keychain-unavailable" });
    }
  });

  test("is replaced by a new one where it is damaged", async () => {
    const vault = await vaultWith(long);
    vault.entries.set("k", "#nonsense");
    await expect(read(vault)).rejects.toMatchObject({ code: "keychain-unavailable" });
    await valuesOf(vault).set("k", short, signal);
    expect(await read(vault)).toBe(short);
  });

  test("is refused by a keychain that does not keep it", async () => {
    const vault = new Vault();
    vault.read = async () => "something else";
    await expect(valuesOf(vault).set("k", short, signal)).rejects.toMatchObject({
      code: "keychain-unavailable",
    });
  });

  test("needs one read where it is short: an answer that is there is believed", async () => {
    const vault = await vaultWith(short);
    vault.reads = 0;
    const changesBefore = vault.changes;
    expect(await read(vault)).toBe(short);
    expect([vault.reads, vault.changes - changesBefore]).toEqual([1, 0]);
  });

  test("without a limit is one entry", async () => {
    const vault = new Vault();
    vault.write = async (account, text) => void vault.entries.set(account, text);
    const values = new KeychainValues(new KeychainEntries(vault), undefined);
    await values.set("k", longer, signal);
    expect(await values.get("k", signal)).toBe(longer);
    expect([...vault.entries.keys()]).toEqual(["k"]);
  });
});

describe("the keys of a keychain", () => {
  test("are one for each value, also for what a crash has left of one", async () => {
    const vault = await vaultWith(long);
    await valuesOf(vault).set("grant/a#b", short, signal);
    vault.entries.set("lost#0123abcd.0", "piece");
    vault.entries.set("probe", "of an earlier process");
    expect([...(await valuesOf(vault).keys(signal))].sort()).toEqual(["grant/a#b", "k", "lost"]);
    expect([...vault.entries.keys()].filter((account) => account === "probe")).toEqual([]);
  });
});
