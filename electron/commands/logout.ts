import type { EvercredError } from "../core/errors.ts";
import { errorOf } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { chosen } from "./chosen.ts";
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
    "Ends the session at the provider, then forgets the sign-in: in the keychain, in ~/.aws/sso/cache, and all credentials here. Offline it does the latter all the same. Keys that programs already hold live on until they expire. Of a source that needs no sign-in it forgets what is here, and hands out no more until: evercred login SOURCE",
  async run(parsed, request, reply, context) {
    const all = context.broker.sessions.filter((session) => session.isSignedIn);
    const candidates = all.filter(({ source }) => !source.unattended);
    const sessions = await chosen(parsed, { candidates, all }, request, reply, context);
    if (sessions.length === 0) reply.print("You are not signed in.");
    const endings = await Promise.all(sessions.map(ended));
    for (const { session, told, error } of endings) tell(session, told, error, reply);
    const failed = endings.find(({ error }) => error !== undefined);
    if (failed?.error !== undefined) throw failed.error;
    return 0;
  },
};

/** How signing out of one source went. `told`: whether its provider knows. */
interface Ending {
  readonly session: Session;
  readonly told: boolean;
  readonly error: EvercredError | undefined;
}

const ended = async (session: Session): Promise<Ending> => {
  try {
    return { session, told: await session.signOut(), error: undefined };
  } catch (thrown) {
    return { session, told: true, error: errorOf(thrown) };
  }
};

const tell = (
  { source }: Session,
  told: boolean,
  error: EvercredError | undefined,
  reply: Reply,
): void => {
  const { id } = source;
  if (error !== undefined) {
    reply.say(`Signed out of ${id}, but the keychain still has its grant.`);
    return;
  }
  reply.print(
    source.unattended
      ? `Signed out of ${id}: Evercred forgets its credentials; its keys stay where they are.`
      : `Signed out of ${id}.`,
  );
  if (told) return;
  reply.say(
    `${plain(source.organisation)} could not be told: the session there ends by itself. Sign out in the browser as well if that matters.`,
  );
};
