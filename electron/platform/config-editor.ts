import { lstatSync, readlinkSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { setBy } from "../core/limits.ts";
import { reasonOf, replaceFile } from "./atomic-file.ts";
import { editedText } from "./config-edit.ts";
import { readConfigFile } from "./config-file.ts";
import { nameOf, type Path } from "./config-names.ts";
import { looksLikeSecret, remedyFor, remedyForEntered } from "./config-secrets.ts";
import { type ConfigPlace, examineConfigText, type Finding, mend } from "./config-text.ts";
import type { ConfigValue } from "./config-written.ts";
import type { PolicyFile } from "./policy.ts";
import { lockedBy } from "./policy-layers.ts";
import type { Problem } from "./problem.ts";

export interface ConfigEditorOptions {
  /** `config.json`; it need not exist. */
  readonly file: string;
  /** What it has set nobody else sets. */
  readonly policy: Pick<PolicyFile, "layers" | "rule">;
  /** Called after each edit: reads the file anew, and resolves once what it says is in force. */
  readonly apply: () => Promise<void>;
}

/** Changes the configuration file for verbs. */
export interface ConfigEditor {
  /**
   * Finds out whether what stands at a path could be taken out, after the edits before it, and changes nothing. Rejects
   * as `set` does.
   */
  check(path: readonly string[]): Promise<void>;
  /**
   * Sets what stands at a path, `["keys", "litellm"]`; undefined takes it out. All else stays as it is. Resolves once it
   * is in force, to whether the file had to be changed for it; edits are made one after the other. Rejects with `usage`
   * where such a value cannot stand there, with `policy-refused` where the policy has set it, with `config-invalid`
   * where the file is broken or cannot be written; nothing is written then.
   */
  set(path: readonly string[], value: ConfigValue | undefined): Promise<boolean>;
}

export const openConfigEditor = ({ file, policy, apply }: ConfigEditorOptions): ConfigEditor => {
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = before.then(work);
    before = done.catch(() => undefined);
    return done;
  };
  const admitted = (path: Path, value: ConfigValue | undefined): ConfigPlace => {
    const locked = lockedBy(policy.layers, path, value);
    if (locked !== undefined) throw setBy(policy.rule, nameOf(locked));
    return { file, home: homedir(), policy: policy.layers };
  };
  return {
    check: (path) =>
      inTurn(async () => {
        checkNames(path);
        checkRemoval(admitted(path, undefined), path);
        return Promise.resolve();
      }),
    set: (path, value) =>
      inTurn(async () => {
        checkNames(path);
        const isChanged = edit(admitted(path, value), path, value);
        await apply();
        return isChanged;
      }),
  };
};

/** How often a file is read that somebody else is writing. */
const attempts = 3;

/** All of a removal but the writing. The new file would be made beside the old one: so another one is, for a moment. */
const checkRemoval = (place: ConfigPlace, path: readonly string[]): void => {
  const { file } = place;
  const { text } = textOf(file);
  if (nextText(place, text, path, undefined) === text) return;
  try {
    const beside = `${placeOf(file)}.check.tmp`;
    writeFileSync(beside, "", { mode: 0o600 });
    rmSync(beside);
  } catch (thrown) {
    throw notWritten(file, thrown);
  }
};

const checkNames = (path: readonly string[]): void => {
  if (!path.some(looksLikeSecret)) return;
  const sentence = "What stands there for a name looks like a secret.";
  throw new EvercredError("usage", sentence, { remedy: remedyForEntered([]) });
};

/** Returns whether there was anything to change. */
const edit = (
  place: ConfigPlace,
  path: readonly string[],
  value: ConfigValue | undefined,
): boolean => {
  const { file } = place;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { mark, text } = textOf(file);
    const next = nextText(place, text, path, value);
    if (next === text) return false;
    const now = textOf(file);
    if (now.text === text && now.mark === mark) {
      write(file, mark + next);
      return true;
    }
  }
  throw new EvercredError("config-invalid", `Another program goes on changing ${file}.`, {
    remedy: "Try again when it has ended.",
  });
};

const textOf = (file: string): { readonly mark: string; readonly text: string } => {
  const read = readConfigFile(file);
  if (read.kind === "unusable") throw brokenBy(read.problem);
  return read;
};

/** The text with the edit, which has made nothing worse. */
const nextText = (
  place: ConfigPlace,
  text: string,
  path: readonly string[],
  value: ConfigValue | undefined,
): string => {
  const { findings } = examineConfigText(text, place);
  const broken = findings.find(({ problem }) => problem.severity === "error");
  if (broken !== undefined) throw brokenBy(broken.problem);
  const next = editedText(text, path, value);
  const known = new Set(findings.map(({ problem }) => problem.sentence));
  const fault = examineConfigText(next, place).findings.find(
    (finding) => !known.has(finding.problem.sentence) && isFault(finding, path),
  );
  if (fault === undefined) return next;
  throw new EvercredError("usage", fault.problem.sentence, { remedy: remedyOf(fault, value) });
};

/** Taking out what others name is no fault of this edit, unless the file as a whole would be broken by it. */
const isFault = ({ path, problem }: Finding, edited: Path): boolean =>
  problem.severity === "error" || path.every((part, index) => (edited[index] ?? part) === part);

/** What to do instead, where nothing of it stands in the file yet. */
const remedyOf = ({ path, problem }: Finding, value: ConfigValue | undefined): string => {
  if (problem.remedy === remedyFor(path)) return remedyForEntered(path);
  if (problem.remedy !== mend) return problem.remedy;
  return `${value === undefined ? "It is needed there" : "Give another value"}: nothing has been changed.`;
};

const brokenBy = ({ file, line, sentence }: Problem): EvercredError => {
  const place = line === undefined ? file : `${file} line ${line}`;
  return new EvercredError("config-invalid", `${place}: ${sentence}`, {
    remedy: "Correct the file first: nothing has been changed.",
  });
};

const write = (file: string, text: string): void => {
  try {
    const place = placeOf(file);
    replaceFile(place, text, modeOf(place));
  } catch (thrown) {
    throw notWritten(file, thrown);
  }
};

const notWritten = (file: string, thrown: unknown): EvercredError =>
  new EvercredError("config-invalid", `${file} cannot be written (${reasonOf(thrown)}).`, {
    remedy: "Make it writable for yourself: nothing has been changed.",
    cause: thrown,
  });

/** Where a link leads, also if nothing is there yet: the link itself stays. */
const placeOf = (file: string): string => {
  try {
    return realpathSync(file);
  } catch (thrown) {
    if (reasonOf(thrown) !== "ENOENT") throw thrown;
    const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? placeOf(resolve(dirname(file), readlinkSync(file))) : file;
  }
};

const modeOf = (file: string): number | undefined => {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  return mode === undefined ? undefined : mode & 0o777;
};
