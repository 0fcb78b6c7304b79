import { EvercredError, errorOf, hasCode } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { type SourceId, type StrayGrant, targetOf } from "../core/source.ts";
import { patiently } from "./patience.ts";
import { plain } from "./plain.ts";
import { agrees, canAsk } from "./question.ts";
import type { Belonging, Belongings } from "./reset-ports.ts";
import type { Context, Reply, Request, Verb } from "./verb.ts";

/** Takes back all that Evercred has done on this machine, and at providers for it. */
export const reset: Verb = {
  name: "reset",
  summary: "take back all that Evercred has set up, sign out everywhere, and forget everything",
  words: "",
  most: 0,
  flags: { "dry-run": { summary: "list what would go, and change nothing" } },
  about:
    "Takes back every set-up and the start at login, ends the sign-ins at their providers, forgets them with all keys, takes away the configuration and all that Evercred remembers, and stops it. On a terminal it lists what goes, and asks. What cannot be done is named, with what to do about it, and exits 1: all else is done, and the next reset goes on from there. A sign-in whose provider cannot be reached stays until it can; evercred logout forgets it without. What an organisation has put there stays. For an uninstaller: evercred reset --yes",
  async run(parsed, request, reply, context) {
    const { broker, belongings } = context;
    // The keychain may have been locked until now.
    await Promise.all(broker.sessions.filter(isUnread).map((session) => session.look()));
    const plan = await planOf(context, request.signal);
    const all = plan.steps.flatMap(({ items }) => items);
    if (all.length === 0 && plan.troubles.length === 0) {
      reply.print("There is nothing to take back.");
      const open = await tellRemainders(reply, context);
      if (parsed.has("dry-run")) return 0;
      const isGone = await leaves(reply, context);
      return isGone && !open ? 0 : 1;
    }
    if (parsed.has("dry-run")) {
      for (const { title } of all) reply.print(`Would go: ${title}`);
      for (const trouble of plan.troubles) tellNotDone(trouble, reply);
      await tellRemainders(reply, context);
      return 0;
    }
    if (!parsed.has("yes")) {
      if (!canAsk(parsed, request)) {
        throw new EvercredError("usage", "Nobody can be asked whether everything is to go.", {
          remedy: "Without a question: evercred reset --yes",
        });
      }
      for (const { title } of all) reply.say(`Goes: ${title}`);
      if (!(await agrees("Take all that back, sign out everywhere and stop Evercred?", reply))) {
        throw new EvercredError("cancelled", "Nothing was changed.");
      }
    }
    if (underWay.has(belongings)) {
      throw new EvercredError("cancelled", "Another reset is under way.", {
        remedy: "Wait until it has ended.",
      });
    }
    underWay.add(belongings);
    try {
      // Meanwhile somebody may have signed in: what is only forgotten would live on at its provider.
      for (const session of broker.sessions) session.cancelSignIn();
      return await carriedOut(await planOf(context, request.signal), request, reply, context);
    } finally {
      underWay.delete(belongings);
    }
  },
};

/** Those of which a reset is being carried out: a second one would take its work for failures. */
const underWay = new WeakSet<Belongings>();

