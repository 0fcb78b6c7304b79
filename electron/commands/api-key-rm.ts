import { EvercredError } from "../core/errors.ts";
import { targetOf } from "../core/source.ts";
import { anyWords, checkKnown, keyNameOf } from "./api-key-name.ts";
import type { Settings } from "./ports.ts";
import { agrees, canAsk } from "./question.ts";
import type { Context, Verb } from "./verb.ts";

/** Forgets a key, and takes it out of the configuration. */
export const apiKeyRemove: Verb = {
  name: "api-key rm",
  summary: "take a key away, and forget its secret",
  words: "NAME",
  most: anyWords,
  flags: {},
  about:
    "Forgets the secret, where there is one, and takes the key out of the configuration. Where something in the configuration still needs the key, it has to be --yes. On a terminal it asks first. The sign-in that a key comes with goes on.",
  async run(parsed, request, reply, context) {
    const name = keyNameOf(parsed, context);
    checkKnown(name, context);
    const users = usersOf(name, context.settings());
    const place = ["keys", name];
    await context.config.check(place);
    if (!parsed.has("yes")) {
      if (users.length > 0) throw stillUsed(name, users);
      if (canAsk(parsed, request) && !(await agrees(`Take the key ${name} away?`, reply))) {
        throw new EvercredError("cancelled", "Nothing was taken away.");
      }
    }
    const isForgotten = await forget(name, context);
    await context.config.set(place, undefined);
    reply.print(
      isForgotten ? `The key ${name} is gone, and its secret.` : `The key ${name} is gone.`,
    );
    for (const user of users) reply.say(`${user} still names it.`);
    return 0;
  },
};

/** What in the configuration needs the key, by name. */
const usersOf = (name: string, settings: Settings): readonly string[] => {
  const { headers, sources, proxy, network } = settings;
  const sets = Object.entries(headers).filter(([, set]) =>
    Object.values(set).some((value) => value.includes(`\${key:${name}}`)),
  );
  const clients = Object.entries(sources).filter(([, source]) => source.clientSecretKey === name);
  const places = [
    ["network.proxyPasswordKey", proxy.passwordKey],
    ["network.clientCertificate.passphraseKey", network.clientCertificate?.passphraseKey],
  ];
  return [
    ...sets.map(([set]) => `headers.${set}`),
    ...clients.map(([id]) => `sources.${id}.clientSecretKey`),
    ...places.flatMap(([place = "", key]) => (key === name ? [place] : [])),
  ];
};

const stillUsed = (name: string, users: readonly string[]): EvercredError =>
  new EvercredError("usage", `The key ${name} is still named by ${users.join(", ")}.`, {
    remedy: `Change that first, or run: evercred api-key rm ${name} --yes`,
  });

/** Forgets the secret that was entered for this key. Resolves to whether there may have been one. */
const forget = async (name: string, { broker }: Context): Promise<boolean> => {
  const target = targetOf("api-key", name);
  if (!broker.targets.includes(target)) return false;
  const { session } = broker.route(target);
  if (session.source.enteredBy === undefined) return false;
  await session.signOut();
  return true;
};
