import { EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Session } from "../core/session.ts";
import type { SignIn } from "../core/sign-in.ts";
import type { CodeRequest } from "../core/source.ts";
import { plain } from "./plain.ts";
import type { Reply } from "./verb.ts";

/** A caller who may be asked for one-time codes. One question at a time is before it, also where sign-ins follow each other. */
export class CodeTypist {
  readonly #reply: Reply;
  readonly #asks: boolean;
  #line: Promise<string | undefined> | undefined;

  /** `asks`: whether this caller can read a question and answer it. */
  constructor(reply: Reply, asks: boolean) {
    this.#reply = reply;
    this.#asks = asks;
  }

  /**
   * Hands over the code that the caller types, or says where else it can be typed. Resolves early where somebody
   * else has typed it meanwhile. Throws `cancelled` at the end of input; the sign-in stays open.
   */
  async type(request: CodeRequest, signIn: SignIn, { source }: Session): Promise<void> {
    const device = plain(request.device);
    if (!this.#asks) {
      this.#reply.say(
        `The code of ${device} is asked for in the tray, or by: evercred login ${source.id}. Waiting…`,
      );
      return;
    }
    const ended = signIn.outcome.then(() => ({ line: "", isEnded: true }));
    for (;;) {
      this.#reply.say(`Code of ${device}:`);
      this.#line ??= this.#reply.ask(true);
      const typed = this.#line.then((line) => ({ line, isEnded: false }));
      const { line, isEnded } = await Promise.race([typed, ended]);
      if (isEnded) return;
      this.#line = undefined;
      if (line === undefined) {
        throw new EvercredError("cancelled", "No code was typed.", {
          remedy: `The sign-in stays open: type it in the tray, or run: evercred login ${source.id}`,
        });
      }
      const code = line.replace(/\s+/g, "");
      if (code === "") continue;
      request.submit(new Secret(code));
      return;
    }
  }
}
