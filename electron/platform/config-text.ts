import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { z } from "zod";
import { judgeName, nameOf, type Path } from "./config-names.ts";
import { misfitsOf } from "./config-references.ts";
import { type Config, configSchema } from "./config-schema.ts";
import { looksLikeSecret, remedyFor } from "./config-secrets.ts";
import { lineAt, lineOf, nodeAt, overridden, walk } from "./config-tree.ts";
import type { Problem } from "./problem.ts";

/** What a text says: undefined where one of the problems is an error. */
export interface ConfigReading {
  readonly config: Config | undefined;
  /** The same as it is written, without what does not count: durations are texts, and nothing is filled in. */
  readonly written: unknown;
  readonly problems: readonly Problem[];
}

/** A problem, and the value that it is about. */
export interface Finding {
  readonly path: Path;
  readonly problem: Problem;
}

/** What to do about a value that breaks the file. */
export const mend = "Correct it: until then the settings before it stay in force.";

/** Reads the text of a configuration file: JSON with comments. */
export const readConfigText = (text: string, file: string, home: string): ConfigReading => {
  const { findings, ...reading } = examineConfigText(text, file, home);
  return { ...reading, problems: findings.map(({ problem }) => problem) };
};

/** The same, with what each problem is about. */
export const examineConfigText = (
  text: string,
  file: string,
  home: string,
): Omit<ConfigReading, "problems"> & { readonly findings: readonly Finding[] } =>
  new ConfigText(text, file, home).read();

class ConfigText {
  readonly #text: string;
  readonly #file: string;
  readonly #home: string;
  readonly #root: Node | undefined;
  readonly #syntax: ParseError[] = [];
  readonly #findings: Finding[] = [];

  constructor(text: string, file: string, home: string) {
    this.#text = text;
    this.#file = file;
    this.#home = home;
    const options = { allowTrailingComma: true, allowEmptyContent: true };
    this.#root = parseTree(text, this.#syntax, options);
  }

  read(): ReturnType<typeof examineConfigText> {
    const [error] = this.#syntax;
    if (error !== undefined) {
      const what = printParseErrorCode(error.error)
        .replace(/\B[A-Z]/gu, " $&")
        .toLowerCase();
      const sentence = `The configuration is not valid JSON: ${what}.`;
      this.#add("error", [], lineOf(this.#text, error.offset), sentence, mend);
      return { config: undefined, written: undefined, findings: this.#findings };
    }
    this.#findSecrets();
    this.#findDuplicates();
    const value: unknown = this.#root === undefined ? {} : getNodeValue(this.#root);
    const config = this.#check(this.#withoutLater(value));
    if (config !== undefined) this.#findMisfits(config);
    const broken = this.#findings.some(({ problem }) => problem.severity === "error");
    return {
      config: broken ? undefined : config,
      written: broken ? undefined : value,
      findings: this.#findings,
    };
  }

  #findSecrets(): void {
    for (const [path, node] of this.#nodes()) {
      if (typeof node.value !== "string" || !looksLikeSecret(node.value)) continue;
      this.#addAt(
        "error",
        path,
        `${nameOf(path)} holds what looks like a secret.`,
        remedyFor(path),
      );
    }
  }

  #findDuplicates(): void {
    for (const [path, node] of this.#nodes()) {
      if (node.type !== "object") continue;
      for (const { name, offset } of overridden(node)) {
        const twice = [...path, name];
        const sentence = `${nameOf(twice)} stands here more than once; the last one counts.`;
        this.#add("warning", twice, lineOf(this.#text, offset), sentence, "Remove all but one.");
      }
    }
  }

  /** Takes out what the format allows and this version does not have. */
  #withoutLater(value: unknown): unknown {
    for (const [path, node] of this.#nodes()) {
      const isProxy = path.length === 2 && path[0] === "network" && path[1] === "proxy";
      if (!isProxy || nodeAt(node, ["pac"]) === undefined) continue;
      const sentence = `The pac of ${nameOf(path)} is not used by this version.`;
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
      this.#addAt("error", path, sentence, mend);
    }
    return undefined;
  }

  #findMisfits(config: Config): void {
    for (const { path, message, remedy } of misfitsOf(config)) {
      this.#addAt("warning", path, `${nameOf(path)} ${message}.`, remedy);
    }
  }

  *#nodes(): Generator<readonly [Path, Node]> {
    if (this.#root !== undefined) yield* walk(this.#root);
  }

  #addAt(severity: Problem["severity"], path: Path, sentence: string, remedy: string): void {
    this.#add(severity, path, lineAt(this.#text, this.#root, path), sentence, remedy);
  }

  #add(
    severity: Problem["severity"],
    path: Path,
    line: number,
    sentence: string,
    remedy: string,
  ): void {
    this.#findings.push({ path, problem: { severity, file: this.#file, line, sentence, remedy } });
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
