import { describe, expect, test } from "vitest";
import { withoutSecrets } from "../../../electron/sources/keys/masked.ts";

describe("what people need to read stays", () => {
  test.each([
    "Error: permission denied",
    "Code: 403. Errors:",
    "vault: authentication failed (unauthorized), try again.",
    "x509: certificate signed by unknown authority",
    "VAULT_ADDR is not set",
    'open "config": no such file',
    "dial tcp 10.0.0.1: refused",
    "",
  ])("%s", (line) => {
    expect(withoutSecrets(line)).toBe(line);
  });
});

describe("what may be a secret goes", () => {
  test.each([
    ["hvs.CAESIJ2vOq3x-8nQ7sX1tZ", "…"],
    ["key sk-ant-api03-abcdef", "key …"],
    ["got 5f4dcc3b5aa765d61d8327deb882cf99!", "got …!"],
    ["bad 0123456789012", "bad …"],
    ["is dGhlIHNlY3JldCBwYXJ0+/==", "is …"],
    ["word bGV0bWVpbmFnYWlu", "word …"],
    ["it is s3cret.", "it is …."],
    ['{"password":"letmein"}', '{"…"}'],
    ["PASSWORD=letmein", "…"],
    ["PW=letme", "…"],
    ["a@b.org", "…"],
    ["sk-live-a", "…"],
    ["password: letmein", "password: …"],
    ["Authorization: Bearer letmein", "Authorization: Bearer …"],
    ['"token" (letmein)', '"token" (…)'],
    ["user dev@example.com", "user …"],
    ["correct-horse-battery-staple", "…"],
    ["A".repeat(12), "…"],
    ["a".repeat(23), "…"],
    ["\u001b[31mhvs.CAESIJ\u001b[0m", "…"],
  ])("%s", (line, left) => {
    expect(withoutSecrets(line)).toBe(left);
  });
});
