import { tokenOf } from "../core/credential.ts";
import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { fetched } from "./silent.ts";
import type { Context, Verb } from "./verb.ts";
import { wantedKey } from "./wanted-key.ts";

/** Claude Code kills `headersHelper` of an MCP server after 10 s, and `otelHeadersHelper` after 30: we end first. */
const limitMs = 9_000;

/** The most that Claude Code reads of a `headersHelper`, in bytes. */
const mostBytes = 1_000_000;

/** A set of headers, for `otelHeadersHelper` of Claude Code and `headersHelper` of its MCP servers. */
export const headers: Verb = {
  name: "headers",
  summary: "a set of headers, for otelHeadersHelper and headersHelper",
  words: "NAME",
  most: 1,
  flags: { fresh: { summary: "fetch new keys first, at most once a minute" } },
  about:
    "Prints one JSON object: the headers of that name in the configuration, the keys in them filled in. Opens nothing: where a sign-in is needed it exits 3 and the tray asks. It answers within 9 seconds.",
  async run(parsed, request, reply, context) {
    const [name] = parsed.words;
    const set = setOf(name, context);
    const keys = [...new Set(Object.values(set).flatMap(keysIn))];
    const wanted = keys.map((key) => [key, wantedKey(key, limitMs, request, context)] as const);
    const tokens = await Promise.all(
      wanted.map(async ([key, how]) => {
        const credential = await fetched("headers", how, parsed, request, reply, context);
        return [key, tokenOf(credential).token] as const;
      }),
    );
    reply.printForm(Object.fromEntries(tokens), (clear) => textOf(set, clear));
    return 0;
  },
};

type HeaderSet = Readonly<Record<string, string>>;

const setOf = (name: string | undefined, context: Context): HeaderSet => {
  const sets = context.settings().headers;
  const set = name !== undefined && Object.hasOwn(sets, name) ? sets[name] : undefined;
  if (set !== undefined) return set;
  const near = name === undefined ? undefined : nearest(name, Object.keys(sets));
  const all = Object.keys(sets).sort().join(", ");
  const remedy =
    near !== undefined
      ? `Did you mean ${near}?`
      : all === ""
        ? `Add them under "headers" in ${context.daemon.configFile}.`
        : `There are ${all}.`;
  throw name === undefined
    ? new EvercredError("usage", "Which headers?", { remedy })
    : new EvercredError("unknown-name", `There are no headers ${name}.`, { remedy });
};

const place = /\$\{key:([^}]*)\}/g;

const keysIn = (value: string): readonly string[] =>
  [...value.matchAll(place)].map(([, key = ""]) => key);

const textOf = (set: HeaderSet, clear: Readonly<Record<string, string>>): string => {
  const filled = Object.entries(set).map(([header, value]) => {
    const text = value.replace(place, (_, key: string) => clear[key] ?? "");
    checkValue(header, text);
    return [header, text];
  });
  const text = `${JSON.stringify(Object.fromEntries(filled))}\n`;
  if (Buffer.byteLength(text) <= mostBytes) return text;
  throw new EvercredError("config-invalid", "These headers are longer than Claude Code reads.", {
    remedy: "Put less into them.",
  });
};

/** What a field value may be (RFC 9110, 5.5), without what is obsolete there. */
const checkValue = (header: string, text: string): void => {
  if (/^[\t -~]*$/.test(text)) return;
  const what = /[\r\n]/.test(text) ? "a line break" : "a character that no header can carry";
  throw new EvercredError("key-unfit", `The header ${header} would have ${what} in it.`, {
    remedy: "Look at the keys that are filled in there: evercred api-key list",
  });
};
