import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildShimTarget, fuzzShimTarget, shimTargets } from "../../scripts/fuzz-shim.mjs";

const corpus = (name: string): readonly string[] =>
  readdirSync(join(import.meta.dirname, "corpus", name));

describe("whatever the client is given, it keeps to its memory and its promises", () => {
  test.each(Object.keys(shimTargets))("%s", async (name) => {
    const before = corpus(name);
    expect(before.length).toBeGreaterThan(5);
    const { status, output } = await fuzzShimTarget(name, 1, await buildShimTarget(name));
    expect(status, output).toBe(0);
    expect(output).toMatch(/number_of_executed_units: \d{3,}/);
    expect(corpus(name)).toEqual(before);
  });
});
