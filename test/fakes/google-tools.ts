import type { GoogleTools } from "../../electron/commands/ports.ts";
import { EvercredError } from "../../electron/core/errors.ts";

/** Tools that remember what they were asked for. */
export class FakeGoogleTools implements GoogleTools {
  readonly adcFile = "/home/ann/.config/gcloud/application_default_credentials.json";
  /** What every call fails with. */
  failure: EvercredError | undefined;
  /** Whether another client's file stands there. */
  occupied = false;
  readonly written: {
    readonly source: string;
    readonly quotaProject: string | undefined;
  }[] = [];

  async writeAdc(
    source: string,
    how: { readonly quotaProject: string | undefined; readonly replace: boolean },
  ): Promise<{ readonly kept: string | undefined }> {
    this.#mayFail();
    const { quotaProject, replace } = how;
    if (this.occupied && !replace) {
      const sentence = `${this.adcFile} is another client's.`;
      throw new EvercredError("usage", sentence, { remedy: "Replace it with --yes." });
    }
    this.written.push({ source, quotaProject });
    const kept = this.occupied ? `${this.adcFile}.before-evercred` : undefined;
    this.occupied = false;
    return { kept };
  }

  async settingsWithoutKeys(): Promise<Readonly<Record<string, string>>> {
    this.#mayFail();
    return { active_config: "work", "configurations/config_work": "[core]\nproject = work\n" };
  }

  #mayFail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
