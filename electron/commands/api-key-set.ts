import { EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Session } from "../core/session.ts";
import { signInCommandOf } from "../core/source.ts";
import { standingOf } from "../core/state.ts";
import { enter, keptLine, secretOf } from "./api-key-enter.ts";
import { anyWords, keyNameOf, keyRouteOf } from "./api-key-name.ts";
import type { NamedRoute } from "./on-bridge.ts";
import type { Context, Parsed, Verb } from "./verb.ts";

/** What stands for no end where a date could stand. */
const noEnd = "none";

/** Takes the secret of a key, the first one or another. */
export const apiKeySet: Verb = {
  name: "api-key set",
  summary: "enter the secret of a key, or a new one",
  words: "NAME",
  most: anyWords,
  flags: {
    "expires-at": {
      value: "DATE",
      summary: `when the new one ends: its last day, as 2027-03-31, an instant, or "${noEnd}"`,
    },
  },
  about:
    "Reads the secret from stdin, all of it (evercred api-key set NAME < FILE), or asks for it on a terminal, unseen. It is kept in the keychain; what was made of the one before is forgotten. It is never taken from the command line.",
  async run(parsed, request, reply, context) {
    const route = keyRouteOf(keyNameOf(parsed, context), request, context);
    const { name, session } = route;
    if (session.source.enteredBy === undefined) throw notEntered(route);
    const end = parsed.value("expires-at");
    checkEnd(end, route, context);
    const secret = await secretOf(route, parsed, request, reply, context);
    if (secret === undefined) {
      throw new EvercredError("usage", "Nothing was entered.", {
        remedy: `Type it, or give it on stdin: evercred api-key set ${name} < FILE`,
      });
    }
    if (end !== undefined) {
      await context.config.set(["keys", name, "expiresAt"], end === noEnd ? undefined : end);
    }
    await enter(new Secret(secret), session, request);
    reply.print(keptLine(route, context));
    return 0;
  },
};

/** What to do instead where a key has no secret of its own. */
const notEntered = ({ name, session }: NamedRoute): EvercredError => {
  const { source } = session;
  return new EvercredError("usage", `Nothing is entered for the key ${name}.`, {
    remedy: source.unattended
      ? `It is got without a person. See: evercred api-key show ${name}`
      : `It comes with a sign-in to ${source.id}: ${signInCommandOf(source)}`,
  });
};

/** Throws `usage` where there can be no such end, or the one that is configured has passed and no other is given. */
const checkEnd = (
  end: ReturnType<Parsed["value"]>,
  { name, session }: NamedRoute,
  context: Context,
): void => {
  const kind = context.settings().keys[name]?.kind ?? "another";
  if (end !== undefined && kind !== "static") {
    throw new EvercredError("usage", `A key of kind ${kind} has no --expires-at.`, {
      remedy: "That belongs to static.",
    });
  }
  if (end === undefined && hasEnded(session)) {
    throw new EvercredError("usage", `By the configuration the key of ${name} has ended.`, {
      remedy: `Say when the new one does: evercred api-key set ${name} --expires-at DATE (or ${noEnd})`,
    });
  }
};

/** Whether its end, which is the configuration's word, has come: a new secret would not change that. */
const hasEnded = ({ state }: Session): boolean => {
  const standing = standingOf(state);
  return standing.kind === "signed-out" && standing.reason === "ended";
};
