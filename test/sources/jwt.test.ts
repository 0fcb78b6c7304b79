import { expect, test } from "vitest";
import { claimsOf, jwtEndOf } from "../../electron/sources/jwt.ts";

const jwt = (claims: unknown): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

test("a JWT says when it ends, in seconds", () => {
  expect(jwtEndOf(jwt({ exp: 1_800_000_000 }))).toBe(1_800_000_000_000);
  expect(jwtEndOf(jwt({ exp: 8_640_000_000_000 }))).toBe(8.64e15);
  expect(claimsOf(jwt({ sub: "ann" }))).toEqual({ sub: "ann" });
});

test.each([
  ["an opaque key", "sk-1234"],
  ["one without an end", jwt({})],
  ["one whose end is no number", jwt({ exp: "soon" })],
  ["one whose end no date can hold", jwt({ exp: 8_640_000_000_001 })],
  ["one whose end is long past what any date can hold", jwt({ exp: -1e300 })],
  ["one whose end is beyond all numbers", "e30.eyJleHAiOjFlOTk5fQ.c2ln"],
  ["one whose claims are a list", jwt([1])],
  ["one whose claims are nothing", jwt(null)],
  ["one that is no JSON", "e30.bm90IGpzb24.c2ln"],
  ["two parts", "e30.e30"],
  ["four parts", `${jwt({ exp: 1 })}.more`],
])("%s has no end that it says", (_name, token) => {
  expect(jwtEndOf(token)).toBeUndefined();
});
