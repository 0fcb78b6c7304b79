import { expect, test } from "vitest";
import { keyFaultOf } from "../../electron/core/api-key.ts";

test.each([
  ["", "is empty"],
  ["x".repeat(16_385), "is longer than 16,384 characters"],
  ["one\ntwo", "has more than one line"],
  ["one\r", "has more than one line"],
  ["one two", "has a space in it"],
  ["one\ttwo", "has a space in it"],
  ["clé", "has characters in it that no header can carry"],
  ["a\u0000b", "has characters in it that no header can carry"],
  ["a\u007fb", "has characters in it that no header can carry"],
])("a key that Claude Code would refuse is known, and why: %j", (key, fault) => {
  expect(keyFaultOf(key)).toBe(fault);
});

test.each(["x", "x".repeat(16_384), "sk-1234_abc.DEF+/=~!\"'"])("%s is a key", (key) => {
  expect(keyFaultOf(key)).toBeUndefined();
});
