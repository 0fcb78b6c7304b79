import { expect, test } from "vitest";
import { domainOf } from "../../electron/core/urls.ts";

test.each([
  ["ann@example.com", "example.com"],
  ["a@Example.COM", "example.com"],
  ["AROA:ann@b@example.com", "example.com"],
  ["ann", undefined],
  ["@example.com", undefined],
  ["ann@", undefined],
])("the domain of %j is %j", (name, domain) => {
  expect(domainOf(name)).toBe(domain);
});
