import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { parse, visit } from "jsonc-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openClaudeSettings } from "../../electron/platform/claude-settings.ts";
import { effort, limitMs } from "./runs.ts";

const wishes = {
  helpers: { apiKeyHelper: "/opt/evercred api-key gateway" },
  env: { ANTHROPIC_BASE_URL: "https://gateway.example.com" },
};

type Value = string | number | boolean | null | Value[] | Pairs;
/** Names may stand there more than once. */
interface Pairs {
  readonly pairs: readonly (readonly [string, Value])[];
}

const name = fc.constantFrom(
  "model",
  "hooks",
  "apiKeyHelper",
  "ANTHROPIC_BASE_URL",
  "é",
  "a b",
  "",
);
const leaf = fc.oneof(
  fc.constantFrom<Value>("// no comment", "}", '"', 'a,"b":1', null, true, 1.5, -0.1),
  fc.string({ maxLength: 5 }),
);
const { pairs } = fc.letrec<{ value: Value; pairs: Pairs }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    tie("pairs"),
  ),
  pairs: fc.record({ pairs: fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }) }),
}));
const env = fc.record({ pairs: fc.array(fc.tuple(name, leaf), { maxLength: 3 }) });
const settings = fc
  .tuple(pairs, fc.option(env), fc.nat(4))
  .map(([all, vars, at]) =>
    vars === null
      ? all
      : { pairs: [...all.pairs.slice(0, at), ["env", vars] as const, ...all.pairs.slice(at)] },
  );

const gap = fc.constantFrom(
  "",
  " ",
  "\n",
  "\t",
  "\r\n",
  "\n\n  ",
  " // one, two\n",
  "/* { */",
  "//\n",
);

/** A text of these settings, as people write it: with these gaps in turn, a comma at each end or none. */
const written = (whole: Value, gaps: readonly string[], hasCommas: boolean): string => {
  let at = 0;
  const between = (): string => gaps[at++ % gaps.length] ?? "";
  const list = (open: string, close: string, items: readonly (() => string)[]): string => {
    const parts = items.map((item, index) => {
      const isLast = index === items.length - 1;
      const comma = !isLast || hasCommas ? "," : "";
      return `${between()}${item()}${between()}${comma}`;
    });
    return `${open}${parts.join("")}${between()}${close}`;
  };
  const write = (one: Value): string => {
    if (Array.isArray(one)) {
      const items = one.map((item) => () => write(item));
      return list("[", "]", items);
    }
    if (typeof one !== "object" || one === null) return JSON.stringify(one);
    const items = one.pairs.map(([key, inner]) => () => {
      const label = `${JSON.stringify(key)}${between()}:${between()}`;
      return label + write(inner);
    });
    return list("{", "}", items);
  };
  return between() + write(whole) + between();
};

const textOfSettings = fc
  .tuple(settings, fc.array(gap, { minLength: 1, maxLength: 9 }), fc.boolean(), fc.boolean())
  .map(([whole, gaps, hasCommas, hasMark]) => {
    return (hasMark ? "\ufeff" : "") + written(whole, gaps, hasCommas);
  });

interface Read {
  readonly env?: Readonly<Record<string, unknown>>;
  readonly [name: string]: unknown;
}

const read = (text: string): Read =>
  parse(text.replace(/^\ufeff/u, ""), [], { allowTrailingComma: true }) as Read;

const without = (all: Readonly<Record<string, unknown>>, name: string): object =>
  Object.fromEntries(Object.entries(all).filter(([each]) => each !== name));

const withoutOurs = (all: Read): object => ({
  ...without(all, "apiKeyHelper"),
  env: without(all.env ?? {}, "ANTHROPIC_BASE_URL"),
});

const commentsIn = (text: string): readonly string[] => {
  const plain = text.replace(/^\ufeff/u, "");
  const comments: string[] = [];
  const onComment = (from: number, length: number): void => {
    comments.push(plain.slice(from, from + length).trimEnd());
  };
  visit(plain, { onComment }, { allowTrailingComma: true });
  return comments;
};

let home = "";
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "evercred-fuzz-"));
});
afterAll(() => {
  rmSync(home, { recursive: true });
});

/** Settings with this text, and the hand that edits them. */
const settingsOf = (text: string) => {
  const file = join(home, ".claude", "settings.json");
  rmSync(home, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const noteFile = join(home, "state", "setup.json");
  const claude = openClaudeSettings({ home, configDir: undefined, noteFile });
  return {
    set: () => claude.set("user", home, wishes).make(),
    undo: () => claude.undo("user", home)?.make(),
    text: () => readFileSync(file, "utf8"),
    append: (more: string) => writeFileSync(file, readFileSync(file, "utf8") + more),
  };
};

test(
  "whatever settings look like, what is not ours in them stays, and an undo gives the first bytes back",
  () => {
    fc.assert(
      fc.property(textOfSettings, (text) => {
        const file = settingsOf(text);
        file.set();
        const after = file.text();
        expect(read(after)).toMatchObject({ ...wishes.helpers, env: wishes.env });
        expect(withoutOurs(read(after))).toEqual(withoutOurs(read(text)));
        if (!/apiKeyHelper|ANTHROPIC_BASE_URL/u.test(text)) {
          expect(commentsIn(after)).toEqual(commentsIn(text));
        }
        file.set();
        expect(file.text()).toBe(after);
        file.undo();
        expect(file.text()).toBe(text);
      }),
      effort(60, 0.05),
    );
  },
  limitMs(0.05),
);

test(
  "where somebody else has written there since, an undo takes out what is ours and nothing else",
  () => {
    fc.assert(
      fc.property(textOfSettings, (text) => {
        const file = settingsOf(text);
        file.set();
        file.append("\n// mine");
        file.undo();
        const undone = file.text();
        expect(withoutOurs(read(undone))).toEqual(withoutOurs(read(text)));
        expect(read(undone)["apiKeyHelper"]).toEqual(read(text)["apiKeyHelper"]);
        expect(read(undone).env?.["ANTHROPIC_BASE_URL"]).toEqual(
          read(text).env?.["ANTHROPIC_BASE_URL"],
        );
        expect(commentsIn(undone)).toContain("// mine");
      }),
      effort(60, 0.05),
    );
  },
  limitMs(0.05),
);
