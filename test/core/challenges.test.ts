import { expect, test } from "vitest";
import { schemesIn } from "../../electron/core/challenges.ts";

test.each([
  ["", []],
  [" , ,", []],
  ["Negotiate", ["Negotiate"]],
  ["Basic realm=proxy", ["Basic"]],
  [
    'Digest realm="a, Basic b", nonce="c\\", NTLM", NTLM, Basic realm = x',
    ["Digest", "NTLM", "Basic"],
  ],
  ["Negotiate YII=, Negotiate", ["Negotiate"]],
  ['Basic realm="a", "NTLM"', ["Basic"]],
  ["Basic\r\nNTLM", ["Basic", "NTLM"]],
])("of %j the schemes are %j", (header, schemes) => {
  expect(schemesIn(header)).toEqual(schemes);
});
