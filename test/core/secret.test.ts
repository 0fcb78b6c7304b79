import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";

const secret = new Secret("hunter2");

test("only reveal gives a secret away", () => {
  expect(secret.reveal()).toBe("hunter2");
});

test.each([
  ["a string", () => String(secret)],
  ["part of a string", () => ["a", secret].join(" ")],
  ["JSON", () => JSON.stringify({ secret })],
  ["an inspected value", () => inspect({ secret })],
  ["an inspected value with all that is hidden", () => inspect({ secret }, { showHidden: true })],
  ["a log line", () => format("%s %o %O %j", secret, secret, secret, secret)],
  ["an error's cause", () => inspect(new Error("x", { cause: secret }))],
])("a secret does not show in %s", (_, print) => {
  expect(print()).toContain("[secret]");
  expect(print()).not.toContain("hunter2");
});

test("a secret has no property that a copy could carry away", () => {
  expect(Reflect.ownKeys(secret)).toEqual([]);
  expect(Object.assign({}, secret)).toEqual({});
});
