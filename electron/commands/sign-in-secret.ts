import { EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Session } from "../core/session.ts";
import type { SignIn } from "../core/sign-in.ts";
import { type SecretRequest, signInCommandOf } from "../core/source.ts";
import { plain } from "./plain.ts";
import type { TypedLine } from "./typed-line.ts";
import type { Reply } from "./verb.ts";

/**
 * Hands over the secret that the caller types, or says where else it can be entered: where there is no `line` to ask
 * for, or one line may not be enough. Resolves early where somebody else has entered it meanwhile. Throws `cancelled`
 * at the end of input; the sign-in stays open.
 */
export const enterSecret = async (
  request: SecretRequest,
  signIn: SignIn,
  { source }: Session,
  line: TypedLine | undefined,
  reply: Reply,
): Promise<void> => {
  const what = plain(request.what);
  const command = signInCommandOf(source);
  // A terminal ends a secret with its first line.
  const elsewhere = `enter it in the tray, or run: ${command}${request.hasLines ? " < FILE" : ""}`;
  if (line === undefined || request.hasLines) {
    reply.say(`Evercred waits for ${what}: ${elsewhere}. Waiting…`);
    return;
  }
  for (;;) {
    reply.say(`Enter ${what}:`);
    const typed = await line.before(signIn.outcome, true);
    if (typed === undefined) return;
    if (typed.line === undefined) {
      throw new EvercredError("cancelled", "Nothing was entered.", {
        remedy: `The sign-in stays open: ${elsewhere}`,
      });
    }
    const secret = typed.line.trim();
    if (secret === "") continue;
    if (!request.submit(new Secret(secret))) {
      reply.say(`Somebody else has entered ${what} first: what you typed is not taken.`);
    }
    return;
  }
};
