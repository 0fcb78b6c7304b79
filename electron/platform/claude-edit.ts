import { parse, parseTree } from "jsonc-parser";
import type { ClaudeEntry, ClaudeNote } from "./claude-note.ts";
import { editedText } from "./config-edit.ts";
import { nodeAt } from "./config-tree.ts";
import type { ConfigValue } from "./config-written.ts";

/** What is to stand in a file of Claude Code's settings. */
export interface ClaudeWishes {
  /** At the top, by name. */
  readonly helpers: Readonly<Record<string, string>>;
  /** Under `env`, by name. */
  readonly env: Readonly<Record<string, string>>;
}

/** What of a file is ours. */
type Ours = Pick<ClaudeNote, "entries" | "madeEnv">;

/** A text of settings, and what of it is ours. */
export interface EditedSettings extends Ours {
  readonly text: string;
}

const options = { allowTrailingComma: true, allowEmptyContent: true };

/** A valid text with what is wished for, and without what else was ours. */
export const withWishes = (
  text: string,
  { helpers, env }: ClaudeWishes,
  ours: Ours,
): EditedSettings => {
  const wished = [
    ...Object.entries(helpers).map(([name, value]) => ({ path: [name], value })),
    ...Object.entries(env).map(([name, value]) => ({ path: ["env", name], value })),
  ];
  const stays = ({ path }: ClaudeEntry): boolean => wished.some((wish) => isSame(wish.path, path));
  const going = ours.entries.filter((entry) => !stays(entry));
  const keepsEnv = Object.keys(env).length > 0;
  let next = withoutOurs(text, { entries: going, madeEnv: ours.madeEnv });
  const hadEnv = valueAt(next, ["env"]) !== undefined;
  const entries = wished.flatMap(({ path, value }): ClaudeEntry[] => {
    const now = valueAt(next, path);
    const earlier = ours.entries.find((entry) => isSame(entry.path, path));
    next = editedText(next, path, value);
    if (earlier !== undefined && now === earlier.value) return [{ ...earlier, value }];
    if (now === value) return [];
    return [
      {
        path,
        value,
        ...(now === undefined || now === null ? {} : { before: JSON.stringify(now) }),
      },
    ];
  });
  return { text: next, entries, madeEnv: keepsEnv && (!hadEnv || ours.madeEnv) };
};

/** A valid text in which what is ours is as it was before, except where others have changed it since. */
export const withoutOurs = (text: string, { entries, madeEnv }: Ours): string => {
  let next = text;
  for (const { path, value, before } of entries) {
    if (valueAt(next, path) !== value) continue;
    const earlier = before === undefined ? undefined : (JSON.parse(before) as ConfigValue);
    next = editedText(next, path, earlier);
  }
  return madeEnv && isBare(textAt(next, ["env"])) ? editedText(next, ["env"], undefined) : next;
};

/** Whether a text is an object with nothing in it, not even a comment. */
export const isBare = (text: string | undefined): boolean =>
  text !== undefined && /^\s*\{\s*\}\s*$/.test(text);

/** The variables that stand under `env` in a valid text. */
export const envIn = (text: string): Readonly<Record<string, string>> => {
  const env = valueAt(text, ["env"]);
  if (typeof env !== "object" || env === null) return {};
  const plain = Object.entries(env).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value),
  );
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
};

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.join("\n") === other.join("\n");

const valueAt = (text: string, path: readonly string[]): unknown => {
  let value: unknown = parse(text, [], options);
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
};

const textAt = (text: string, path: readonly string[]): string | undefined => {
  const node = nodeAt(parseTree(text, [], options), path);
  return node && text.slice(node.offset, node.offset + node.length);
};
