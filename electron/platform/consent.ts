import * as z from "zod";
import { hasCode } from "../core/errors.ts";
import type { AnswerStore, KeptAnswer } from "../core/answers.ts";
import type { Log } from "../core/log.ts";
import type { Target } from "../core/source.ts";
import { type Instant, instantOf, never } from "../core/time.ts";
import type { Trouble } from "../protocol/view.ts";
import { reasonOf } from "./atomic-file.ts";
import { newerTrouble, VersionedFile } from "./versioned-file.ts";

export interface ConsentFileOptions {
  readonly file: string;
  readonly log: Log;
}

const at = z.number().transform(instantOf);

const answerSchema = z.object({
  who: z.string().min(1),
  name: z.string(),
  target: z.custom<Target>((value) => typeof value === "string" && value.includes(":")),
  answer: z.enum(["today", "always", "never"]),
  at,
  /** Left out: it has no end. */
  until: at.optional(),
});

const fileSchema = z.object({ version: z.literal(1), answers: z.array(answerSchema) });

/** What people have said that programs may have, in a JSON file (0600). What cannot be read is asked again, and said. */
export class ConsentFile implements AnswerStore {
  readonly #options: ConsentFileOptions;
  readonly #file: VersionedFile;
  #trouble: Trouble | undefined;

  constructor(options: ConsentFileOptions) {
    this.#options = options;
    this.#file = new VersionedFile(options.file);
  }

  /** What is wrong with the file, for people. */
  get troubles(): readonly Trouble[] {
    return this.#trouble === undefined ? [] : [this.#trouble];
  }

  load(): readonly KeptAnswer[] {
    const { file, log } = this.#options;
    try {
      const document = this.#file.read();
      if (document === undefined) return [];
      const { answers } = fileSchema.parse(document);
      return answers.map(({ until = never, ...answer }) => ({ ...answer, until }));
    } catch (thrown) {
      if (hasCode(thrown, "saved-by-newer")) {
        log.warn("consent: not read", { reason: "saved-by-newer" });
        this.#trouble = newerTrouble(thrown, "What you say meanwhile holds until Evercred ends.");
        return [];
      }
      log.warn("consent: not read", { reason: reasonOf(thrown) });
      this.#trouble = {
        code: "consent-lost",
        sentence: `${file} cannot be read: what you have allowed, or not, is asked again.`,
        remedy: "Answer again: the file is then written anew.",
      };
      return [];
    }
  }

  save(answers: readonly KeptAnswer[]): void {
    const { file, log } = this.#options;
    const document = {
      answers: answers.map(({ until, ...answer }) =>
        until === never ? answer : { ...answer, until },
      ),
    };
    try {
      this.#file.write(document);
      this.#trouble = undefined;
    } catch (thrown) {
      // That is said already.
      if (hasCode(thrown, "saved-by-newer")) return;
      log.warn("consent: not written", { reason: reasonOf(thrown) });
      this.#trouble = {
        code: "consent-unsaved",
        sentence: `${file} cannot be written: what you have said holds until Evercred ends.`,
        remedy: "Make sure that its folder is yours, and that the disk has room.",
      };
    }
  }
}

/** The end of a day, where this computer is: the midnight after it. */
export const endOfDay = (now: Instant): Instant => {
  const day = new Date(now);
  return instantOf(new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime());
};