/** Does what is planned, and leaves where that is all done. Resolves to the exit code. */
const carriedOut = async (
  plan: Plan,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<number> => {
  const { clock } = context;
  let isDone = plan.troubles.length === 0;
  for (const trouble of plan.troubles) tellNotDone(trouble, reply);
  for (const { items, waitsFor, isLast } of plan.steps) {
    if (isLast === true && !isDone) break;
    const work = Promise.all(items.map((item) => attempt(item)));
    const outcomes = await (waitsFor === undefined
      ? work
      : patiently(waitsFor, work, request, reply, clock));
    for (const { title, error, sentence } of outcomes) {
      if (error !== undefined) tellNotDone({ title, error }, reply);
      else if (sentence === undefined) reply.print(`Gone: ${title}`);
      else reply.say(`Stays: ${sentence}`);
      isDone &&= error === undefined;
    }
  }
  const isOpen = await tellRemainders(reply, context);
  if (!isDone) {
    reply.say(
      "The configuration and what is needed to go on are there still. Then run again: evercred reset",
    );
    return 1;
  }
  const isGone = await leaves(reply, context);
  if (isGone) reply.print("Evercred has stopped, and leaves nothing behind.");
  return isGone && !isOpen ? 0 : 1;
};

/** Stops Evercred for good, and names what is left of it all the same. Resolves to whether nothing is. */
const leaves = async (reply: Reply, { belongings }: Context): Promise<boolean> => {
  const left = await belongings.leave();
  for (const { sentence, remedy } of left) reply.say(`Not done: ${sentence} ${remedy}`);
  if (left.length > 0) reply.say("Evercred has stopped; nothing else of it is left.");
  return left.length === 0;
};

/** Something that could not be done, or looked at. */
interface NotDone {
  readonly title: string;
  readonly error: EvercredError;
}

/** Things that go at the same time. */
interface Step {
  readonly items: readonly Belonging[];
  /** What is waited for meanwhile, where that may take its time. */
  readonly waitsFor?: string;
  /** Whether it goes only where all before it has gone: it is needed for the next attempt. */
  readonly isLast?: true;
}

interface Plan {
  readonly steps: readonly Step[];
  /** What cannot be looked at: nobody knows what there is. */
  readonly troubles: readonly NotDone[];
}

/** What there is, in the order in which it goes: what needs the network is done while all that leads to it is there. */
const planOf = async (context: Context, signal: AbortSignal): Promise<Plan> => {
  const { broker, bridges, belongings } = context;
  const troubles: NotDone[] = [];
  const lookedAt = async <T>(
    title: string,
    look: () => Promise<readonly T[]>,
  ): Promise<readonly T[]> => {
    try {
      return await look();
    } catch (thrown) {
      const error = errorOf(thrown);
      // Where there is none, nothing of ours is in it.
      if (error.code !== "keychain-unavailable") troubles.push({ title, error });
      return [];
    }
  };
  const setups = await lookedAt("what was set up in other tools", () => belongings.setups());
  const kept = await lookedAt("what the keychain has", () => belongings.keys());
  /** The keys of the keychain that are needed for what could not be done. */
  const needed = new Set<string>();
  const sessions = broker.sessions.filter(({ source }) => source.keptBy === undefined);
  const people = sessions.filter(
    ({ isSignedIn, isBorrowed, refusal, source }) =>
      source.enteredBy === undefined &&
      !source.unattended &&
      !isBorrowed &&
      (isSignedIn || (refusal !== undefined && kept.includes(placeOf(source.id)))),
  );
  const signIns = people.map((session): Belonging => {
    const { source } = session;
    return {
      title: `the sign-in of ${source.id}, here and at ${plain(source.organisation)}`,
      remove: async () => {
        try {
          await signedOut(session);
          return undefined;
        } catch (thrown) {
          needed.add(placeOf(source.id));
          for (const id of entriesBehind(context)) needed.add(placeOf(id));
          throw thrown;
        }
      },
    };
  });
  const strays = new Map<string, StrayGrant>();
  for (const key of kept.filter((each) => isStray(each, broker.sessions))) {
    const [stray] = await lookedAt(`the entry ${plain(key)} of the keychain`, async () => {
      const found = await belongings.stray(key);
      return found === undefined ? [] : [found];
    });
    if (stray !== undefined) strays.set(key, stray);
  }
  const strayItems = [...strays].map(([key, stray]): Belonging => {
    const organisation = plain(stray.organisation);
    return {
      title: `the sign-in of ${plain(idIn(key))}, which is not configured any more, here and at ${organisation}`,
      remove: async () => {
        try {
          await stray.revoke(signal);
        } catch (cause) {
          for (const id of entriesBehind(context)) needed.add(placeOf(id));
          throw new EvercredError("unreachable", `${organisation} could not be told.`, {
            remedy: `Try again later; to forget it here only, delete ${plain(key)} of Evercred's in your keychain.`,
            cause,
          });
        }
        await stray.withdraw();
        await belongings.forget(key);
        return undefined;
      },
    };
  });
  const isOfPeople = (key: string): boolean =>
    strays.has(key) || people.some(({ source }) => placeOf(source.id) === key);
  const entries = kept
    .filter((key) => !isOfPeople(key))
    .map((key): Belonging => {
      const session = sessions.find(({ source }) => placeOf(source.id) === key);
      const isEntered = session?.source.enteredBy !== undefined;
      return {
        title: isEntered
          ? `the key ${session.source.id}, which was entered and cannot be had again`
          : `the entry ${plain(key)} of the keychain`,
        remove: async () => {
          if (needed.has(key)) throw new EvercredError("cancelled", neededStill, { remedy: again });
          // What is in memory has to go too, or it would be saved again.
          // Of another tool's sign-in nothing is saved: that one goes on, there and at its provider.
          if (session?.isBorrowed !== true) await session?.signOut();
          await belongings.forget(key);
          return undefined;
        },
      };
    });
  const spans = bridges.list().map(({ name }): Belonging => ({
    title: `the bridge ${name}`,
    remove: async () => {
      await bridges.remove(name);
      return undefined;
    },
  }));
  return {
    troubles,
    steps: [
      { items: [...signIns, ...strayItems], waitsFor: "the providers to hear of it" },
      { items: spans },
      // One after the other: several may be in one file.
      ...setups.map((item) => ({ items: [item] })),
      { items: entries },
      { items: belongings.files(), isLast: true },
    ],
  };
};

const neededStill = "It is needed for a sign-in that could not be ended.";
const again = "It goes with that.";

/** Where the keychain has a grant. */
const placeOf = (id: SourceId): string => `grant/${id}`;

const idIn = (key: string): string => key.slice("grant/".length);

const isStray = (key: string, sessions: readonly Session[]): boolean =>
  key.startsWith("grant/") && !sessions.some(({ source }) => placeOf(source.id) === key);

/** Whether nobody knows yet what the keychain has of it. */
const isUnread = ({ isSignedIn, isSignedOut }: Session): boolean => !isSignedIn && !isSignedOut;

/** Rejects with why it could not be ended there; then it goes on. */
const signedOut = async (session: Session): Promise<void> => {
  const { source, refusal } = session;
  if (refusal !== undefined) {
    // What an organisation has forbidden can be renewed no more: what cannot be told ends there by itself.
    await session.signOut();
    return;
  }
  if (await session.signOutThere()) return;
  throw new EvercredError("unreachable", `${plain(source.organisation)} could not be told.`, {
    remedy: `Try again later; to forget it here only: evercred logout ${source.id}`,
  });
};

/** The sources of entered keys without which providers may not be reached. */
const entriesBehind = (context: Context): readonly SourceId[] => {
  const { broker } = context;
  const { proxy, network, sources } = context.settings();
  const names = [
    proxy.passwordKey,
    network.clientCertificate?.passphraseKey,
    ...Object.values(sources).map(({ clientSecretKey }) => clientSecretKey),
  ];
  return names.flatMap((name) => {
    if (name === undefined) return [];
    try {
      return [broker.route(targetOf("api-key", name)).session.source.id];
    } catch (thrown) {
      if (hasCode(thrown, "unknown-name")) return [];
      throw thrown;
    }
  });
};

/** What has become of something. */
interface Attempt {
  readonly title: string;
  readonly error?: EvercredError;
  /** Why it stays. */
  readonly sentence?: string | undefined;
}

const attempt = async (item: Belonging): Promise<Attempt> => {
  const { title } = item;
  try {
    return { title, sentence: await item.remove() };
  } catch (thrown) {
    return { title, error: errorOf(thrown) };
  }
};

const tellNotDone = ({ title, error }: NotDone, reply: Reply): void => {
  reply.say(`Not done: ${title}. ${error.message} ${error.remedy}`);
};

/** Names what stays. Resolves to whether somebody has to do something about it. */
const tellRemainders = async (reply: Reply, { belongings }: Context): Promise<boolean> => {
  const remainders = await belongings.remainders();
  for (const { sentence, remedy } of remainders) {
    reply.say(remedy === undefined ? `Stays: ${sentence}` : `Stays: ${sentence} ${remedy}`);
  }
  return remainders.some(({ remedy }) => remedy !== undefined);
};
