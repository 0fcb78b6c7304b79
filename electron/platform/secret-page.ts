import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Secret } from "../core/secret.ts";
import { webPageOf } from "./web-page.ts";

/** By then a browser has read it, in milliseconds. */
const pageMs = 60_000;

/** Pages in a folder of ours that lead on to an address which is itself a secret: it stands in no command line. */
export class SecretPages {
  readonly #folder: string;
  readonly #files = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Writes a page (0600) and resolves to its file: address; undefined where the secret is no address of a web page.
   * It is there for a minute, or until `close`. Rejects as the system does.
   */
  async write(url: Secret): Promise<string | undefined> {
    const address = webPageOf(url.reveal());
    if (address === undefined) return undefined;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, `${randomBytes(16).toString("hex")}.html`);
    this.#files.add(file);
    await writeFile(file, pageTo(address), { mode: 0o600, flag: "wx" });
    setTimeout(() => this.#remove(file), pageMs).unref();
    return pathToFileURL(file).href;
  }

  /** Removes those that are still there. */
  close(): void {
    for (const file of this.#files) this.#remove(file);
  }

  #remove(file: string): void {
    this.#files.delete(file);
    rmSync(file, { force: true });
  }
}

/** Without scripts, and without a word to the next page of where it came from. */
const pageTo = (address: string): string => {
  const target = escaped(address);
  return [
    "<!doctype html>",
    '<meta charset="utf-8">',
    '<meta name="referrer" content="no-referrer">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`,
    `<meta http-equiv="refresh" content="0;url=${target}">`,
    "<title>Evercred</title>",
    `<p><a rel="noreferrer" href="${target}">Go on</a></p>`,
    "",
  ].join("\n");
};

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string =>
  text.replace(/[&<>"']/gu, (each) => escapes[each] ?? each);
