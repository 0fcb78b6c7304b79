import { EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { standingOf } from "../core/state.ts";
import { durationOf } from "./arguments.ts";
import { chosen, idsOf } from "./chosen.ts";
import { personMs, signedInLine, signInAndWait, wishOf } from "./sign-in.ts";
import { plain } from "./plain.ts";
import type { Verb } from "./verb.ts";

/** Signs in by hand: always asks a person, and may open a page again. */
export const login: Verb = {
  name: "login",
  summary: "sign in",
  words: "[SOURCE]",
  most: 1,
  flags: {
    all: { summary: "all that need it, one after the other" },
    "device-code": { summary: "sign in with a code, on any machine" },
    "no-browser": { summary: "open no page here" },
  },
  about:
    "Signs in to a source (its id, or the name of one of its profiles); where another program does that, as gcloud does, runs it and shows what it prints. Without a name: to the one that needs it. Prints the address, and the code where there is one, opens the page and waits; where a one-time code or a key is needed it asks for it. Somebody else than before has to be accepted: --yes does so.",
  async run(parsed, request, reply, context) {
    const { sessions } = context.broker;
    const attended = sessions.filter(
      ({ source, refusal }) => !source.unattended && refusal === undefined,
    );
    const signIns = attended.filter(({ source }) => source.enteredBy === undefined);
    const candidates = attended.filter((session) => !session.isSignedIn);
    const all = sessions.filter((session) => candidates.includes(session) || isLeft(session));
    const wanted = await chosen(parsed, { candidates, all }, request, reply, context);
    if (wanted.length === 0) {
      reply.print(
        signIns.length === 0
          ? "Nothing needs a sign-in."
          : `You are signed in to ${idsOf(signIns)}.`,
      );
    }
    const limit = parsed.value("timeout");
    const waitMs = limit === undefined ? personMs : durationOf(limit);
    for (const session of wanted) {
      if (session.source.unattended) {
        if (session.isSignedIn) throw needsNobody(session);
        await session.takeUp();
        reply.print(`${session.source.id} is in use again.`);
        continue;
      }
      const wish = wishOf("person", parsed, request);
      await signInAndWait(session, wish, waitMs, request, reply, context);
      reply.print(signedInLine(session, context));
    }
    return 0;
  },
};

/** Whether the user has signed out of what needs no sign-in: nothing but the user's word brings it back. */
const isLeft = ({ source, state }: Session): boolean => {
  const standing = standingOf(state);
  return source.unattended && standing.kind === "signed-out" && standing.reason === "user";
};

/** What is said to whoever wants to sign in where nobody has to. */
const needsNobody = ({ source }: Session): EvercredError =>
  new EvercredError("usage", `${source.id} (${plain(source.organisation)}) needs no sign-in.`, {
    remedy: "If its keys are refused, renew them where they stand.",
  });
