import { clockTime } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import { allKeys, keyJson, standingOfKey } from "./api-key-facts.ts";
import { absent, anyWords, keyNameOf } from "./api-key-name.ts";
import { columns } from "./plain.ts";
import type { Verb } from "./verb.ts";

/** The keys that there are. */
export const apiKeyList: Verb = {
  name: "api-key list",
  summary: "the keys that there are",
  words: "",
  most: 0,
  flags: { json: { summary: "as JSON" } },
  about: "Says of each key of what kind it is, how it stands and until when. No secret is printed.",
  run(parsed, _request, reply, context) {
    const view = context.view();
    const keys = allKeys(view, context);
    if (parsed.has("json")) {
      reply.printJson({ version: 1, keys: keys.map(keyJson) });
      return Promise.resolve(0);
    }
    for (const line of columns(
      keys.map((key) => [key.name, key.kind, standingOfKey(key, view.at)]),
    )) {
      reply.print(line);
    }
    if (keys.length === 0) {
      reply.say("There are no keys. Add one: evercred api-key add NAME --kind KIND");
    }
    return Promise.resolve(0);
  },
};

/** One key: all but what it is. */
export const apiKeyShow: Verb = {
  name: "api-key show",
  summary: "how a key stands, without the key",
  words: "NAME",
  most: anyWords,
  flags: { json: { summary: "as JSON" } },
  about:
    "Says of what kind a key is, which source gives it, how that stands, and when it was last asked for. The key itself is not printed.",
  run(parsed, _request, reply, context) {
    const name = keyNameOf(parsed, context);
    const view = context.view();
    const key = allKeys(view, context).find((each) => each.name === name);
    if (key?.from === undefined) throw absent(name, context);
    if (parsed.has("json")) {
      reply.printJson({ version: 1, ...keyJson(key) });
      return Promise.resolve(0);
    }
    const { source, offer } = key.from;
    const asked =
      offer.askedAt === undefined
        ? "not asked for since Evercred was started"
        : `last asked for ${clockTime(offer.askedAt, view.at, english)}`;
    reply.print(`${name}  ${key.kind}`);
    for (const line of columns([
      ["source", source.id],
      ["state", standingOfKey(key, view.at)],
      ["use", asked],
    ])) {
      reply.print(`  ${line}`);
    }
    return Promise.resolve(0);
  },
};
