/** What may be written into the configuration. */
export type ConfigValue =
  string | number | boolean | readonly ConfigValue[] | { readonly [name: string]: ConfigValue };

/** How a file is written. */
export interface Style {
  readonly lineEnd: "\n" | "\r\n";
  /** One level of indentation. */
  readonly indent: string;
}

/** The way in which a text is written already. */
export const styleOf = (text: string): Style => ({
  lineEnd: text.includes("\r\n") ? "\r\n" : "\n",
  indent: /^[\t ]+(?=["{[\]}/])/mu.exec(text)?.[0] ?? "  ",
});

const widest = 100;

/**
 * A value, or the `null` that stood in a file, as people write it: in one line where that is not too long, for a place
 * with this indentation.
 */
export const written = (value: ConfigValue | null, margin: string, style: Style): string => {
  const line = inOneLine(value);
  if (value === null || typeof value !== "object" || margin.length + line.length <= widest) {
    return line;
  }
  const inner = margin + style.indent;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const items = partsOf(value).map(
    ([name, item]) => `${inner}${name}${written(item, inner, style)}`,
  );
  return [open, items.join(`,${style.lineEnd}`), `${margin}${close}`].join(style.lineEnd);
};

/** A value in one line, however long. */
export const inOneLine = (value: ConfigValue | null): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const items = partsOf(value).map(([name, item]) => `${name}${inOneLine(item)}`);
  if (Array.isArray(value)) return `[${items.join(", ")}]`;
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
};

/** Each item, with the name that stands before it. */
const partsOf = (value: object): readonly (readonly [string, ConfigValue | null])[] =>
  isList(value)
    ? value.map((item) => ["", item])
    : Object.entries(value).map(([name, item]) => [
        `${JSON.stringify(name)}: `,
        item as ConfigValue | null,
      ]);

const isList = (value: object): value is readonly ConfigValue[] => Array.isArray(value);
