import { shown } from "../shown.ts";
import { wordsOf } from "./section-name.ts";

/** A section's header as it may stand in a message: a value that has come into it, with a line that was lost, may be a secret. */
export const shownSection = (header: string): string => shown(header.replace(/=.*/su, "=…"));

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
  /** The lines of nested blocks (nothing behind the name, indented lines below), by lower-cased name. */
  readonly blocks: ReadonlyMap<string, readonly string[]>;
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

/** Which of the two files of the AWS tools: their sections are named by different rules. */
export type Flavour = "config" | "credentials";

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
  readonly #sections = new Map<string, SectionDraft>();
  readonly #problems: LineProblem[] = [];
  readonly #seen = new Map<string, number>();
  readonly #flavour: Flavour;
  #drafts: Map<string, Draft> | undefined;
  #draft: Draft | undefined;
  #indent = 0;
  #line = 0;

  constructor(flavour: Flavour) {
    this.#flavour = flavour;
  }

  get result(): ConfigText {
    const sections = [...this.#sections.values()].map((section) => ({
      ...section,
      ...this.#finish(section.options),
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
    const first = this.#seen.get(header);
    if (first !== undefined) {
      this.#report(
        `Section [${shownSection(header)}] stands twice, on lines ${first} and ${this.#line}; the AWS CLI then refuses the whole file, Evercred uses the first.`,
        "Make one section of the two.",
      );
      return;
    }
    this.#seen.set(header, this.#line);
    const named = this.#kindOf(header);
    const key = `${named.kind} ${named.name}`;
    const twin = this.#sections.get(key);
    if (twin !== undefined) {
      this.#report(
        `Section [${shownSection(header)}] stands twice in two spellings, on lines ${twin.line} and ${this.#line}; the AWS CLI and Evercred use the second, other tools both.`,
        "Make one section of the two.",
      );
    }
    this.#sections.set(key, { ...named, line: this.#line, options: this.#drafts });
  }

  #kindOf(header: string): Pick<Section, "kind" | "name"> {
    if (header === "default") return { kind: "profile", name: header };
    if (this.#flavour === "credentials") return this.#kindOfShared(header);
    const other = { kind: "other", name: header } as const;
    const word = /^(?:profile|sso-session)(?=\s|$)/.exec(header)?.[0];
    if (word !== "profile" && word !== "sso-session") return other;
    const [, name, ...more] = wordsOf(header) ?? [];
    if (name !== undefined && more.length === 0) return { kind: word, name };
    this.#report(
      `Section [${shownSection(header)}] does not name one ${word}, so no tool uses it.`,
      `Write [${word} NAME]; a name with spaces needs quotes.`,
    );
    return other;
  }

  /** In the credentials file every section is a profile, named by its whole header. */
  #kindOfShared(header: string): Pick<Section, "kind" | "name"> {
    const [, word = "", name = ""] = /^(profile|sso-session|services)\s+(.*)$/.exec(header) ?? [];
    if (word === "" && header !== "DEFAULT") return { kind: "profile", name: header };
    if (word !== "") {
      this.#report(
        `Section [${shownSection(header)}] stands in the credentials file, where no tool looks for one.`,
        word === "profile"
          ? `Write [${shownSection(name)}] there, or move it to the config file.`
          : "Move it to the config file.",
      );
    }
    return { kind: "other", name: header };
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
        `${this.#named(name)} stands twice in its section, on lines ${first.line} and ${this.#line}; the AWS CLI then refuses the whole file, Evercred uses the first.`,
        "Delete one of the two.",
      );
    }
  }

  /** The values as one string each, and the nested blocks. */
  #finish(drafts: ReadonlyMap<string, Draft>): Pick<Section, "options" | "blocks"> {
    const options = new Map<string, Option>();
    const blocks = new Map<string, readonly string[]>();
    for (const [name, { value, line }] of drafts) {
      const text = value.join("\n").trimEnd();
      const lines = value.filter((each) => each !== "");
      if (!text.startsWith("\n")) options.set(name, { value: text, line });
      else if (lines.every((each) => each.includes("="))) blocks.set(name, lines);
      else {
        this.#line = line;
        this.#report(
          `${this.#named(name)} has a block below it with a line without an equals sign; the AWS CLI then refuses the whole file.`,
          "Correct or delete that line.",
        );
      }
    }
    return { options, blocks };
  }

  /** A setting in a sentence. Where a key has been broken over lines, its rest looks like a name. */
  #named(name: string): string {
    return this.#flavour === "credentials" ? "A setting" : shown(name);
  }

  #report(sentence: string, remedy: string): void {
    this.#problems.push({ line: this.#line, sentence, remedy });
  }
}

/**
 * Reads the text of an AWS config file by botocore's rules (Python's RawConfigParser). Where botocore
 * refuses a whole file, this reports the line and reads the rest. Never throws.
 */
export const parseConfig = (text: string, flavour: Flavour = "config"): ConfigText => {
  const reader = new Reader(flavour);
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    reader.read(line, index + 1);
  });
  return reader.result;
};
