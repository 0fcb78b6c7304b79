import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import { EvercredError } from "../core/errors.ts";
import type { KeychainEntries } from "./keychain-entries.ts";

/*
 * What an entry holds. Its first letter says which:
 *   =VALUE       the value itself
 *   "VALUE"      the value as a JSON string: keychains end a text at its first NUL
 *   #{manifest}  one of the two above, cut into `count` entries KEY#GENERATION.0, .1 …
 * KEY#generations lists the generations of which entries may exist. It is written before them, so that what a
 * crash leaves is found and removed by the next `set`.
 */
const generationSchema = z.object({ id: z.string(), count: z.number() });
const manifestSchema = generationSchema.extend({ bytes: z.number(), sha256: z.string() });

type Generation = z.infer<typeof generationSchema>;
type Manifest = z.infer<typeof manifestSchema>;

/**
 * Values of any length over entries of at most `limitBytes` of UTF-8 (undefined: no limit).
 * A crash at any step leaves the old value or the new one, whole.
 */
export class KeychainValues {
  readonly #entries: KeychainEntries;
  readonly #limitBytes: number | undefined;

  constructor(entries: KeychainEntries, limitBytes: number | undefined) {
    this.#entries = entries;
    this.#limitBytes = limitBytes;
  }

  async get(key: string, signal: AbortSignal): Promise<string | undefined> {
    const entry = await this.#entries.read(key, signal);
    if (entry === undefined) return undefined;
    if (!entry.startsWith("#")) return decoded(entry);
    const manifest = manifestOf(entry);
    if (manifest === undefined) throw damaged();
    const parts: string[] = [];
    for (const account of accountsOf(key, manifest)) {
      const part = await this.#entries.read(account, signal);
      if (part === undefined) throw damaged();
      parts.push(part);
    }
    const text = parts.join("");
    if (Buffer.byteLength(text) !== manifest.bytes || hashOf(text) !== manifest.sha256) {
      throw damaged();
    }
    return decoded(text);
  }

  async set(key: string, value: string, signal: AbortSignal): Promise<void> {
    const limit = this.#limitBytes;
    const text = encoded(value);
    if (limit === undefined) {
      await this.#entries.write(key, text, signal);
      return;
    }
    const live = await this.#liveGeneration(key, signal);
    const known = await this.#generations(key, signal);
    await this.#removeChunks(
      key,
      known.filter(({ id }) => id !== live?.id),
      signal,
    );
    if (Buffer.byteLength(text) <= limit) await this.#entries.write(key, text, signal);
    else await this.#writeChunks(key, text, chunksOf(text, limit), live, signal);
    if (live !== undefined) await this.#removeChunks(key, [live], signal);
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    await this.#entries.remove(key, signal);
    if (this.#limitBytes === undefined) return;
    const known = await this.#generations(key, signal);
    if (known.length === 0) return;
    await this.#removeChunks(key, known, signal);
    await this.#entries.remove(listOf(key), signal);
  }

  /** All keys under which something stands, whole or not. */
  async keys(signal: AbortSignal): Promise<readonly string[]> {
    const accounts = await this.#entries.accounts(signal);
    return [...new Set(accounts.map((account) => account.replace(chunkEnd, "")))];
  }

  async #writeChunks(
    key: string,
    text: string,
    chunks: readonly string[],
    live: Generation | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const generation = { id: randomBytes(4).toString("hex"), count: chunks.length };
    const known = live === undefined ? [generation] : [live, generation];
    await this.#entries.write(listOf(key), JSON.stringify(known), signal);
    for (const [index, account] of accountsOf(key, generation).entries()) {
      await this.#entries.write(account, chunks[index] ?? "", signal);
    }
    const manifest: Manifest = {
      ...generation,
      bytes: Buffer.byteLength(text),
      sha256: hashOf(text),
    };
    await this.#entries.write(key, `#${JSON.stringify(manifest)}`, signal);
  }

  async #liveGeneration(key: string, signal: AbortSignal): Promise<Generation | undefined> {
    const entry = await this.#entries.read(key, signal);
    return entry === undefined ? undefined : manifestOf(entry);
  }

  async #generations(key: string, signal: AbortSignal): Promise<readonly Generation[]> {
    const text = await this.#entries.read(listOf(key), signal);
    return (text === undefined ? undefined : parse(z.array(generationSchema), text)) ?? [];
  }

  async #removeChunks(
    key: string,
    generations: readonly Generation[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const generation of generations) {
      for (const account of accountsOf(key, generation)) {
        await this.#entries.remove(account, signal);
      }
    }
  }
}

const chunkEnd = /#(?:generations|[0-9a-f]{8}\.\d+)$/;

const listOf = (key: string): string => `${key}#generations`;

const accountsOf = (key: string, { id, count }: Generation): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${key}#${id}.${index}`);

const manifestOf = (entry: string): Manifest | undefined =>
  entry.startsWith("#") ? parse(manifestSchema, entry.slice(1)) : undefined;

const parse = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const encoded = (value: string): string =>
  /[\0\p{Surrogate}]/u.test(value) ? JSON.stringify(value) : `=${value}`;

const decoded = (text: string): string => {
  const value = text.startsWith("=") ? text.slice(1) : parse(z.string(), text);
  if (value === undefined) throw damaged();
  return value;
};

/** Pieces of at most `limit` bytes; no character is cut in two. */
const chunksOf = (text: string, limit: number): readonly string[] => {
  const bytes = Buffer.from(text);
  const chunks: string[] = [];
  for (let from = 0; from < bytes.length;) {
    let to = Math.min(from + limit, bytes.length);
    while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to--;
    chunks.push(bytes.toString("utf8", from, to));
    from = to;
  }
  return chunks;
};

/** What stands there cannot be put together any more: nothing is lost with it. */
export class DamagedEntry extends EvercredError {
  constructor() {
    super("keychain-unavailable", "What the keychain holds is damaged.", {
      remedy: "Sign in again.",
    });
  }
}

const damaged = (): EvercredError => new DamagedEntry();
