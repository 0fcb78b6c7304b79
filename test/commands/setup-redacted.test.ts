import { expect, test } from "vitest";
import { redacted } from "../../electron/commands/setup-redacted.ts";

test.each([
  ["ABSKswordfish=", "…"],
  ["bedrock-api-key-swordfish", "…"],
  ["refresh 1//0gswordfish-x", "refresh …"],
  ["aorswordfish/1+2", "…"],
  ["AIzaswordfish", "…"],
  ["Authorization: Bearer swordfish", "Authorization: …"],
  ['"DB_PASS": "sword\\"fish"', '"DB_PASS": "…"'],
  ['["sk-swordfish", 1]', '["…", 1]'],
  ["https://ann:swordfish@example.com/", "https://…@example.com/"],
  ["https://example.com/?a=swordfish&b=swordfish#c", "https://example.com/?a=…&b=…#c"],
  ['"MAX_THINKING_TOKENS": "1024"', '"MAX_THINKING_TOKENS": "1024"'],
])("%s", (text, shown) => {
  expect(redacted(text)).toBe(shown);
});

test("a megabyte of anything takes no time to speak of", () => {
  for (const part of ["a.a.", '"KEY', '"KEY": ', "://", "basic ", "?a", '\\"', "x", " "]) {
    const from = performance.now();
    redacted(part.repeat(1_000_000 / part.length));
    expect(performance.now() - from).toBeLessThan(2_000);
  }
});
