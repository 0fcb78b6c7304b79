import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { z } from "zod";
import { judgeName, laterKinds, nameOf, type Path } from "./config-names.ts";
import { type Config, configSchema } from "./config-schema.ts";
import { looksLikeSecret } from "./config-secrets.ts";
import { lineAt, lineOf, nodeAt, overridden, walk } from "./config-tree.ts";
import type { Problem } from "./problem.ts";

/** What a text says. `config` is undefined where one of the problems is an error. */
export interface ConfigReading {
  readonly config: Config | undefined;
  readonly problems: readonly Problem[];
}

const remedy = "Correct it: until then the settings before it stay in force.";

/** Reads the text of a configuration file: JSON with comments. */
export const readConfigText = (text: string, file: string, home: string): ConfigReading =>
  new ConfigText(text, file, home).read();

class ConfigText {
  readonly #text: string;
  readonly #file: string;
  readonly #home: string;
  readonly #root: Node | undefined;
  readonly #syntax: ParseError[] = [];
  readonly #problems: Problem[] = [];

  constructor(text: string, file: string, home: string) {
    this.#text = text;
    this.#file = file;
    this.#home = home;
    const options = { allowTrailingComma: true, allowEmptyContent: true };
    this.#root = parseTree(text, this.#syntax, options);
  }

  read(): ConfigReading {
    const [error] = this.#syntax;
    if (error !== undefined) {
      const what = printParseErrorCode(error.error)
        .replace(/\B[A-Z]/gu, " $&")
        .toLowerCase();
      const sentence = `The configuration is not valid JSON: ${what}.`;
      this.#add("error", lineOf(this.#text, error.offset), sentence, remedy);
      return { config: undefined, problems: this.#problems };
    }
    this.#findSecrets();
    this.#findDuplicates();
    const value: unknown = this.#root === undefined ? {} : getNodeValue(this.#root);
    const config = this.#check(this.#withoutLater(value));
    const broken = this.#problems.some(({ severity }) => severity === "error");
    return { config: broken ? undefined : config, problems: this.#problems };
  }

  #findSecrets(): void {
    for (const [path, node] of this.#nodes()) {
      if (typeof node.value !== "string" || !looksLikeSecret(node.value)) continue;
      this.#addAt(
        "error",
        path,
        `${nameOf(path)} holds what looks like a secret.`,
        "Take it out of the file, and replace it where it is used: others may have read it.",
      );
    }
  }

  #findDuplicates(): void {
    for (const [path, node] of this.#nodes()) {
      if (node.type !== "object") continue;
      for (const { name, offset } of overridden(node)) {
        const sentence = `${nameOf([...path, name])} stands here more than once; the last one counts.`;
        this.#add("warning", lineOf(this.#text, offset), sentence, "Remove all but one.");
      }
    }
  }

  /** Takes out what the format allows and this version does not have. */
  #withoutLater(value: unknown): unknown {
    for (const [path, node] of this.#nodes()) {
      const [section, name] = path;
      const kind: unknown = nodeAt(node, ["kind"])?.value;
      const source = section === "sources" && path.length === 2 && laterKinds.has(kind);
      const pac = section === "network" && name === "proxy" && nodeAt(node, ["pac"]) !== undefined;
      if (!source && !(pac && path.length === 2)) continue;
      const what = source ? `${nameOf(path)} is of a kind that` : `The pac of ${nameOf(path)}`;
      const sentence = `${what} is not used by this version.`;
      this.#addAt("warning", path, sentence, "Leave it or remove it.");
      remove(value, path);
    }
    return value;
  }

  #check(value: unknown): Config | undefined {
    const schema = configSchema(this.#home);
    const first = schema.safeParse(value);
    if (first.success) return first.data;
    for (const issue of first.error.issues) {
      if (issue.code !== "unrecognized_keys") continue;
      for (const key of issue.keys) {
        const path = [...partsOf(issue.path), key];
        const { sentence, remedy: advice } = judgeName(path, value);
        this.#addAt("warning", path, sentence, advice);
        remove(value, path);
      }
    }
    const second = schema.safeParse(value);
    if (second.success) return second.data;
    for (const issue of second.error.issues) {
      const path = partsOf(issue.path);
      const missing = nodeAt(this.#root, path) === undefined;
      const sentence = `${nameOf(path)} ${missing ? "is missing" : messageOf(issue)}.`;
      this.#addAt("error", path, sentence, remedy);
    }
    return undefined;
  }

  *#nodes(): Generator<readonly [Path, Node]> {
    if (this.#root !== undefined) yield* walk(this.#root);
  }

  #addAt(severity: Problem["severity"], path: Path, sentence: string, advice: string): void {
    this.#add(severity, lineAt(this.#text, this.#root, path), sentence, advice);
  }

  #add(severity: Problem["severity"], line: number, sentence: string, advice: string): void {
    this.#problems.push({ severity, file: this.#file, line, sentence, remedy: advice });
  }
}

const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  const object = issue.code === "invalid_type" && /^(?:object|record)$/u.test(issue.expected);
  return object ? "must be an object" : issue.message;
};

const partsOf = (path: readonly PropertyKey[]): (string | number)[] =>
  path.map((part) => (typeof part === "symbol" ? String(part) : part));

const remove = (value: unknown, path: Path): void => {
  const [part, ...rest] = path;
  if (typeof value !== "object" || value === null || part === undefined) return;
  if (rest.length === 0) Reflect.deleteProperty(value, part);
  else remove(Reflect.get(value, part), rest);
};
