import { describe, expect, test } from "vitest";
import { clockTroubles, fileTrouble, memoryTroubles } from "../../electron/protocol/troubles.ts";

const minute = 60_000;

describe("a file's problem", () => {
  const problem = { sentence: "It is broken.", remedy: "Mend it." };

  test.each([
    [{ file: "/a/config", line: 3 }, "/a/config line 3: It is broken."],
    [{ file: "/a/config", line: undefined }, "/a/config: It is broken."],
    [{ file: undefined, line: 3 }, "line 3: It is broken."],
    [{ file: undefined, line: undefined }, "It is broken."],
  ])("at %j says where it stands", (place, sentence) => {
    expect(fileTrouble({ ...problem, ...place })).toEqual({
      code: "config-invalid",
      sentence,
      remedy: "Mend it.",
    });
  });
});

describe("sign-ins that a restart would cost", () => {
  test("are said where the keychain has not got them all, with the remedy that fits", () => {
    const [unsaved] = memoryTroubles("os", [{ durable: true }, { durable: false }]);
    expect(unsaved).toMatchObject({ code: "keychain-memory" });
    expect(unsaved?.remedy).toContain("keyring");
    const [wished] = memoryTroubles("memory", []);
    expect(wished?.remedy).toContain("EVERCRED_KEYCHAIN");
  });

  test("are not where it has", () => {
    expect(memoryTroubles("os", [{ durable: true }])).toEqual([]);
  });
});

describe("this computer's clock", () => {
  const sources = (...offsets: readonly number[]) =>
    offsets.map((offset) => ({ offsetMs: () => offset }));

  test.each([[[]], [[0]], [[5 * minute, -5 * minute]]])(
    "is not mentioned at offsets %j",
    (offsets) => {
      expect(clockTroubles(sources(...offsets))).toEqual([]);
    },
  );

  test("is said to be behind, or ahead of, the provider that is farthest off", () => {
    expect(clockTroubles(sources(minute, 10 * minute))[0]?.sentence).toContain("10 minutes behind");
    expect(clockTroubles(sources(-7 * minute))[0]?.sentence).toContain("7 minutes ahead of");
  });
});
