import { shown } from "../protocol/shown.ts";
import {
  accountOf,
  type AccountRole,
  accountsOf,
  askerOf,
  directoryOf,
  listed,
  listingFlags,
  rolesOf,
} from "./directory.ts";
import { columns } from "./plain.ts";
import type { Verb } from "./verb.ts";

/** What roles there are for whoever is signed in. */
export const awsRoles: Verb = {
  name: "aws roles",
  summary: "the roles that you may have",
  words: "",
  most: 0,
  flags: {
    ...listingFlags,
    account: { value: "ACCOUNT", summary: "in this account only: its number or exact name" },
  },
  about:
    "Lists the roles that the organisation gives you, by account: its number, its name, and the role. Remembers each list for ten minutes. Opens no browser: where a sign-in is needed it exits 3.",
  async run(parsed, request, reply, context) {
    const session = directoryOf(parsed.value("sso-session"), context);
    const only = parsed.value("account");
    const fresh = parsed.has("fresh");
    const list = async (): Promise<readonly AccountRole[]> => {
      const accounts = await accountsOf(session, fresh);
      const wanted = only === undefined ? accounts : [accountOf(only, accounts, session)];
      return rolesOf(session, wanted, fresh, request.signal);
    };
    const roles = await listed(
      { session, signInBy: askerOf(parsed, request) },
      list,
      parsed,
      request,
      reply,
      context,
    );
    if (parsed.has("json")) {
      const rows = roles.map(({ account: { id, name }, role }) => ({
        account: id,
        accountName: name,
        role,
      }));
      reply.printJson({ version: 1, source: session.source.id, roles: rows });
      return 0;
    }
    const rows = roles.map(({ account: { id, name }, role }) => [id, shown(name), role]);
    for (const line of columns(rows)) reply.print(line);
    if (roles.length === 0) reply.say(`${session.source.id} gives you no role there.`);
    return 0;
  },
};
