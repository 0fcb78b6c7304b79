import { type Clock, plus } from "../core/time.ts";
import { ProgramLines } from "./program-lines.ts";
import { ProgramPage } from "./program-page.ts";

/** What becomes of what a program prints. */
export interface ProgramListener {
  say(line: string): void;
  /** Called once at most, with the address of the page to open. */
  page(url: string): void;
}

const mostLines = 200;
const longestLine = 1_000;

/** A line that does not end within this time, in milliseconds, is a question, or all there is. */
const idleMs = 1_000;

/** What a program prints on its two outputs: lines for people, and a page to open. */
export class ProgramOutput {
  readonly #listener: ProgramListener;
  readonly #clock: Clock;
  readonly #page: ProgramPage;
  readonly #stdout = new ProgramLines((line) => this.#take(line));
  readonly #stderr = new ProgramLines((line) => this.#take(line));
  #disarm: () => void = () => undefined;
  #count = 0;
  #last = "";

  constructor(listener: ProgramListener, clock: Clock) {
    this.#listener = listener;
    this.#clock = clock;
    this.#page = new ProgramPage(clock, (url) => listener.page(url));
  }

  /** The last line so far. */
  get last(): string {
    return this.#last;
  }

  take(chunk: Buffer, from: "stdout" | "stderr"): void {
    (from === "stdout" ? this.#stdout : this.#stderr).write(chunk);
    this.#disarm();
    if (!this.#stdout.isOpen && !this.#stderr.isOpen) return;
    this.#disarm = this.#clock.alarm(plus(this.#clock.now(), idleMs), () => this.#flush());
  }

  /** Nothing more comes. */
  close(): void {
    this.#disarm();
    this.#page.close();
    this.#flush();
  }

  #flush(): void {
    this.#stdout.flush();
    this.#stderr.flush();
  }

  #take(line: string): void {
    this.#last = line;
    this.#page.read(line);
    if (this.#count >= mostLines) return;
    this.#count += 1;
    this.#listener.say(line.slice(0, longestLine));
  }
}
