import { beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import { Facts } from "../../electron/core/facts.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { SourceId } from "../../electron/core/source.ts";
import { Spent } from "../../electron/core/spent.ts";
import { instantOf } from "../../electron/core/time.ts";
import { MemoryMemo } from "../fakes/memo.ts";

let memo: MemoryMemo;
let spent: Spent;

beforeEach(() => {
  memo = new MemoryMemo();
  spent = new Spent(new Facts(memo, "corp" as SourceId), () => false);
});

/** The grants of one sign-in, or of another one, in the order in which they came. */
const grantOf = (number: number, signedInAt = 1): Grant => ({
  saved: new Secret(""),
  boundTo: "",
  signedInAt: instantOf(signedInAt),
  issuedAt: instantOf(number),
  expiresAt: instantOf(number + 10),
  renewable: true,
});

const [saved, second, third] = [grantOf(1), grantOf(2), grantOf(3)];

describe("a grant that is presented", () => {
  test("may be spent, also if we die at once, until the provider has left it as it was", () => {
    spent.mark(saved);
    memo.crash();
    expect([saved, second].map((grant) => spent.mayBe(grant))).toEqual([true, false]);
    spent.unmark(saved);
    expect(spent.mayBe(saved)).toBe(false);
    expect(memo.get("presented:corp")).toBeUndefined();
  });

  test("while the keychain has an earlier one leaves the mark of that", () => {
    for (const grant of [saved, second, third]) spent.mark(grant);
    expect([saved, second, third].map((grant) => spent.mayBe(grant))).toEqual([true, false, true]);
    spent.unmark(third);
    expect([saved, third].map((grant) => spent.mayBe(grant))).toEqual([true, false]);
    spent.settle(third);
    expect(spent.mayBe(saved)).toBe(false);
  });
});

test("what is over is its whole sign-in, and no other", () => {
  expect(spent.isOver(saved)).toBe(false);
  spent.end(second, saved);
  memo.crash();
  expect([saved, second, third].map((grant) => spent.isOver(grant))).toEqual([true, true, true]);
  expect([grantOf(1, 2), grantOf(1, 11)].map((grant) => spent.isOver(grant))).toEqual([
    false,
    false,
  ]);
});
