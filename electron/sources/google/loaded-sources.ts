import type { Source } from "../../core/source.ts";
import { type Problem, Problems } from "../problem.ts";
import type { AdcEntry } from "./adc-writer.ts";
import type { KeyGiver } from "./keys.ts";
import type { GoogleKey } from "./offer.ts";
import type { OwnClientSource } from "./own-source.ts";
import type { WorkforceSource } from "./workforce-source.ts";

/** A source before it is known which keys are of it. */
export interface Draft<S extends Source> extends KeyGiver {
  readonly make: (keys: readonly GoogleKey[]) => S;
}

/** One of a source that we sign in to ourselves. */
export interface OwnDraft extends Draft<OwnClientSource | WorkforceSource> {
  /** By what a file is known to be of this source. */
  readonly adcIdentity: Pick<AdcEntry, "type" | "client_id">;
}

/** One reading, as it grows. */
export class LoadedSources {
  readonly taken: ReadonlySet<string>;
  readonly problems = new Problems();
  /** Problems of files as a whole. */
  readonly found: Problem[] = [];
  readonly watched = new Set<string>();
  readonly own: OwnDraft[] = [];
  readonly files: Draft<Source>[] = [];
  /** The source that has the ADC file. */
  keeper: string | undefined;

  constructor(taken: ReadonlySet<string>) {
    this.taken = taken;
  }

  /** Whether nobody else is called so; if somebody is, that is said. */
  isFree(id: string): boolean {
    if (!this.taken.has(id)) return true;
    this.problems.report(
      undefined,
      `sources.${id} has the name of another source, and is left out.`,
      "Give it another name.",
    );
    return false;
  }
}
