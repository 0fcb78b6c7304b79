import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Session } from "../core/session.ts";
import { plain } from "./plain.ts";
import { agrees, canAsk } from "./question.ts";
import { placeOf } from "./source-list.ts";
import { isKeyItself, sourceNameOf } from "./source-name.ts";
import type { Context, Reply, Verb } from "./verb.ts";

/** Signs out of a source, and takes it out of the configuration. */
export const sourceRemove: Verb = {
  name: "source rm",
  summary: "sign out of a source, and take it away",
  words: "ID",
  most: 1,
  flags: {},
  about:
    "Signs out of the source, at its provider too, and takes it out of the configuration. Where keys come with its sign-in, it has to be --yes. On a terminal it asks first. A sign-in that another program keeps goes on; a source that is found by itself stays where it is found.",
  async run(parsed, request, reply, context) {
    const id = sourceNameOf(parsed);
    checkRemovable(id, context);
    const session = context.broker.session(id);
    const keys = session === undefined ? [] : keysOf(session);
    const place = ["sources", id];
    await context.config.check(place);
    if (!parsed.has("yes")) {
      if (keys.length > 0) throw stillUsed(id, keys);
      if (
        canAsk(parsed, request) &&
        !(await agrees(`Sign out of ${id}, and take it away?`, reply))
      ) {
        throw new EvercredError("cancelled", "Nothing was taken away.");
      }
    }
    if (session !== undefined) await signOut(session, reply);
    await context.config.set(place, undefined);
    const rest = context.broker.session(id)?.source;
    reply.print(
      rest === undefined
        ? `The source ${id} is gone.`
        : `The configuration names ${id} no more; it is still found in ${placeOf(rest, context)}.`,
    );
    for (const key of keys) reply.say(`keys.${key} still names it.`);
    return 0;
  },
};

/** Throws unless the configuration has this source: what is found by itself is not ours to take away. */
const checkRemovable = (id: string, context: Context): void => {
  const { sources } = context.settings();
  if (Object.hasOwn(sources, id)) return;
  if (isKeyItself(id, context)) {
    throw new EvercredError("usage", `${id} is a key.`, {
      remedy: `Run: evercred api-key rm ${id}`,
    });
  }
  const session = context.broker.session(id);
  if (session === undefined) {
    const near = nearest(id, Object.keys(sources));
    throw new EvercredError("unknown-name", `There is no source ${id}.`, {
      remedy: near === undefined ? "See: evercred source list" : `Did you mean ${near}?`,
    });
  }
  throw new EvercredError("usage", `${session.source.id} is found by itself.`, {
    remedy: `It stands in ${placeOf(session.source, context)}: take it out there.`,
  });
};

/** The names of the keys that come with a sign-in. */
const keysOf = ({ source }: Session): readonly string[] =>
  [...source.offers.keys()]
    .filter((target) => target.startsWith("api-key:"))
    .map((target) => target.slice(target.indexOf(":") + 1));

const stillUsed = (id: string, keys: readonly string[]): EvercredError =>
  new EvercredError("usage", `With the source ${id} come the keys ${keys.join(", ")}.`, {
    remedy: `Take them away first, or run: evercred source rm ${id} --yes`,
  });

/** Ends what we keep; what others keep is theirs, and goes on. */
const signOut = async (session: Session, reply: Reply): Promise<void> => {
  const { source, isSignedIn } = session;
  if (source.keptBy !== undefined || !isSignedIn) return;
  const told = await session.signOut();
  reply.print(`Signed out of ${source.id}.`);
  if (told) return;
  reply.say(`${plain(source.organisation)} could not be told: the session there ends by itself.`);
};
