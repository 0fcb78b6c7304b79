import { expect, test } from "vitest";
import { doubtOf } from "../../electron/core/page-doubt.ts";

const hosts = ["login.example.com", "*.pages.example", "sso.example.com:8443"];

const doubt = (url: string, of: readonly string[] | undefined = hosts) =>
  doubtOf({ pageHosts: () => of }, { url });

test.each([
  "https://login.example.com/device?user_code=ABCD",
  "https://LOGIN.example.com:443/",
  "https://eu.pages.example/start",
  "https://a.b.pages.example/",
  "https://sso.example.com:8443/",
])("%s is on a host of the provider's", (url) => {
  expect(doubt(url)).toBeUndefined();
});

test.each([
  "https://login.example.com.evil.test/",
  "https://login-example.com/",
  "https://example.com/login.example.com",
  "https://login.example.com@evil.test/",
  "https://login.example.com:8443/",
  "https://sso.example.com/",
  "https://pages.example/",
  "https://evilpages.example/",
  "https://xogin.example.com/",
  "https://logın.example.com/",
  "https://login.example.com./",
  "http://127.0.0.1:5000/",
])("%s is on none", (url) => {
  expect(doubt(url)).toBe("foreign");
});

test.each([
  "http://login.example.com/",
  "ftp://127.0.0.1/",
  "file:///etc/passwd",
  "javascript:0",
  "no address",
])("%s is insecure, whoever's it is", (url) => {
  expect(doubt(url)).toBe("insecure");
  expect(doubtOf({}, { url })).toBe("insecure");
});

test("where nobody knows the hosts every safe page is taken, also one on this computer", () => {
  const here = ["http://127.0.0.1:5000/", "http://localhost:5000/", "http://[::1]:1/"];
  for (const url of ["https://evil.test/", ...here]) {
    expect(doubtOf({}, { url })).toBeUndefined();
    expect(doubtOf({ pageHosts: () => undefined }, { url })).toBeUndefined();
  }
});

test("a provider without any page has none that is its own", () => {
  expect(doubt("https://login.example.com/", [])).toBe("foreign");
});
