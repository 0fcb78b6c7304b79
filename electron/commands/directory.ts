import { EvercredError, hasCode } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Session } from "../core/session.ts";
import type { Asker } from "../core/sign-ins.ts";
import type { Account } from "../core/source.ts";
import { within } from "../core/time.ts";
import { durationOf } from "./arguments.ts";
import { idsOf } from "./chosen.ts";
import { patiently } from "./patience.ts";
import { nothingToSignInTo, sessionOf } from "./profile.ts";
import { aside, askerBehind, personMs, signInAndWait, untilGone, wishOf } from "./sign-in.ts";
import { authRefreshMs } from "./silent.ts";
import type { Context, Flag, Parsed, Reply, Request } from "./verb.ts";

/** An organisation has thousands of roles, and its portal asks for patience: this long a caller waits for a list. */
const listMs = 120_000;

/** So many lists are asked for at a time: more are throttled. */
const listsAtOnce = 4;

/** A role in an account. */
export interface AccountRole {
  readonly account: Account;
  readonly role: string;
}

/** The sessions whose provider lists accounts. */
export const withDirectory = (context: Context): readonly Session[] =>
  context.broker.sessions.filter(({ source }) => source.directory !== undefined);

/** The session whose accounts are meant: the one named, else the only one that lists any. Throws with the list. */
export const directoryOf = (named: string | undefined, context: Context): Session => {
  const session = named === undefined ? undefined : sessionOf(named, context);
  const listing = withDirectory(context);
  if (session !== undefined) {
    if (session.source.directory !== undefined) return session;
    throw new EvercredError("usage", `${session.source.id} has no accounts to be listed.`, {
      remedy: `There is: ${idsOf(listing) || "nothing else"}.`,
    });
  }
  const [only] = listing;
  if (only === undefined) throw nothingToSignInTo(context);
  if (listing.length === 1) return only;
  throw new EvercredError("ambiguous-name", `Which organisation? There are ${idsOf(listing)}.`, {
    remedy: "Name one with --sso-session.",
  });
};

/** The flags of every verb that lists what an organisation has. */
export const listingFlags: Readonly<Record<string, Flag>> = {
  "sso-session": { value: "SESSION", summary: "of which organisation; else the only one" },
  json: { summary: "as JSON" },
  fresh: { summary: "ask the provider, also where the list is known" },
  "sign-in": { summary: "if nobody is signed in, ask and wait" },
};

/** Whose list is wanted, and who asks for a sign-in where one is needed; undefined: nobody. */
interface Listing {
  readonly session: Session;
  readonly signInBy: Asker | undefined;
}

/** Who asks for a sign-in for a list, where the flags say that somebody does. */
export const askerOf = (parsed: Parsed, request: Request): Asker | undefined =>
  parsed.has("sign-in") ? askerBehind(request) : undefined;

/**
 * What `list` gives, within the caller's `--timeout`, or two minutes; after a sign-in, where one is needed and
 * somebody asks for it. Throws `timed-out`, and what the sign-in or the provider came to.
 */
export const listed = async <List>(
  { session, signInBy }: Listing,
  list: () => Promise<List>,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<List> => {
  const limit = parsed.value("timeout");
  const inTime = async (): Promise<List> => {
    const limitMs = limit === undefined ? listMs : durationOf(limit);
    const late = Symbol("late");
    const work = within(context.clock, limitMs, untilGone(list(), request.signal), late);
    const what = `${session.source.id} to list what you may use`;
    const result = await patiently(what, work, request, reply, context.clock);
    if (result !== late) return result;
    throw new EvercredError("timed-out", `${session.source.id} has not told all of it in time.`);
  };
  try {
    return await inTime();
  } catch (thrown) {
    if (signInBy === undefined || !hasCode(thrown, "sign-in-needed")) throw thrown;
  }
  const wish = wishOf(signInBy, parsed, request);
  const usualMs = signInBy === "person" ? personMs : authRefreshMs;
  const patienceMs = limit === undefined ? usualMs : durationOf(limit);
  await signInAndWait(session, wish, patienceMs, request, aside(reply), context);
  return inTime();
};

/** The accounts of a session, by name. */
export const accountsOf = async (session: Session, fresh: boolean): Promise<readonly Account[]> =>
  [...(await session.accounts(fresh))].sort(
    (a, b) => compared(a.name, b.name) || compared(a.id, b.id),
  );

/**
 * The account of this number or of exactly this name. Throws `unknown-name`, `ambiguous-name` with the numbers, or
 * `policy-refused` where an organisation does not allow that number.
 */
export const accountOf = (
  wanted: string,
  accounts: readonly Account[],
  { source }: Session,
): Account => {
  const refusal = isNumber(wanted) ? source.restraint?.refusalOfAccount(wanted) : undefined;
  if (refusal !== undefined) throw refusal;
  const fitting = accounts.filter(({ id, name }) => id === wanted || name === wanted);
  const [only] = fitting;
  if (only === undefined) {
    const near = nearest(
      wanted,
      accounts.flatMap(({ id, name }) => [name, id]),
    );
    throw new EvercredError("unknown-name", `There is no account ${wanted} for you.`, {
      remedy: near === undefined ? "See: evercred aws accounts" : `Did you mean ${near}?`,
    });
  }
  if (fitting.length === 1) return only;
  const ids = fitting.map(({ id }) => id).join(", ");
  throw new EvercredError("ambiguous-name", `${wanted} is the name of accounts ${ids}.`, {
    remedy: "Name one by its number.",
  });
};

const isNumber = (account: string): boolean => /^\d{12}$/.test(account);

/** The roles in these accounts, in their order and by name. Lists that have not begun are left once `signal` aborts. */
export const rolesOf = async (
  session: Session,
  accounts: readonly Account[],
  fresh: boolean,
  signal: AbortSignal,
): Promise<readonly AccountRole[]> => {
  const lists = new Map<Account, readonly AccountRole[]>();
  const waiting = [...accounts];
  const takeLists = async (): Promise<void> => {
    for (let account = waiting.shift(); account !== undefined; account = waiting.shift()) {
      const of = account;
      const roles = await session.roles(of.id, fresh);
      lists.set(
        of,
        [...roles].sort(compared).map((role) => ({ account: of, role })),
      );
      if (signal.aborted) waiting.length = 0;
    }
  };
  try {
    await Promise.all(Array.from({ length: listsAtOnce }, takeLists));
  } finally {
    waiting.length = 0;
  }
  return accounts.flatMap((account) => lists.get(account) ?? []);
};

const compared = (a: string, b: string): number => a.localeCompare(b);
