import { EvercredError } from "../core/errors.ts";
import { type Account, targetOf } from "../core/source.ts";
import { type AccountRole, accountsOf, listed, rolesOf } from "./directory.ts";
import { plain } from "./plain.ts";
import type { NewProfile } from "./ports.ts";
import {
  type Chooser,
  chosenAccounts,
  chosenName,
  chosenOrganisation,
  chosenRegion,
  chosenRoles,
} from "./profile-choice.ts";
import { checkFlags, profileFlags } from "./profile-flags.ts";
import { planOf, usualTemplate } from "./profile-plan.ts";
import { agrees, canAsk } from "./question.ts";
import type { Context, Reply, Verb } from "./verb.ts";

/** Writes profiles into `~/.aws/config`: of roles that the caller picks, or names by flags. */
export const awsProfilesAdd: Verb = {
  name: "aws profiles add",
  summary: "write profiles for roles that you may have",
  words: "",
  most: 0,
  flags: profileFlags,
  about:
    "Adds profiles to ~/.aws/config and leaves all else in it as it is. On a terminal it asks for what no flag says: organisation, account, role, name, region. With --start-url it first writes an sso-session for an organisation that is new here; that one stays, also where nothing comes of the profiles. Signs in where need be. Profiles are written all or none; those that are there already are left alone.",
  async run(parsed, request, reply, context) {
    const chooser: Chooser = { parsed, reply, asks: canAsk(parsed, request) };
    checkFlags(parsed, chooser.asks);
    const session = await chosenOrganisation(chooser, context);
    const list = <List>(work: () => Promise<List>): Promise<List> =>
      listed({ session, signInBy: "person" }, work, parsed, request, reply, context);
    const all = await list(() => accountsOf(session, false));
    const accounts = await chosenAccounts(chooser, all, session);
    const found = await list(() => rolesOf(session, accounts, false, request.signal));
    const roles = await chosenRoles(chooser, found, session);
    const profiles = await profilesOf(chooser, roles);
    const before = new Set(session.source.offers.keys());
    await context.aws.addProfiles(session.source.id, profiles);
    const isNew = ({ name }: NewProfile): boolean => !before.has(targetOf("aws", name));
    tell(profiles, isNew, all, reply, context);
    return 0;
  },
};

/** What is to be written. With --all on a terminal the caller is asked once more. */
const profilesOf = async (
  chooser: Chooser,
  roles: readonly AccountRole[],
): Promise<readonly NewProfile[]> => {
  const { parsed, reply, asks } = chooser;
  const [only] = roles;
  if (only !== undefined && !parsed.has("all")) {
    const { account, role } = only;
    const name = await chosenName(chooser, only);
    return [{ name, account: account.id, role, region: await chosenRegion(chooser) }];
  }
  const profiles = planOf(roles, parsed.value("template") ?? usualTemplate, parsed.value("region"));
  if (!asks || parsed.has("yes")) return profiles;
  if (await agrees(`Write ${count(profiles)}?`, reply)) return profiles;
  throw new EvercredError("cancelled", "Nothing was written.");
};

const count = (profiles: readonly NewProfile[]): string =>
  profiles.length === 1 ? "1 profile" : `${String(profiles.length)} profiles`;

/** What was written, what was there already, and what to try next. */
const tell = (
  profiles: readonly NewProfile[],
  isNew: (profile: NewProfile) => boolean,
  accounts: readonly Account[],
  reply: Reply,
  { daemon }: Context,
): void => {
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  for (const profile of profiles) {
    const { name, account, role } = profile;
    const where = `${plain(role)} in ${plain(names.get(account) ?? "")} (${account})`;
    reply.print(`${isNew(profile) ? "Added" : "Already there:"} ${name}: ${where}`);
  }
  reply.say(`${profiles.length === 1 ? "It is" : "They are"} in ${daemon.awsConfigFile}.`);
  const [first] = profiles;
  if (first !== undefined) reply.print(`Try: evercred aws export --profile ${first.name}`);
};
