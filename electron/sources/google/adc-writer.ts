import { existsSync } from "node:fs";
import { lstat, mkdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Grant } from "../../core/credential.ts";
import { errorOf, EvercredError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { SharedPlace } from "../../core/source.ts";
import { shown } from "../shown.ts";
import type { Problem } from "../problem.ts";
import {
  codeOf,
  type Fault,
  fileFaultOf,
  objectIn,
  readSmallFile,
  writeNewFile,
  writeSmallFile,
} from "./small-file.ts";

/** A person's sign-in as the file of Application Default Credentials has it. */
export interface AdcEntry {
  readonly type: "authorized_user" | "external_account_authorized_user";
  readonly client_id: string;
  readonly client_secret: string;
  readonly refresh_token: string;
  /** Who signed in; empty where nobody knows. */
  readonly account?: string;
  readonly quota_project_id?: string;
  readonly [field: string]: unknown;
}

/** What stands in the file: of people's sign-ins as far as it goes. */
type Standing =
  | { readonly kind: "absent" }
  | { readonly kind: "entry"; readonly text: string; readonly entry: AdcEntry }
  | { readonly kind: "fault"; readonly fault: Fault };

const peoplesTypes: readonly string[] = ["authorized_user", "external_account_authorized_user"];
const neededFields = ["client_id", "client_secret", "refresh_token"] as const;

/** Reads what may have to be written anew. What is not a person's sign-in, or not whole, is none of ours. */
const standingIn = async (file: string): Promise<Standing> => {
  const fault = (sentence: string, remedy = "Move it away, then try again."): Standing => ({
    kind: "fault",
    fault: { sentence, remedy },
  });
  const isLink = await lstat(file).then(
    (stat) => stat.isSymbolicLink(),
    () => false,
  );
  if (isLink) {
    return fault(`${file} is a link, and what it leads to is left alone.`);
  }
  const read = await readSmallFile(file);
  if (read.kind === "missing") return { kind: "absent" };
  if (read.kind !== "text") return { kind: "fault", fault: fileFaultOf(file, read.kind) };
  const content = objectIn(read.text);
  if (content === undefined) return fault(`${file} is not whole: it holds no JSON object.`);
  const { type } = content;
  if (typeof type !== "string" || !peoplesTypes.includes(type)) {
    const what = typeof type === "string" ? shown(type) : "no known kind";
    return fault(`${file} holds credentials of ${what}, which are left alone.`);
  }
  const missing = neededFields.find((name) => typeof content[name] !== "string");
  if (missing !== undefined) return fault(`${file} is not whole: it has no ${missing}.`);
  return { kind: "entry", text: read.text, entry: content as unknown as AdcEntry };
};

/** The person's sign-in in the file, where there is one of our form. */
export const adcEntryIn = async (file: string): Promise<AdcEntry | undefined> => {
  const there = await standingIn(file);
  return there.kind === "entry" ? there.entry : undefined;
};

const isOfSameClient = (theirs: AdcEntry, ours: Pick<AdcEntry, "type" | "client_id">): boolean =>
  theirs.type === ours.type && theirs.client_id === ours.client_id;

/** Whether both are known, and not the same. */
const areOthers = ({ account: theirs = "" }: AdcEntry, { account: ours = "" }: AdcEntry): boolean =>
  theirs !== "" && ours !== "" && theirs !== ours;

/** What a file of the same client becomes: what people, or gcloud, have put there besides stays. */
const renewed = (before: AdcEntry | undefined, entry: AdcEntry): string => {
  // A proof of the sign-in before is none of this one.
  return `${JSON.stringify({ ...before, rapt_token: undefined, ...entry }, undefined, 2)}\n`;
};

/**
 * Writes an entry into the file, for its owner only. What stands there of another client stays, with `usage`, unless
 * it is to be replaced; then it is kept beside it. What else stands there stays always. Resolves to where it is kept.
 */
export const writeAdcFile = async (
  file: string,
  entry: AdcEntry,
  replace: boolean,
): Promise<{ readonly kept: string | undefined }> => {
  const there = await standingIn(file);
  if (there.kind === "fault") {
    const { sentence, remedy } = there.fault;
    throw new EvercredError("config-invalid", sentence, { remedy });
  }
  if (there.kind === "absent") {
    await put(file, undefined, renewed(undefined, entry));
    return { kept: undefined };
  }
  if (isOfSameClient(there.entry, entry)) {
    const text = renewed(there.entry, entry);
    // Who watches the file learns of nothing where nothing is new.
    if (text !== there.text) await put(file, there.text, text);
    return { kept: undefined };
  }
  if (!replace) {
    throw new EvercredError("usage", `${file} has a sign-in of another OAuth client.`, {
      remedy: "To replace it, and keep it beside, say --yes.",
    });
  }
  const kept = await keepBeside(file, there.text);
  await put(file, there.text, renewed(undefined, entry));
  return { kept };
};

/** Nobody replaces the file more often. */
const mostKept = 1_000;

/** The files that are kept beside, the newest one last. */
export const keptAdcFiles = (file: string): readonly string[] => {
  const kept: string[] = [];
  for (let count = 1; count <= mostKept; count++) {
    const path = keptPathOf(file, count);
    if (!existsSync(path)) break;
    kept.push(path);
  }
  return kept;
};

const keptPathOf = (file: string, count: number): string =>
  `${file}.before-evercred${count === 1 ? "" : `-${count}`}`;

const keepBeside = async (file: string, text: string): Promise<string> => {
  for (let count = 1; count <= mostKept; count++) {
    const kept = keptPathOf(file, count);
    try {
      await writeNewFile(kept, text);
      return kept;
    } catch (thrown) {
      if (codeOf(thrown) !== "EEXIST") throw notWritten(kept, thrown);
    }
  }
  throw notWritten(`${file}.before-evercred`, undefined);
};

/** Writes `text` where `before` still stands there. */
const put = async (file: string, before: string | undefined, text: string): Promise<void> => {
  const isAsBefore = async (): Promise<boolean> => {
    const read = await readSmallFile(file);
    return read.kind === "text" ? read.text === before : before === undefined;
  };
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    if (await writeSmallFile(file, text, 0o600, isAsBefore)) return;
  } catch (thrown) {
    throw notWritten(file, thrown);
  }
  throw new EvercredError("config-invalid", `${file} is being changed by another program.`, {
    remedy: "Try again when that is done.",
  });
};

