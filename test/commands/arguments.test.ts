import { describe, expect, test } from "vitest";
import { commonFlags, durationOf, parse } from "../../electron/commands/arguments.ts";
import type { Verb } from "../../electron/commands/verb.ts";
import { EvercredError } from "../../electron/core/errors.ts";

const verb: Verb = {
  name: "try",
  summary: "",
  words: "[WORD]",
  most: 1,
  flags: {
    profile: { value: "PROFILE", summary: "" },
    fresh: { summary: "" },
  },
  about: "",
  run: () => Promise.resolve(0),
};

/** The error that these words are. */
const refusalOf = (...args: readonly string[]): EvercredError => {
  try {
    parse(verb, args);
  } catch (thrown) {
    if (thrown instanceof EvercredError) return thrown;
    throw thrown;
  }
  throw new Error(`${args.join(" ")} is not refused.`);
};

describe("a command line", () => {
  test("may name a value with a space or with an equals sign", () => {
    expect(parse(verb, ["--profile", "dev"]).value("profile")).toBe("dev");
    expect(parse(verb, ["--profile=a=b"]).value("profile")).toBe("a=b");
  });

  test("takes flags and words in any order", () => {
    const parsed = parse(verb, ["--fresh", "word", "-q", "--profile", "dev"]);
    expect(parsed.words).toEqual(["word"]);
    expect([parsed.has("fresh"), parsed.has("quiet"), parsed.has("debug")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("takes the last of two values", () => {
    expect(parse(verb, ["--profile", "dev", "--profile=ops"]).value("profile")).toBe("ops");
  });

  test("gives every value of a flag that is given several times", () => {
    const parsed = parse(verb, ["--profile", "dev", "word", "--profile=ops"]);
    expect(parsed.values("profile")).toEqual(["dev", "ops"]);
    expect(parsed.values("fresh")).toEqual([]);
    expect(parse(verb, ["--fresh"]).values("fresh")).toEqual([]);
  });

  test("leaves to the caller's program what follows two dashes", () => {
    const parsed = parse({ ...verb, takesProgram: true }, ["word", "--", "--fresh", "more"]);
    expect(parsed.words).toEqual(["word"]);
    expect([parsed.hasProgram, parsed.has("fresh")]).toEqual([true, false]);
    expect(parse(verb, ["word"]).hasProgram).toBe(false);
  });

  test("has no place for a program where the verb runs none", () => {
    expect(refusalOf("--", "word")).toMatchObject({
      code: "usage",
      message: 'evercred try runs no program: nothing may follow "--".',
    });
  });

  test("knows short flags, also together", () => {
    const parsed = parse(verb, ["-qh"]);
    expect(parsed.has("quiet") && parsed.has("help")).toBe(true);
  });

  test.each(Object.keys(commonFlags))("of any verb may hold --%s", (name) => {
    const { value } = commonFlags[name]!;
    expect(parse(verb, [`--${name}${value === undefined ? "" : "=5s"}`]).has(name)).toBe(true);
  });
});

describe("what is refused, with the nearest there is", () => {
  test.each([
    ["--fres", "evercred try has no flag --fres.", "Did you mean --fresh?"],
    ["--profil=dev", "evercred try has no flag --profil.", "Did you mean --profile?"],
    [
      "--nothing-of-the-kind",
      "evercred try has no flag --nothing-of-the-kind.",
      "See: evercred help try",
    ],
    ["-x", "evercred try has no flag -x.", "See: evercred help try"],
    ["--fresh=yes", "--fresh takes no value.", "See: evercred help try"],
    ["--profile", "--profile needs a value: --profile PROFILE", "See: evercred help try"],
    ["--profile=", "--profile needs a value: --profile PROFILE", "See: evercred help try"],
  ])("%s", (word, message, remedy) => {
    expect(refusalOf(word)).toMatchObject({ code: "usage", exit: 2, message, remedy });
  });

  test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
    "--%s, which no verb has",
    (name) => {
      expect(refusalOf(`--${name}`).message).toBe(`evercred try has no flag --${name}.`);
    },
  );

  test("more words than the verb takes, unless help is asked for", () => {
    expect(refusalOf("one", "two").message).toBe(
      'evercred try does not know what to do with "two".',
    );
    expect(parse(verb, ["one", "two", "-h"]).has("help")).toBe(true);
  });

  test("a time limit that is no length of time", () => {
    expect(refusalOf("--timeout", "soon")).toMatchObject({ code: "usage", exit: 2 });
  });
});

describe("a length of time", () => {
  test.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["8h", 28_800_000],
    ["30d", 2_592_000_000],
    ["0s", 0],
  ])("%s is so many milliseconds", (text, ms) => {
    expect(durationOf(text)).toBe(ms);
  });

  test.each(["", "5", "s", "-5s", "1.5h", "5 m", "5S", "1h30m", "1234567s", "5w"])(
    "%j is refused, with how to write it",
    (text) => {
      expect(() => durationOf(text)).toThrow(
        expect.objectContaining({ code: "usage", remedy: "Write it as 90s, 15m, 8h or 30d." }),
      );
    },
  );
});
