import { stripVTControlCharacters } from "node:util";

/** Longer than any address. What goes beyond it is cut off. */
const maxLength = 16_384;

/**
 * Cuts what a program prints into lines, as a terminal would show them: of what is written over itself the last.
 * Blank lines are left out, and so is all that would steer a terminal.
 */
export class ProgramLines {
  readonly #decoder = new TextDecoder();
  readonly #take: (line: string) => void;
  #rest = "";

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  /** Whether there is a line that has not ended. */
  get isOpen(): boolean {
    return this.#rest !== "";
  }

  write(chunk: Buffer): void {
    const [first = "", ...others] = this.#decoder.decode(chunk, { stream: true }).split("\n");
    this.#append(first);
    for (const other of others) {
      this.flush();
      this.#append(other);
    }
  }

  /** Ends the line that is open. */
  flush(): void {
    const parts = stripVTControlCharacters(this.#rest).split("\r").map(plain);
    this.#rest = "";
    const line = parts.filter((part) => part !== "").at(-1);
    if (line !== undefined) this.#take(line);
  }

  #append(text: string): void {
    const all = this.#rest + text;
    // A progress bar may never come to the end of its line.
    const start = all.length > maxLength ? all.lastIndexOf("\r") + 1 : 0;
    this.#rest = all.slice(start, start + maxLength);
  }
}

const plain = (text: string): string =>
  text
    .replaceAll("\t", " ")
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "")
    .trimEnd();
