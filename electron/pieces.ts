import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

/** Where the app's code lies, and what it is given. */
export interface PiecesOptions {
  /** The folder of the pieces: each is one function of what a CommonJS module is given. */
  readonly folder: string;
  /** What V8 has made of a piece before; undefined where there is nothing. V8 itself refuses what another version has made. */
  readonly compiled: (name: string) => Buffer | undefined;
  /** Gives a module that is no piece. Left out: as Node does. */
  readonly outside?: (name: string) => unknown;
}

/** A piece that has been loaded. */
interface Piece {
  readonly module: { exports: unknown };
  readonly script: Script;
}

type Run = (
  exports: unknown,
  require: (name: string) => unknown,
  module: Piece["module"],
  filename: string,
  folder: string,
) => void;

/** The app's code, in pieces: each is read and run when another one wants it for the first time. */
export class Pieces {
  readonly #options: PiecesOptions;
  readonly #loaded = new Map<string, Piece>();
  readonly #outside: (name: string) => unknown;

  constructor(options: PiecesOptions) {
    this.#options = options;
    this.#outside = options.outside ?? createRequire(join(options.folder, "main.cjs"));
  }

  /** What a piece exports. Throws where it cannot be read, or what it throws. */
  load(name: string): unknown {
    const { folder, compiled } = this.#options;
    const known = this.#loaded.get(name);
    if (known !== undefined) return known.module.exports;
    const filename = join(folder, name);
    // The build leaves nothing but ASCII, of which a character takes one byte in memory too where it is read as Latin-1.
    const text = readFileSync(filename, "latin1");
    const cachedData = compiled(name);
    const script = new Script(text, {
      // V8 writes it into what it makes, which is to be the same wherever it is built.
      filename: name,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    const module = { exports: {} };
    this.#loaded.set(name, { module, script });
    const run = script.runInThisContext() as Run;
    try {
      run(module.exports, (wanted) => this.#require(wanted), module, filename, dirname(filename));
    } catch (thrown) {
      // Whoever wants it again is not to have half of it.
      this.#loaded.delete(name);
      throw thrown;
    }
    return module.exports;
  }

  /** What V8 has made of each piece that was loaded until now, with the functions that have been called. */
  compile(): ReadonlyMap<string, Buffer> {
    return new Map(
      [...this.#loaded].map(([name, { script }]) => [name, script.createCachedData()]),
    );
  }

  #require(wanted: string): unknown {
    return wanted.startsWith("./") ? this.load(wanted.slice(2)) : this.#outside(wanted);
  }
}
