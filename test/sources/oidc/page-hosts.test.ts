import { expect, test } from "vitest";
import { pageHostsIn } from "../../../electron/sources/oidc/page-hosts.ts";

const said = (document: Readonly<Record<string, unknown>>): string => JSON.stringify(document);

test("an issuer's pages are on its own host, and on those of the endpoints that people come to", () => {
  const document = said({
    authorization_endpoint: "https://login.example.com:8443/authorize",
    device_authorization_endpoint: "https://devices.example.com/device",
    token_endpoint: "https://tokens.example.com/token",
    jwks_uri: "https://keys.example.com/",
  });
  expect(pageHostsIn("https://id.example.com/realms/dev", document)).toEqual([
    "id.example.com",
    "login.example.com:8443",
    "devices.example.com",
  ]);
});

test("before the issuer was asked, and where it says nothing of use, its own host is all there is", () => {
  const odd = said({ authorization_endpoint: 5, device_authorization_endpoint: "no address" });
  for (const document of [undefined, said({}), odd]) {
    expect(pageHostsIn("https://id.example.com/", document)).toEqual(["id.example.com"]);
  }
});

test.each([
  ["https://login.microsoftonline.com/tenant/v2.0", "microsoft.com"],
  ["https://login.microsoftonline.us/tenant/v2.0", "microsoft.com"],
  ["https://login.partner.microsoftonline.cn/tenant/v2.0", "microsoft.com"],
  ["https://accounts.google.com", "www.google.com"],
])("%s has its page for codes on %s", (issuer, host) => {
  expect(pageHostsIn(issuer, undefined)).toContain(host);
});

test("an issuer by an older name has the page for codes of its endpoints", () => {
  const document = said({
    authorization_endpoint: "https://login.microsoftonline.com/tenant/oauth2/authorize",
  });
  expect(pageHostsIn("https://sts.windows.net/tenant/", document)).toContain("microsoft.com");
});
