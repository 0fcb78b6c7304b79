import { createRequire } from "node:module";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, isPreRelease, isVersion } from "../../electron/core/version.ts";

/** It comes without types. */
const semver = createRequire(import.meta.url)("semver") as {
  compare(a: string, b: string): number;
  prerelease(version: string): readonly unknown[] | null;
};

/** So few that two versions often differ in what comes after them only. */
const number = fc.constantFrom("9", "10");
const part = fc.oneof(
  fc.constantFrom("0", "9", "10", "11"),
  fc.constantFrom("alpha", "beta", "rc", "x-1", "Z", "-", "9a", "10a"),
);
const version = fc
  .tuple(number, number, number, fc.array(part, { maxLength: 3 }))
  .map(([major, minor, patch, before]) => {
    const numbers = [major, minor, patch].join(".");
    return before.length === 0 ? numbers : `${numbers}-${before.join(".")}`;
  });

test("versions are in the order of semver", () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(isVersion(a)).toBe(true);
      expect(isPreRelease(a)).toBe(semver.prerelease(a) !== null);
      expect(Math.sign(compareVersions(a, b))).toBe(semver.compare(a, b));
      expect(compareVersions(a, a)).toBe(0);
    }),
    { numRuns: 2_000 },
  );
});

test("what is no version comes before all that are", () => {
  for (const text of ["", "1", "1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3+x", "1.2.3 ", "a.b.c"]) {
    expect(isVersion(text)).toBe(false);
    expect(isPreRelease(text)).toBe(false);
    expect(compareVersions(text, "0.0.0-0")).toBeLessThan(0);
    expect(compareVersions("0.0.0-0", text)).toBeGreaterThan(0);
    expect(compareVersions(text, text)).toBe(0);
  }
});

test("a pre-release with one more part comes after the one without, also where that is a number", () => {
  expect(compareVersions("1.0.0-alpha.1", "1.0.0-alpha")).toBeGreaterThan(0);
  expect(compareVersions("1.0.0-alpha", "1.0.0-alpha.1")).toBeLessThan(0);
});
