import { getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser";
import type { Limits } from "../core/limits.ts";
import { messageOf, partsOf, remove, syntaxWords } from "./config-issues.ts";
import { judgeName, nameOf, type Path } from "./config-names.ts";
import { looksLikeSecret } from "./config-secrets.ts";
import { settle } from "./config-text.ts";
import { columnOf, lineOf, offsetAt, overridden, tooDeepAt, walk } from "./config-tree.ts";
import { noLayers, type Tree } from "./policy-layers.ts";
import { limitsOf, policyJsonSchema, type PolicyOutput, policySchema } from "./policy-schema.ts";
import type { Problem } from "./problem.ts";

/** A problem of a policy: an error closes, a warning leaves all the rest in force. */
export interface PolicyProblem extends Problem {
  /** Counted from 1; undefined where it is about the whole. */
  readonly column: number | undefined;
}

/** What a policy says. */
export interface Policy {
  /** As it is written. */
  readonly force: Tree;
  readonly fallback: Tree;
  readonly limits: Limits;
}

/** What the text of a policy says. */
export interface PolicyReading {
  /** Undefined where one of the problems is an error. */
  readonly policy: Policy | undefined;
  /** Whose it is and where help is, as far as that can be told. */
  readonly organization: string | undefined;
  readonly contact: string | undefined;
  readonly problems: readonly PolicyProblem[];
}

/** Reads the text of a policy: JSON, with comments where somebody wants them. */
export const readPolicyText = (text: string, file: string, home: string): PolicyReading =>
  new PolicyText(text, file, home).read();

const closing = "Correct it: until then nothing is served.";

class PolicyText {
  readonly #text: string;
  readonly #file: string;
  readonly #home: string;
  readonly #root: Node | undefined;
  readonly #tooDeepAt: number | undefined;
  readonly #syntax: ParseError[] = [];
  readonly #problems: PolicyProblem[] = [];

  constructor(text: string, file: string, home: string) {
    this.#text = text;
    this.#file = file;
    this.#home = home;
    this.#tooDeepAt = tooDeepAt(text);
    if (this.#tooDeepAt !== undefined) return;
    this.#root = parseTree(text, this.#syntax, { allowTrailingComma: true });
  }

  read(): PolicyReading {
    if (this.#tooDeepAt !== undefined) {
      this.#add("error", this.#tooDeepAt, "The policy is nested too deeply.", closing);
      return this.#reading(undefined, {});
    }
    const [error] = this.#syntax;
    if (error !== undefined || this.#root === undefined) {
      const what = error === undefined ? "it is empty" : syntaxWords(error);
      this.#add("error", error?.offset ?? 0, `The policy is not valid JSON: ${what}.`, closing);
      return this.#reading(undefined, {});
    }
    this.#findSecrets(this.#root);
    this.#findDuplicates(this.#root);
    const value: unknown = getNodeValue(this.#root);
    const policy = this.#check(value);
    const isBroken = this.#problems.some(({ severity }) => severity === "error");
    return this.#reading(isBroken ? undefined : policy, value);
  }

  /** A text that is wrong elsewhere may still say whose it is. */
  #reading(policy: Policy | undefined, value: unknown): PolicyReading {
    const { organization, contact } = policySchema(this.#home).shape;
    const labels = isTree(value) ? value : {};
    return {
      policy,
      organization: organization.safeParse(labels["organization"]).data,
      contact: contact.safeParse(labels["contact"]).data,
      problems: [...this.#problems].sort(byPlace),
    };
  }

  #findSecrets(root: Node): void {
    for (const [path, { value }] of walk(root)) {
      if (typeof value !== "string" || !looksLikeSecret(value)) continue;
      const remedy = "Take it out, and have it replaced: everybody here can read this file.";
      this.#addAt("error", path, `${nameOf(path)} holds what looks like a secret.`, remedy);
    }
  }

  /** Of two limits of one name the first would be none. */
  #findDuplicates(root: Node): void {
    for (const [path, node] of walk(root)) {
      if (node.type !== "object") continue;
      for (const { name, offset } of overridden(node)) {
        const sentence = `${nameOf([...path, name])} stands here more than once.`;
        this.#add("error", offset, sentence, "Remove all but one.");
      }
    }
  }

  #check(value: unknown): Policy | undefined {
    const schema = policySchema(this.#home);
    for (const issue of schema.safeParse(value).error?.issues ?? []) {
      if (issue.code !== "unrecognized_keys") continue;
      for (const key of issue.keys) this.#judge([...partsOf(issue.path), key], value);
    }
    const { data, error } = schema.safeParse(value);
    for (const issue of error?.issues ?? []) {
      if (issue.code === "unrecognized_keys") continue;
      const path = partsOf(issue.path);
      this.#addAt("error", path, `${nameOf(path)} ${messageOf(issue)}.`, closing);
    }
    return data && this.#together(data, value);
  }

  /** A limit that nobody knows, or all of them under a wrong name, would limit nothing. */
  #judge(path: Path, value: unknown): void {
    const isSetting = path.length > 1 && (path[0] === "force" || path[0] === "default");
    const { sentence, remedy } = judgeName(path, value, policyJsonSchema(), path.slice(1));
    this.#addAt(isSetting ? "warning" : "error", path, sentence, remedy);
    if (isSetting) remove(value, path);
  }

  /** What is forced and what is a default have to go together: nobody else can mend that. */
  #together(data: PolicyOutput, value: unknown): Policy | undefined {
    const [force, fallback] = ["force", "default"].map((name) => treeIn(value, name));
    const policy = {
      force: withSources(force ?? {}),
      fallback: fallback ?? {},
      limits: limitsOf(data),
    };
    if (settle({}, { home: this.#home, policy: { ...noLayers, ...policy } }) !== undefined) {
      return policy;
    }
    const sentence = "default and force do not go together.";
    this.#addAt("error", ["default"], sentence, "Say all of a source or a key in one of them.");
    return undefined;
  }

  #addAt(severity: Problem["severity"], path: Path, sentence: string, remedy: string): void {
    this.#add(severity, offsetAt(this.#root, path), sentence, remedy);
  }

  #add(severity: Problem["severity"], offset: number, sentence: string, remedy: string): void {
    const [line, column] = [lineOf(this.#text, offset), columnOf(this.#text, offset)];
    this.#problems.push({ severity, file: this.#file, line, column, sentence, remedy });
  }
}

const byPlace = (a: PolicyProblem, b: PolicyProblem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/** A source that is forced is there: `enabled` is a way to take it out. */
const withSources = (force: Tree): Tree => {
  const sources = treeIn(force, "sources");
  if (sources === undefined) return force;
  const enabled = Object.entries(sources).map(([id, source]) => [
    id,
    isTree(source) ? { enabled: true, ...source } : source,
  ]);
  return { ...force, sources: Object.fromEntries(enabled) as Tree };
};

const treeIn = (value: unknown, name: string): Tree | undefined => {
  const tree: unknown = isTree(value) ? value[name] : undefined;
  return isTree(tree) ? tree : undefined;
};

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);
