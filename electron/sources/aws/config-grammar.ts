import { shown } from "./checks.ts";
import { wordsOf } from "./section-name.ts";

/** A value and the line on which it stands. */
export interface Option {
  readonly value: string;
  readonly line: number;
}

/** A section. `other` is one that is neither a profile nor an sso-session; its name is its whole header. */
export interface Section {
  readonly kind: "profile" | "sso-session" | "other";
  readonly name: string;
  readonly line: number;
  /** By lower-cased name. */
  readonly options: ReadonlyMap<string, Option>;
}

/** What is wrong with a line. */
export interface LineProblem {
  readonly line: number;
  readonly sentence: string;
  readonly remedy: string;
}

/** What a file says, and what of it could not be read. */
export interface ConfigText {
  readonly sections: readonly Section[];
  readonly problems: readonly LineProblem[];
}

/** A longer line is no setting. */
const maxLineLength = 64 * 1024;

interface Draft {
  readonly value: string[];
  readonly line: number;
}

interface SectionDraft extends Pick<Section, "kind" | "name" | "line"> {
  readonly options: Map<string, Draft>;
}

/** Reads the lines of one file; a class because each line depends on those before it. */
class Reader {
  readonly #sections: SectionDraft[] = [];
  readonly #problems: LineProblem[] = [];
  readonly #seen = new Map<string, number>();
  #drafts: Map<string, Draft> | undefined;
  #draft: Draft | undefined;
  #indent = 0;
  #line = 0;

  get result(): ConfigText {
    const sections = this.#sections.map((section) => ({
      ...section,
      options: this.#finish(section.options),
    }));
    return { sections, problems: this.#problems };
  }

  read(line: string, number: number): void {
    this.#line = number;
    if (line.includes("\0") || line.length > maxLineLength) {
      const what = line.includes("\0") ? "has a NUL byte in it" : "is far too long";
      this.#report(`Line ${number} ${what} and is left out.`, "Delete that line.");
      return;
    }
    const text = line.trim();
    if (text.startsWith("#") || text.startsWith(";")) return;
    if (text === "") {
      this.#draft?.value.push("");
      return;
    }
    const indent = line.length - line.trimStart().length;
    if (this.#draft !== undefined && indent > this.#indent) {
      this.#draft.value.push(text);
      return;
    }
    this.#indent = indent;
    const end = text.lastIndexOf("]");
    if (text.startsWith("[") && end > 1) this.#readHeader(text.slice(1, end));
    else this.#readOption(text);
  }

  #readHeader(header: string): void {
    this.#draft = undefined;
    this.#drafts = new Map();
    const { kind, name } = this.#kindOf(header);
    const key = `${kind} ${name}`;
    const first = this.#seen.get(key);
    if (first !== undefined) {
      this.#report(
        `Section [${shown(header)}] stands twice, on lines ${first} and ${this.#line}; the AWS CLI then refuses the whole file, Evercred uses the first.`,
        "Make one section of the two.",
      );
      return;
    }
    this.#seen.set(key, this.#line);
    this.#sections.push({ kind, name, line: this.#line, options: this.#drafts });
  }

  #kindOf(header: string): Pick<Section, "kind" | "name"> {
    if (header === "default") return { kind: "profile", name: header };
    const other = { kind: "other", name: header } as const;
    const word = /^(?:profile|sso-session)(?=\s|$)/.exec(header)?.[0];
    if (word !== "profile" && word !== "sso-session") return other;
    const [, name, ...more] = wordsOf(header) ?? [];
    if (name !== undefined && more.length === 0) return { kind: word, name };
    this.#report(
      `Section [${shown(header)}] does not name one ${word}, so no tool uses it.`,
      `Write [${word} NAME]; a name with spaces needs quotes.`,
    );
    return other;
  }

  #readOption(text: string): void {
    const at = text.search(/[=:]/);
    const name = text.slice(0, Math.max(at, 0)).trimEnd().toLowerCase();
    // Lines below one that cannot be used belong to it, and go with it.
    this.#draft = { value: [], line: this.#line };
    if (this.#drafts === undefined) {
      this.#report(`Line ${this.#line} stands before the first section.`, "Put it in a section.");
    } else if (name === "") {
      this.#report(
        `Line ${this.#line} is neither a section nor NAME = VALUE; the AWS CLI then refuses the whole file.`,
        "Correct or delete that line.",
      );
    } else {
      const first = this.#drafts.get(name);
      if (first === undefined) {
        this.#draft.value.push(text.slice(at + 1).trim());
        this.#drafts.set(name, this.#draft);
        return;
      }
      this.#report(
        `${shown(name)} stands twice in its section, on lines ${first.line} and ${this.#line}; the AWS CLI then refuses the whole file, Evercred uses the first.`,
        "Delete one of the two.",
      );
    }
  }

  /** The values as one string each; a nested block (nothing behind the name, indented lines below) is none. */
  #finish(drafts: ReadonlyMap<string, Draft>): ReadonlyMap<string, Option> {
    const options = new Map<string, Option>();
    for (const [name, { value, line }] of drafts) {
      const text = value.join("\n").trimEnd();
      if (!text.startsWith("\n")) options.set(name, { value: text, line });
      else if (!value.every((each) => each === "" || each.includes("="))) {
        this.#line = line;
        this.#report(
          `The block below ${shown(name)} has a line without an equals sign; the AWS CLI then refuses the whole file.`,
          "Correct or delete that line.",
        );
      }
    }
    return options;
  }

  #report(sentence: string, remedy: string): void {
    this.#problems.push({ line: this.#line, sentence, remedy });
  }
}

/**
 * Reads the text of an AWS config file by botocore's rules (Python's RawConfigParser). Where botocore
 * refuses a whole file, this reports the line and reads the rest. Never throws.
 */
export const parseConfig = (text: string): ConfigText => {
  const reader = new Reader();
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    reader.read(line, index + 1);
  });
  return reader.result;
};
