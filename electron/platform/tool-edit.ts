import { isDeepStrictEqual } from "node:util";
import { parseTree } from "jsonc-parser";
import { nodeAt } from "./config-tree.ts";
import type { ConfigValue } from "./config-written.ts";
import {
  type ToolForm,
  type ToolPath,
  type ToolValue,
  toolValueAt,
  withToolValue,
} from "./tool-form.ts";
import type { ToolEntry, ToolNote } from "./tool-note.ts";

/** A value that is to stand in a file of settings. */
export interface Wish {
  readonly path: ToolPath;
  readonly value: ToolValue;
}

/** What of a file is ours. */
export type Ours = Pick<ToolNote, "entries" | "made">;

/** A text of settings, and what of it is ours. */
export interface EditedSettings extends Ours {
  readonly text: string;
}

/** A valid text with what is wished for, and without what else was ours. */
export const withWishes = (
  text: string,
  wished: readonly Wish[],
  ours: Ours,
  form: ToolForm,
): EditedSettings => {
  const stays = ({ path }: ToolEntry): boolean => wished.some((wish) => isSame(wish.path, path));
  const going = ours.entries.filter((entry) => !stays(entry));
  let next = withoutOurs(text, { entries: going, made: ours.made }, form);
  const tops = Object.keys(form).filter((top) => wished.some(({ path }) => path[0] === top));
  const made = tops.filter(
    (top) => ours.made.includes(top) || toolValueAt(next, [top], form) === undefined,
  );
  const entries = wished.flatMap(({ path, value }): ToolEntry[] => {
    const now = toolValueAt(next, path, form);
    const earlier = ours.entries.find((entry) => isSame(entry.path, path));
    next = withToolValue(next, path, value, form);
    if (earlier !== undefined && now === earlier.value) return [{ ...earlier, value }];
    if (now === value) return [];
    const before = now === undefined ? {} : { before: JSON.stringify(now) };
    return [{ path: [...path], value, ...before }];
  });
  return { text: next, entries, made };
};

/** A valid text in which what is ours is as it was before, except where others have changed it since. */
export const withoutOurs = (text: string, { entries, made }: Ours, form: ToolForm): string => {
  let next = text;
  for (const { path, value, before } of entries) {
    if (!isDeepStrictEqual(toolValueAt(next, path, form), value)) continue;
    const earlier = before === undefined ? undefined : (JSON.parse(before) as ConfigValue);
    next = withToolValue(next, path, earlier, form);
  }
  for (const top of made) {
    if (isBare(textAt(next, top))) next = withToolValue(next, [top], undefined, form);
  }
  return next;
};

/** Whether a text is an object or a list with nothing in it, not even a comment. */
export const isBare = (text: string | undefined): boolean =>
  text !== undefined && /^\s*(?:\{\s*\}|\[\s*\])\s*$/.test(text);

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.join("\n") === other.join("\n");

const textAt = (text: string, top: string): string | undefined => {
  const tree = parseTree(text, [], { allowTrailingComma: true, allowEmptyContent: true });
  const node = nodeAt(tree, [top]);
  return node && text.slice(node.offset, node.offset + node.length);
};
