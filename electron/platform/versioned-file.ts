import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorOf, EvercredError } from "../core/errors.ts";
import type { Trouble } from "../protocol/view.ts";
import { reasonOf, replaceFile } from "./atomic-file.ts";

/** A document with the names of its values, as JSON has it. */
export type Document = Readonly<Record<string, unknown>>;

/** Makes a document of one version into one of the next. What it throws says that it is none of that version. */
export type Step = (document: Document) => Document;

/** The version that a document names; one that names none is of the first. */
export const versionOf = (document: unknown): number => {
  if (typeof document !== "object" || document === null || !("version" in document)) return 1;
  const { version } = document;
  return typeof version === "number" && version > 1 ? Math.ceil(version) : 1;
};

/** What was found of a version that is not ours. */
type Other =
  | { readonly kind: "newer"; readonly version: number }
  | { readonly kind: "older"; readonly version: number; readonly text: string };

/**
 * A JSON document in a file (0600) that carries a version. A newer Evercred reads what an older one has written; with its
 * first write it keeps that as `FILE.v1.bak`, until the version after it does the same. An older one leaves alone what a
 * newer one has written.
 */
export class VersionedFile {
  readonly file: string;
  readonly #steps: readonly Step[];
  /** Undefined: what stands there is not known, or of our version. */
  #other: Other | undefined;
  #isKnown = false;

  /** `steps` lead from each version to the next, from the first one on: there is one version more than steps. */
  constructor(file: string, steps: readonly Step[] = []) {
    this.file = file;
    this.#steps = steps;
  }

  /** The version that is written. */
  get version(): number {
    return this.#steps.length + 1;
  }

  /**
   * What stands there, as a document of our version; undefined where there is no file. Writes nothing. Throws
   * `saved-by-newer`, or what the system, JSON or a step says.
   */
  read(): unknown {
    const text = this.#look();
    if (text === undefined) return undefined;
    const document: unknown = JSON.parse(text);
    if (this.#other?.kind === "newer") throw this.#refusal(this.#other.version);
    if (this.#other === undefined) return document;
    return this.#steps
      .slice(this.#other.version - 1)
      .reduce((before, step) => step(before), document as Document);
  }

  /**
   * Puts the document in its place, with our version. Throws `saved-by-newer` where it would cost what a newer Evercred
   * has saved, or what the system says; what was there before is there still.
   */
  write(document: Document): void {
    if (!this.#isKnown) this.#look();
    const other = this.#other;
    if (other?.kind === "newer") throw this.#refusal(other.version);
    if (other !== undefined) this.#keepCopy(other.version, other.text);
    const { version } = this;
    const versioned = Object.assign({ version }, document, { version });
    replaceFile(this.file, `${JSON.stringify(versioned, undefined, 2)}\n`);
    this.#other = undefined;
  }

  /** The text that stands there, once it is known of which version it is. */
  #look(): string | undefined {
    this.#other = undefined;
    const text = textAt(this.file);
    this.#isKnown = true;
    const version = text === undefined ? this.version : versionOf(parsed(text));
    if (version > this.version) this.#other = { kind: "newer", version };
    else if (text !== undefined && version < this.version) {
      this.#other = { kind: "older", version, text };
    }
    return text;
  }

  #refusal(version: number): EvercredError {
    const known = String(this.version);
    const sentence = `${this.file} was saved by a newer Evercred (version ${String(version)}; this one knows ${known}), and stays as it is.`;
    const copy = copyOf(this.file, this.version);
    const otherwise = existsSync(copy) ? `put ${copy} in its place` : "move it away";
    return new EvercredError("saved-by-newer", sentence, {
      remedy: `Install the newer Evercred again, or ${otherwise} and run: evercred daemon restart`,
    });
  }

  #keepCopy(version: number, text: string): void {
    const copy = copyOf(this.file, version);
    replaceFile(copy, text);
    const folder = dirname(this.file);
    for (const name of readdirSync(folder)) {
      const isEarlier = name !== basename(copy) && isCopyOf(name, basename(this.file));
      if (isEarlier) rmSync(join(folder, name), { force: true });
    }
  }
}

/** What `read` or `write` has refused, as people are told of it, with what that means. */
export const newerTrouble = (thrown: unknown, meaning: string): Trouble => {
  const { code, message, remedy } = errorOf(thrown);
  return { code, sentence: `${message} ${meaning}`, remedy };
};

const copyOf = (file: string, version: number): string => `${file}.v${String(version)}.bak`;

const isCopyOf = (name: string, file: string): boolean =>
  name.startsWith(`${file}.v`) && /^\d+\.bak$/.test(name.slice(file.length + 2));

const textAt = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    if (reasonOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