const notWritten = (file: string, cause: unknown): EvercredError =>
  new EvercredError("config-invalid", `${file} cannot be written (${codeOf(cause)}).`, {
    remedy: "Give yourself the right to write there.",
    cause,
  });

/** What is known of the file for one source. Outlives the source: each reading of the configuration makes it anew. */
export interface AdcMemory {
  /** The refresh token of the grant that was last spoken of. */
  last: string | undefined;
  /** Whether the file was there for it. */
  stood: boolean;
}

/** What a place needs. */
export interface AdcPlaceOptions {
  /** Of the source. */
  readonly id: string;
  readonly file: string;
  /** Whether the file is to be there. If not, it is written only where somebody else has put it there for this client. */
  readonly keeps: boolean;
  /** Whether it was to be there, and may not be now: what stands there of this source is taken away. */
  readonly hides: boolean;
  /** As its source. */
  readonly boundTo: string;
  readonly memory: AdcMemory;
  readonly log: Log;
  /** What of a grant goes into the file; undefined where it is of no use there. */
  entryOf(grant: Grant): AdcEntry | undefined;
}

/**
 * The file of Application Default Credentials as a place of a source that keeps its grant itself: other programs find
 * the sign-in there. Nothing is taken up from it. Problems go to the log.
 */
export class AdcPlace implements SharedPlace {
  readonly writable: boolean;
  readonly #options: AdcPlaceOptions;
  readonly #memory: AdcMemory;

  constructor(options: AdcPlaceOptions) {
    this.writable = !options.hides;
    this.#options = options;
    this.#memory = options.memory;
  }

  async look(known: Grant | undefined): ReturnType<SharedPlace["look"]> {
    const { file, keeps } = this.#options;
    const entry = known && this.#note(known);
    const there = await standingIn(file);
    if (there.kind === "absent") {
      // Where nobody has promised it, a file that is not there says nothing.
      return { kind: keeps || this.#memory.stood ? "absent" : "known" };
    }
    if (entry !== undefined && isFor(there, entry)) this.#memory.stood = true;
    return { kind: "known" };
  }

  async publish(grant: Grant): Promise<boolean> {
    const { id, file, keeps, log } = this.#options;
    const entry = this.#note(grant);
    if (entry === undefined) return false;
    try {
      if (!keeps && !isFor(await standingIn(file), entry)) return true;
      await writeAdcFile(file, entry, false);
      this.#memory.stood = true;
      return true;
    } catch (thrown) {
      log.warn("google: ADC file not written", { source: id, code: errorOf(thrown).code });
      return false;
    }
  }

  /**
   * After a sign-out the file goes, if it has what was signed out. At the provider's own end it stays, with what people
   * have put there besides: the next sign-in is written into it.
   */
  async withdraw(only: Grant | undefined): Promise<void> {
    const { id, file, boundTo, log } = this.#options;
    if (this.writable && only?.boundTo === boundTo) return;
    const ended =
      only === undefined ? this.#memory.last : this.#options.entryOf(only)?.refresh_token;
    const there = await standingIn(file);
    if (there.kind !== "entry" || there.entry.refresh_token !== ended) return;
    this.#memory.stood = false;
    try {
      await unlink(file);
    } catch (thrown) {
      log.warn("google: ADC file not removed", { source: id, code: codeOf(thrown) });
    }
  }

  #note(grant: Grant): AdcEntry | undefined {
    const entry = this.#options.entryOf(grant);
    if (entry !== undefined) this.#memory.last = entry.refresh_token;
    return entry;
  }
}

/** Whether the file has a sign-in of this client, and of nobody else. */
const isFor = (there: Standing, entry: AdcEntry): boolean =>
  there.kind === "entry" && isOfSameClient(there.entry, entry) && !areOthers(there.entry, entry);

/** What keeps a source from having the file that is to be there for it. */
export const adcProblemOf = async (
  id: string,
  file: string,
  ours: Pick<AdcEntry, "type" | "client_id">,
): Promise<Problem | undefined> => {
  const there = await standingIn(file);
  const at = { file, line: undefined };
  if (there.kind === "fault") return { ...at, ...there.fault };
  if (there.kind === "absent" || isOfSameClient(there.entry, ours)) return undefined;
  const sentence = `${file} has a sign-in of another OAuth client, and stays as it is.`;
  return { ...at, sentence, remedy: `To have ${id} there: evercred gcp adc --account ${id} --yes` };
};
