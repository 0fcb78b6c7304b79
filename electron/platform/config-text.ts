import { getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser";
import type * as z from "zod";
import { jsonSchema, judgeName, nameOf, type Path } from "./config-names.ts";
import { misfitsOf } from "./config-references.ts";
import { type Config, configSchema } from "./config-schema.ts";
import { messageOf, partsOf, remove, syntaxWords } from "./config-issues.ts";
import { looksLikeSecret, remedyFor } from "./config-secrets.ts";
import { lineAt, lineOf, nodeAt, overridden, tooDeepAt, walk } from "./config-tree.ts";
import { isForced, isInPolicy, merge, type PolicyLayers } from "./policy-layers.ts";
import type { Problem } from "./problem.ts";

/** What is in force by a configuration and the policy over it. */
export interface ConfigValues {
  readonly config: Config;
  /** The same as it is written: durations are texts, and nothing is filled in. */
  readonly tree: unknown;
  /** What of it the configuration itself says, without what does not count. */
  readonly written: unknown;
}

/** What a text says: undefined where one of the problems is an error. */
export interface ConfigReading {
  readonly values: ConfigValues | undefined;
  readonly problems: readonly Problem[];
}

/** A problem, and the value that it is about. */
export interface Finding {
  readonly path: Path;
  readonly problem: Problem;
}

/** What to do about a value that breaks the file. */
export const mend = "Correct it: until then the settings before it stay in force.";

/** Whose configuration it is: where it stands, and what a policy says of it. */
export interface ConfigPlace {
  readonly file: string;
  readonly home: string;
  readonly policy: PolicyLayers;
}

/** Reads the text of a configuration file: JSON with comments. */
export const readConfigText = (text: string, place: ConfigPlace): ConfigReading => {
  const { findings, values } = examineConfigText(text, place);
  return { values, problems: findings.map(({ problem }) => problem) };
};

/** The same, with what each problem is about. */
export const examineConfigText = (
  text: string,
  place: ConfigPlace,
): Pick<ConfigReading, "values"> & { readonly findings: readonly Finding[] } =>
  new ConfigText(text, place).read();

/** What is in force by what was once written; undefined where that does not fit the policy of now. */
export const settle = (
  written: unknown,
  { home, policy }: Pick<ConfigPlace, "home" | "policy">,
): ConfigValues | undefined => {
  const merged = merge(policy, written);
  const { data } = configSchema(home).safeParse(merged.tree);
  return data && { config: data, tree: merged.tree, written: merged.written };
};

class ConfigText {
  readonly #text: string;
  readonly #place: ConfigPlace;
  readonly #root: Node | undefined;
  readonly #tooDeepAt: number | undefined;
  readonly #syntax: ParseError[] = [];
  readonly #findings: Finding[] = [];

  constructor(text: string, place: ConfigPlace) {
    this.#text = text;
    this.#place = place;
    this.#tooDeepAt = tooDeepAt(text);
    if (this.#tooDeepAt !== undefined) return;
    const options = { allowTrailingComma: true, allowEmptyContent: true };
    this.#root = parseTree(text, this.#syntax, options);
  }

  read(): ReturnType<typeof examineConfigText> {
    if (this.#tooDeepAt !== undefined) {
      const line = lineOf(this.#text, this.#tooDeepAt);
      this.#add("error", [], line, "The configuration is nested too deeply.", mend);
      return { values: undefined, findings: this.#findings };
    }
    const [error] = this.#syntax;
    if (error !== undefined) {
      const sentence = `The configuration is not valid JSON: ${syntaxWords(error)}.`;
      this.#add("error", [], lineOf(this.#text, error.offset), sentence, mend);
      return { values: undefined, findings: this.#findings };
    }
    this.#findSecrets();
    this.#findDuplicates();
    const value: unknown = this.#root === undefined ? {} : getNodeValue(this.#root);
    const values = this.#check(value);
    if (values !== undefined) this.#findMisfits(values.config);
    const broken = this.#findings.some(({ problem }) => problem.severity === "error");
    return { values: broken ? undefined : values, findings: this.#findings };
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

  #check(value: unknown): ConfigValues | undefined {
    const { policy } = this.#place;
    const written = this.#withoutUnknown(value);
    for (const path of merge(policy, written).outruled) this.#outrule(path);
    const issues = this.#issuesOf(written);
    // What is wrong with an entry that the policy has too is wrong with what was added to it.
    const unfit = entriesOf(issues).filter((path) => isForced(policy, path));
    for (const path of unfit) {
      this.#outrule(path);
      remove(written, path);
    }
    for (const issue of unfit.length === 0 ? issues : this.#issuesOf(written)) {
      const path = partsOf(issue.path);
      const missing = nodeAt(this.#root, path) === undefined;
      const sentence = `${nameOf(path)} ${missing ? "is missing" : messageOf(issue)}.`;
      this.#addAt("error", path, sentence, mend);
    }
    return settle(written, this.#place);
  }

  #issuesOf(written: unknown): readonly z.core.$ZodIssue[] {
    const { home, policy } = this.#place;
    return configSchema(home).safeParse(merge(policy, written).tree).error?.issues ?? [];
  }

  #withoutUnknown(value: unknown): unknown {
    const { tree } = merge(this.#place.policy, value);
    for (const issue of this.#issuesOf(value)) {
      if (issue.code !== "unrecognized_keys") continue;
      for (const key of issue.keys) {
        const path = [...partsOf(issue.path), key];
        const { sentence, remedy: advice } = judgeName(path, tree, jsonSchema(), path);
        this.#addAt("warning", path, sentence, advice);
        remove(value, path);
      }
    }
    return value;
  }

  #outrule(path: Path): void {
    const sentence = `${nameOf(path)} does not fit what ${this.#place.policy.maker} has set, so it does not count.`;
    this.#addAt("warning", path, sentence, "Take it out.");
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
    const { policy } = this.#place;
    if (nodeAt(this.#root, path) === undefined && isInPolicy(policy, path)) {
      const { file } = policy;
      const problem = { severity, file, line: undefined, sentence, remedy };
      this.#findings.push({ path, problem });
    } else this.#add(severity, path, lineAt(this.#text, this.#root, path), sentence, remedy);
  }

  #add(
    severity: Problem["severity"],
    path: Path,
    line: number,
    sentence: string,
    remedy: string,
  ): void {
    const { file } = this.#place;
    this.#findings.push({ path, problem: { severity, file, line, sentence, remedy } });
  }
}

/** The sources, keys and sets of headers that something is wrong with. */
const entriesOf = (issues: readonly z.core.$ZodIssue[]): readonly Path[] => {
  const paths = issues
    .map(({ path }) => partsOf(path).slice(0, 2))
    .filter(({ length }) => length === 2);
  return [...new Map(paths.map((path) => [path.join("."), path])).values()];
};
