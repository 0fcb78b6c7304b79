import { randomBytes } from "node:crypto";
import { chmod, open, realpath, rename, unlink, utimes } from "node:fs/promises";
import type { Grant } from "../../core/credential.ts";
import { errorOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { SharedPlace } from "../../core/source.ts";
import { readAdcFile } from "./adc-file.ts";
import { bindingOf, type FoundAdc, foundGrantOf, kinshipOf } from "./adc-grant.ts";
import { objectIn, readSmallFile } from "./small-file.ts";
import { tokensIn } from "./tokens.ts";

/** The file in which others keep a sign-in. It stays theirs: only what a renewal has spent is replaced there. */
export class AdcKeeper implements SharedPlace {
  readonly writable = true;
  readonly #id: string;
  readonly #file: string;
  readonly #boundTo: string;
  readonly #log: Log;
  /** The last write: one that takes long is not overtaken. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(id: string, file: string, boundTo: string, log: Log) {
    this.#id = id;
    this.#file = file;
    this.#boundTo = boundTo;
    this.#log = log;
  }

  async look(known: Grant | undefined): ReturnType<SharedPlace["look"]> {
    const found = await readAdcFile(this.#file);
    if (found.kind === "absent") return found;
    // Somebody is just writing it; or it is another identity's, and this source is not for long.
    const isOurs = found.kind === "adc" && bindingOf(this.#file, found.adc) === this.#boundTo;
    if (!isOurs) return { kind: known === undefined ? "absent" : "known" };
    if (known !== undefined && this.#kinship(known, found) !== "none") return { kind: "known" };
    return { kind: "foreign", grant: foundGrantOf(this.#file, found) };
  }

  publish(grant: Grant): Promise<boolean> {
    const written = this.#written.then(() => this.#write(grant));
    this.#written = written;
    return written;
  }

  /** What others keep is theirs to take away. */
  withdraw(): Promise<void> {
    return Promise.resolve();
  }

  async #write(grant: Grant): Promise<boolean> {
    const found = await readAdcFile(this.#file);
    if (found.kind !== "adc") return false;
    const kinship = this.#kinship(grant, found);
    if (kinship !== "older") return kinship === "same";
    const { refreshToken = "" } = tokensIn(grant, this.#id);
    try {
      return await replaceWhole(this.#file, found, withRefreshToken(found.text, refreshToken));
    } catch (thrown) {
      this.#log.warn("google: refresh token not written back", {
        source: this.#id,
        code: errorOf(thrown).code,
      });
      return false;
    }
  }

  #kinship(known: Grant, found: FoundAdc): ReturnType<typeof kinshipOf> {
    return kinshipOf(known, found, this.#id);
  }
}

/** A file's text with another refresh token, and all else as it was. */
const withRefreshToken = (text: string, token: string): string => {
  const whole = { ...objectIn(text) };
  const { source_credentials: source } = whole;
  const renewed =
    typeof source === "object"
      ? { ...whole, source_credentials: { ...source, refresh_token: token } }
      : { ...whole, refresh_token: token };
  return `${JSON.stringify(renewed, undefined, 2)}\n`;
};

/**
 * Puts a text in the place of what was found, whole, with the same rights and the same time: it is of the same sign-in.
 * Resolves to false where somebody else has written there meanwhile.
 */
const replaceWhole = async (file: string, found: FoundAdc, text: string): Promise<boolean> => {
  // What a link leads to is replaced, not the link.
  const path = await realpath(file);
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(draft, found.mode);
    await utimes(draft, found.writtenAt / 1000, found.writtenAt / 1000);
    const now = await readSmallFile(path);
    const isUnchanged = now.kind === "text" && now.text === found.text;
    if (isUnchanged) await rename(draft, path);
    else await unlink(draft);
    return isUnchanged;
  } catch (thrown) {
    await unlink(draft).catch(() => undefined);
    throw thrown;
  }
};
