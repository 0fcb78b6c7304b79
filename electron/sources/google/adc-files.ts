import type { Problem } from "../problem.ts";
import { readAdcFile } from "./adc-file.ts";
import type { Adc } from "./adc-forms.ts";

/** What files said when they were whole: while somebody writes one, its source stays what it was. */
export class AdcFiles {
  readonly #whole = new Map<string, Adc>();

  /** What a file says, or has said last, and what is wrong with it now. */
  async read(
    file: string,
  ): Promise<{ readonly adc: Adc | undefined; readonly problem: Problem | undefined }> {
    const found = await readAdcFile(file);
    if (found.kind === "adc") this.#whole.set(file, found.adc);
    if (found.kind === "absent") this.#whole.delete(file);
    const problem = found.kind === "broken" ? { file, line: undefined, ...found.fault } : undefined;
    return { adc: this.#whole.get(file), problem };
  }
}
