import { EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Session } from "../core/session.ts";
import type { SignIn } from "../core/sign-in.ts";
import type { CodeRequest } from "../core/source.ts";
import { plain } from "./plain.ts";
import type { TypedLine } from "./typed-line.ts";
import type { Reply } from "./verb.ts";

/**
 * Hands over the code that the caller types, or says where else it can be typed: where there is no `line` to ask for.
 * Resolves early where somebody else has typed it meanwhile. Throws `cancelled` at the end of input; the sign-in stays
 * open.
 */
export const typeCode = async (
  request: CodeRequest,
  signIn: SignIn,
  { source }: Session,
  line: TypedLine | undefined,
  reply: Reply,
): Promise<void> => {
  const device = plain(request.device);
  if (line === undefined) {
    reply.say(
      `The code of ${device} is asked for in the tray, or by: evercred login ${source.id}. Waiting…`,
    );
    return;
  }
  for (;;) {
    reply.say(`Code of ${device}:`);
    const typed = await line.before(signIn.outcome, true);
    if (typed === undefined) return;
    if (typed.line === undefined) {
      throw new EvercredError("cancelled", "No code was typed.", {
        remedy: `The sign-in stays open: type it in the tray, or run: evercred login ${source.id}`,
      });
    }
    const code = typed.line.replace(/\s+/g, "");
    if (code === "") continue;
    request.submit(new Secret(code));
    return;
  }
};
