import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { type SourceId, sourceIdOf } from "../../core/source.ts";
import { type AdcEntry, writeAdcFile } from "./adc-writer.ts";
import { gcloudSettings } from "./gcloud-settings.ts";

/** A source whose grant other programs may have. */
export interface AdcGiver {
  readonly id: SourceId;
  /** What of a grant goes into the file; undefined where it cannot be renewed. */
  adcEntryOf(grant: Grant): AdcEntry | undefined;
}

/** What the tools need of the world. */
export interface GoogleToolsOptions {
  readonly sources: {
    /** The file of Application Default Credentials that Google's libraries read: the well-known one. */
    readonly adcFile: string;
    /** Where gcloud keeps its settings. */
    readonly gcloudFolder: string;
    /** Those of the last reading. */
    readonly givers: readonly AdcGiver[];
  };
  /** What comes of working with a source's grant, which is good then. */
  lend<T>(id: SourceId, work: (grant: Grant) => Promise<T>): Promise<T>;
}

/** What can be made of Google grants, and of the Google tools' own files. Every failure is an EvercredError. */
export class GoogleTools {
  readonly #options: GoogleToolsOptions;
  #writes: Promise<unknown> = Promise.resolve();

  constructor(options: GoogleToolsOptions) {
    this.#options = options;
  }

  get adcFile(): string {
    return this.#options.sources.adcFile;
  }

  /**
   * Writes the file of Application Default Credentials from a source's grant, whole or not at all, for its owner only.
   * Rejects with `usage` where a sign-in of another client stands there and is not to be replaced, or the source is kept
   * by others; with `config-invalid` where the file cannot be written, or is none of ours to write; else as `issue` does.
   */
  async writeAdc(
    source: string,
    {
      quotaProject,
      replace,
    }: { readonly quotaProject: string | undefined; readonly replace: boolean },
  ): Promise<{ readonly kept: string | undefined }> {
    const { sources } = this.#options;
    const giver = sources.givers.find(({ id }) => id === sourceIdOf(source));
    if (giver === undefined) {
      throw new EvercredError("usage", `The sign-in of ${source} is not Evercred's to give away.`, {
        remedy: "Name a source of kind google or google-workforce: --account ID",
      });
    }
    const entry = await this.#options.lend(giver.id, (grant) =>
      Promise.resolve(giver.adcEntryOf(grant)),
    );
    if (entry === undefined) throw new EvercredError("internal", `${source} has nothing to write.`);
    const project = quotaProject === undefined ? {} : { quota_project_id: quotaProject };
    // One after the other: two would each take the other for a stranger.
    const write = this.#writes.then(() =>
      writeAdcFile(this.adcFile, { ...entry, ...project }, replace),
    );
    this.#writes = write.catch(() => undefined);
    return write;
  }

  /** gcloud's own settings, without credentials, as the files of a configuration folder: by relative path. */
  settingsWithoutKeys(): Promise<Readonly<Record<string, string>>> {
    return gcloudSettings(this.#options.sources.gcloudFolder);
  }
}
