import { expect, test } from "vitest";
import { bypassesProxy } from "../../electron/platform/no-proxy.ts";

test.each([
  ["oidc.eu-central-1.amazonaws.com", "amazonaws.com"],
  ["oidc.eu-central-1.amazonaws.com", ".amazonaws.com"],
  ["oidc.eu-central-1.amazonaws.com", "*.amazonaws.com"],
  ["amazonaws.com", ".amazonaws.com"],
  ["Example.COM", "example.com"],
  ["example.com.", "example.com"],
  ["example.com", "EXAMPLE.com"],
  ["example.com", "a.b, example.com"],
  ["example.com", "a.b example.com"],
  ["example.com", "example.com:443"],
  ["example.com", "*"],
  ["10.1.2.3", "10.1.2.3"],
  ["[2001:db8::1]", "[2001:db8::1]:443"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["[2001:db8::1]", "2001:DB8:0:0::1"],
  ["10.1.2.3", "10.0.0.0/8"],
  ["10.1.2.3", "10.1.2.3/32"],
  ["10.1.2.3", "0.0.0.0/0"],
  ["[2001:db8::1]", "2001:db8::/32"],
  ["[2001:db8::1]", "[2001:db8::]/32"],
  ["intranet", "<local>"],
  ["example.com", "a.b;example.com"],
  ["example.com", "https://example.com/"],
  ["10.1.2.3", "a.b,10.1.2.3:443"],
])("%s goes around the proxy by '%s'", (host, entries) => {
  expect(bypassesProxy(host, 443, entries)).toBe(true);
});

test.each([
  ["example.com", ""],
  ["example.com", " , "],
  ["example.com", "."],
  ["badexample.com", "example.com"],
  ["example.com", "www.example.com"],
  ["example.com", "example.com:8443"],
  ["example.com.evil.org", "example.com"],
  ["10.1.2.3", "2.3"],
  ["10.1.2.3", "10.0.0.0/16"],
  ["10.1.2.3", "10.0.0.0/33"],
  ["10.1.2.3", "10.0.0.0/"],
  ["10.1.2.3", "::/0"],
  ["10.1.2.3", "10.1.2.3:80"],
  ["10.example.com", "10.0.0.0/8"],
  ["intranet.example.com", "<local>"],
  ["[2001:db8::1]", "<local>"],
  ["example.com", "ex*mple.com"],
])("%s goes through the proxy with '%s'", (host, entries) => {
  expect(bypassesProxy(host, 443, entries)).toBe(false);
});

test.each(["localhost", "a.localhost", "127.0.0.1", "127.8.9.1", "[::1]", "::1"])(
  "%s is never asked of a proxy",
  (host) => {
    expect(bypassesProxy(host, 8080, "")).toBe(true);
  },
);
