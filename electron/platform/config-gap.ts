import { visit } from "jsonc-parser";

/** What stands between two properties, or before the end of an object. */
export interface Gap {
  /** Where the comma is. */
  readonly comma: number | undefined;
  /** The end of the comma and the comments that begin in the line in which the gap begins. */
  readonly lineEnd: number;
  /** The end of its last comma or comment. */
  readonly end: number;
}

/** Commas in comments are none, and a comment may go on over lines: so the text is read as a program reads it. */
export const gapBetween = (text: string, from: number, to: number): Gap => {
  let comma: number | undefined;
  let lineEnd = from;
  let end = from;
  const take = (offset: number, length: number): void => {
    if (offset < from || offset >= to) return;
    const isSameLine = lineEnd === end && !text.slice(end, offset).includes("\n");
    end = offset + length;
    if (isSameLine) lineEnd = end;
    if (text[offset] === ",") comma = offset;
  };
  const separator = (_: string, offset: number, length: number): void => take(offset, length);
  const options = { allowTrailingComma: true, allowEmptyContent: true };
  visit(text, { onComment: take, onSeparator: separator }, options);
  return { comma, lineEnd, end };
};
