import { type Clock, plus } from "../core/time.ts";

/** How long is waited for a better address, in milliseconds. */
const waitMs = 1_000;

interface Candidate {
  readonly url: string;
  /** Whether it is likely to be the page: it stands alone on its line, and leads to another machine. */
  readonly likely: boolean;
}

/**
 * Finds the page that a program wants to have open in what it prints. Many print an address for people to type
 * first, and the one that they open themselves, where more is filled in, right after it.
 */
export class ProgramPage {
  readonly #clock: Clock;
  readonly #found: (url: string) => void;
  #candidate: Candidate | undefined;
  #isDone = false;
  #disarm: () => void = () => undefined;

  /** `found` is called once at most. */
  constructor(clock: Clock, found: (url: string) => void) {
    this.#clock = clock;
    this.#found = found;
  }

  read(line: string): void {
    if (this.#isDone) return;
    for (const url of addressesIn(line)) this.#consider(url, line.trim() === url);
  }

  close(): void {
    this.#isDone = true;
    this.#disarm();
  }

  #consider(url: string, isAlone: boolean): void {
    const before = this.#candidate;
    const likely = isAlone && !isHere(url);
    // Its two outputs may reach us in any order.
    const isAgain = url === before?.url && (isAlone || before.likely);
    if (isAgain || (before !== undefined && isAlone && url.startsWith(before.url))) {
      this.#end(url);
    } else if (before === undefined || (likely && !before.likely)) {
      this.#candidate = { url, likely };
      this.#disarm();
      this.#disarm = this.#clock.alarm(plus(this.#clock.now(), waitMs), () => this.#end(url));
    }
  }

  #end(url: string): void {
    this.close();
    this.#found(url);
  }
}

/** The addresses of pages in a line of text. One with a password in it is none to show. */
const addressesIn = (line: string): readonly string[] =>
  (line.match(/\bhttps?:\/\/[^\s"'`<>]+/giu) ?? []).map(withoutEnd).filter((address) => {
    if (!URL.canParse(address)) return false;
    const { username, password } = new URL(address);
    return username === "" && password === "";
  });

/** An address without the punctuation and the brackets of the text around it. */
const withoutEnd = (address: string): string => {
  let end = address.length;
  while (end > 0 && isOfText(address.slice(0, end))) end -= 1;
  return address.slice(0, end);
};

const isOfText = (address: string): boolean => {
  const last = address.at(-1) ?? "";
  const opening = { ")": "(", "]": "[", "}": "{" }[last];
  if (opening === undefined) return ".,;:!?*".includes(last);
  return address.split(last).length > address.split(opening).length;
};

/** Whether an address leads to this machine: a program's own receiver, more often than a page. */
const isHere = (url: string): boolean =>
  /^(?:localhost|127\.[\d.]+|\[::1\])$/u.test(new URL(url).hostname);
