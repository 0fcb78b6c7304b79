import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Session } from "../core/session.ts";
import type { Account } from "../core/source.ts";
import { accountOf, type AccountRole, directoryOf, withDirectory } from "./directory.ts";
import { isProfileName, nameOf, usualTemplate } from "./profile-plan.ts";
import { isRegion, notAName, startUrlOf } from "./profile-flags.ts";
import { sessionOf } from "./profile.ts";
import { answerTo, picked } from "./question.ts";
import type { Context, Parsed, Reply } from "./verb.ts";

/** A caller, by its flags, and where it can be asked for what they do not say. */
export interface Chooser {
  readonly parsed: Parsed;
  readonly reply: Reply;
  readonly asks: boolean;
}

/** The organisation: a new one, the one named, the only one, or the one that the caller picks. A new one is written. */
export const chosenOrganisation = async (chooser: Chooser, context: Context): Promise<Session> => {
  const { parsed, reply, asks } = chooser;
  const named = parsed.value("sso-session");
  const there = withDirectory(context);
  const startUrl = parsed.value("start-url");
  if (startUrl !== undefined || (asks && named === undefined && there.length === 0)) {
    return addedOrganisation(chooser, context);
  }
  if (!asks || named !== undefined || there.length < 2) return directoryOf(named, context);
  return picked("organisation", there, ({ source }) => [source.id, source.organisation], reply);
};

const addedOrganisation = async (
  { parsed, reply }: Chooser,
  context: Context,
): Promise<Session> => {
  const startUrl =
    startUrlOf(parsed.value("start-url") ?? "") ??
    (await untilGiven("The start URL of your organisation's access portal:", startUrlOf, reply));
  const region =
    parsed.value("sso-region") ??
    (await untilGiven("The organisation's region, like us-east-1:", regionOf, reply));
  const name = parsed.value("sso-session");
  return sessionOf(await context.aws.addOrganisation({ name, startUrl, region }), context);
};

/** What `read` makes of the answer, which is asked for until it makes something of it. */
export const untilGiven = async <Value>(
  question: string,
  read: (answer: string) => Value | undefined,
  reply: Reply,
): Promise<Value> => {
  for (;;) {
    const value = read(await answerTo(question, reply));
    if (value !== undefined) return value;
    reply.say("That cannot be it.");
  }
};

const regionOf = (answer: string): string | undefined => (isRegion(answer) ? answer : undefined);

/** The accounts: the one named, all with --all, the only one, or the one that the caller picks. */
export const chosenAccounts = async (
  { parsed, reply }: Chooser,
  accounts: readonly Account[],
  session: Session,
): Promise<readonly Account[]> => {
  const named = parsed.value("account");
  if (named !== undefined && accounts.length > 0) return [accountOf(named, accounts, session)];
  if (accounts.length === 0) throw nothingGiven(`${session.source.id} gives you no account.`);
  if (parsed.has("all") || accounts.length === 1) return accounts;
  return [await picked("account", accounts, ({ id, name }) => [id, name], reply)];
};

/** The roles: those of the name that is given, all with --all, the only one, or the one that the caller picks. */
export const chosenRoles = async (
  { parsed, reply }: Chooser,
  roles: readonly AccountRole[],
  { source }: Session,
): Promise<readonly AccountRole[]> => {
  if (roles.length === 0) throw nothingGiven(`${source.id} gives you no role there.`);
  const named = parsed.value("role");
  if (named !== undefined) {
    const fitting = roles.filter(({ role }) => role === named);
    if (fitting.length > 0) return fitting;
    const near = nearest(named, new Set(roles.map(({ role }) => role)));
    throw new EvercredError("unknown-name", `There is no role ${named} for you there.`, {
      remedy: near === undefined ? "See: evercred aws roles" : `Did you mean ${near}?`,
    });
  }
  if (parsed.has("all") || roles.length === 1) return roles;
  return [await picked("role", roles, ({ role }) => [role], reply)];
};

const nothingGiven = (sentence: string): EvercredError =>
  new EvercredError("access-denied", sentence, { remedy: "Ask whoever assigns roles to you." });

/** The name of the one profile: given, typed, or as the template has it. */
export const chosenName = async (
  { parsed, reply, asks }: Chooser,
  role: AccountRole,
): Promise<string> => {
  const given = parsed.value("name");
  if (given !== undefined) return given;
  const usual = nameOf(parsed.value("template") ?? usualTemplate, role);
  if (!asks || parsed.has("yes")) return usual;
  for (;;) {
    const typed = await answerTo(`The profile's name? Enter for ${usual}:`, reply);
    if (typed === "") return usual;
    if (isProfileName(typed)) return typed;
    const { message, remedy } = notAName(typed);
    reply.say(`${message} ${remedy}`);
  }
};

/** The region of the one profile's programs: given, typed, or none. */
export const chosenRegion = async ({
  parsed,
  reply,
  asks,
}: Chooser): Promise<string | undefined> => {
  const given = parsed.value("region");
  if (given !== undefined || !asks || parsed.has("yes")) return given;
  const read = (answer: string): { readonly region: string | undefined } | undefined => {
    if (answer === "") return { region: undefined };
    return isRegion(answer) ? { region: answer } : undefined;
  };
  const question = "The region of its programs, like us-east-1? Enter for none:";
  return (await untilGiven(question, read, reply)).region;
};
