import type { Account } from "../core/source.ts";
import { shown } from "../protocol/shown.ts";
import { accountsOf, askerOf, directoryOf, listed, listingFlags } from "./directory.ts";
import { columns } from "./plain.ts";
import type { Verb } from "./verb.ts";

/** What accounts there are for whoever is signed in. */
export const awsAccounts: Verb = {
  name: "aws accounts",
  summary: "the accounts that you may enter",
  words: "",
  most: 0,
  flags: listingFlags,
  about:
    "Lists the accounts that the organisation gives you, by name: number, name, and the owner's e-mail address. Remembers the list for ten minutes. Opens no browser: where a sign-in is needed it exits 3.",
  async run(parsed, request, reply, context) {
    const session = directoryOf(parsed.value("sso-session"), context);
    const list = (): ReturnType<typeof accountsOf> => accountsOf(session, parsed.has("fresh"));
    const accounts = await listed(
      { session, signInBy: askerOf(parsed, request) },
      list,
      parsed,
      request,
      reply,
      context,
    );
    if (parsed.has("json")) {
      const rows = accounts.map(({ id, name, email }) => ({ id, name, email }));
      reply.printJson({ version: 1, source: session.source.id, accounts: rows });
      return 0;
    }
    for (const line of columns(rowsOf(accounts))) {
      reply.print(line);
    }
    if (accounts.length === 0) reply.say(`${session.source.id} gives you no account.`);
    return 0;
  },
};

/** What owners have called them must not push the other columns away. */
const rowsOf = (accounts: readonly Account[]): readonly (readonly string[])[] =>
  accounts.map(({ id, name, email }) => [id, shown(name), shown(email)]);
