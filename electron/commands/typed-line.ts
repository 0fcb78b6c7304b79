import type { Reply } from "./verb.ts";

/**
 * A caller who is asked for one line at a time, also where sign-ins and questions follow each other: what was asked for
 * and is not typed yet is not asked for again, and answers whichever question is open by then.
 */
export class TypedLine {
  readonly #reply: Reply;
  #open: Promise<string | undefined> | undefined;

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  /** What the caller types; undefined where `ended` comes first. `line` is undefined at the end of its input. */
  async before(
    ended: Promise<unknown>,
    hidden: boolean,
  ): Promise<{ readonly line: string | undefined } | undefined> {
    this.#open ??= this.#reply.ask(hidden);
    const typed = this.#open.then((line) => ({ line }));
    const first = await Promise.race([typed, ended.then(() => undefined)]);
    if (first !== undefined) this.#open = undefined;
    return first;
  }

  /** The caller's reply, for other questions in between. */
  get reply(): Reply {
    const forever = new Promise<never>(() => undefined);
    const ask = async (hidden: boolean): Promise<string | undefined> =>
      (await this.before(forever, hidden))?.line;
    return { ...this.#reply, ask };
  }
}
