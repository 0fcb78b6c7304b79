import type { EvercredError } from "../core/errors.ts";
import { errorOf } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import { chosen } from "./chosen.ts";
import { patiently } from "./patience.ts";
import { plain } from "./plain.ts";
import type { Reply, Verb } from "./verb.ts";

/** Signs out, here and at the provider. */
export const logout: Verb = {
  name: "logout",
  summary: "sign out",
  words: "[SOURCE]",
  most: 1,
  flags: { all: { summary: "of everything" } },
  about:
    "Ends the session at the provider, then forgets the sign-in: in the keychain, in ~/.aws/sso/cache, and all credentials here. Offline it does the latter all the same. Keys that programs already hold live on until they expire. A sign-in that another program keeps, as gcloud does, is ended only if it is named; else only Evercred forgets it. Of a source that needs no sign-in it forgets what is here, and hands out no more until: evercred login SOURCE. A key that was entered is forgotten only if it is named, or with --all.",
  async run(parsed, request, reply, context) {
    const { sessions: known } = context.broker;
    // What may not be used may have a grant all the same.
    const all = known.filter(({ isSignedIn, refusal }) => isSignedIn || refusal !== undefined);
    // Who signs out means no key that would have to be found and entered again.
    const candidates = all.filter(
      ({ isSignedIn, source }) =>
        isSignedIn && !source.unattended && source.enteredBy === undefined,
    );
    const sessions = await chosen(parsed, { candidates, all }, request, reply, context);
    if (sessions.length === 0) reply.print("You are not signed in.");
    // What others keep is theirs: only who names it means that it is to be over for them too.
    const isNamed = parsed.words.length > 0;
    const work = Promise.all(sessions.map((session) => ended(session, isNamed)));
    const what = "the providers to hear of it";
    const endings = await patiently(what, work, request, reply, context.clock);
    for (const ending of endings) tell(ending, reply);
    const failed = endings.find(({ error }) => error !== undefined);
    if (failed?.error !== undefined) throw failed.error;
    return 0;
  },
};

/** How signing out of one source went. */
interface Ending {
  readonly source: Source;
  /** It is only left: whoever keeps it has it still. */
  readonly left: boolean;
  /** Whether its provider knows. */
  readonly told: boolean;
  readonly error: EvercredError | undefined;
}

const ended = async (session: Session, isNamed: boolean): Promise<Ending> => {
  const { source } = session;
  const left = source.keptBy !== undefined && !isNamed;
  try {
    return { source, left, told: await session.signOut(left), error: undefined };
  } catch (thrown) {
    return { source, left, told: true, error: errorOf(thrown) };
  }
};

const tell = ({ source, left, told, error }: Ending, reply: Reply): void => {
  const { id, enteredBy } = source;
  if (error !== undefined) {
    reply.say(
      enteredBy === undefined
        ? `Signed out of ${id}, but the keychain still has its grant.`
        : `Evercred uses the key of ${id} no more, but the keychain still has it.`,
    );
    return;
  }
  if (enteredBy !== undefined) {
    reply.print(`The key of ${id} is forgotten.`);
    return;
  }
  reply.print(`Signed out of ${id}${restOf(source, left, told)}`);
  if (told) return;
  reply.say(
    `${plain(source.organisation)} could not be told: the session there ends by itself. Sign out in the browser as well if that matters.`,
  );
};

/** What becomes of that which others keep. */
const restOf = ({ id, unattended, keptBy }: Source, left: boolean, told: boolean): string => {
  if (unattended) return ": Evercred forgets its credentials; its keys stay where they are.";
  if (keptBy === undefined) return ".";
  if (left) {
    return ` here; what ${plain(keptBy)} keeps goes on. To end that too: evercred logout ${id}`;
  }
  return told ? `. The file that ${plain(keptBy)} keeps stays, and is no longer good.` : ".";
};
