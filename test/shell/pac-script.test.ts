import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { tellingScript, toldAnswer } from "../../electron/shell/pac-script.ts";

/** What the script returns in the end, as it is told. */
const answerOf = (script: string): string =>
  toldAnswer(
    String(runInNewContext(`${tellingScript(script)}\nFindProxyForURL("https://a/", "a")`)),
  );

test.each(["DIRECT", "PROXY a:3128; DIRECT", "QUIC x:1; https b:443", "SOCKS5 c:1080", "HTTP d"])(
  "an answer that Chromium knows stays as it is: %s",
  (answer) => {
    const script = `function FindProxyForURL(url, host) { return "${answer}"; } // The end.`;
    expect(answerOf(script)).toBe(answer);
  },
);

test.each([
  ["NONSENSE 1.2.3.4:1", "NONSENSE 1.2.3.4:1"],
  ["PROXY", "PROXY"],
  ["", ""],
  ["x".repeat(40), "x".repeat(30)],
])("one that it does not know is told: '%s'", (answer, told) => {
  expect(answerOf(`FindProxyForURL = function () { return "${answer}"; };`)).toBe(told);
});

test("a script is given the address and the host", () => {
  const script = 'function FindProxyForURL(url, host) { return "PROXY " + host + url.length; }';
  expect(answerOf(script)).toBe("PROXY a10");
});

test("nothing at all is told as what it is", () => {
  expect(answerOf("function FindProxyForURL() {}")).toBe("undefined");
});
