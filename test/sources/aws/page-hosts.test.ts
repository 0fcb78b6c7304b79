import { expect, test } from "vitest";
import { doubtOf } from "../../../electron/core/page-doubt.ts";
import { pageHostsOf } from "../../../electron/sources/aws/page-hosts.ts";

const doubt = (url: string, startUrl = "https://sso.example.com/start", region = "eu-central-1") =>
  doubtOf({ pageHosts: () => pageHostsOf(startUrl, region) }, { url });

test.each([
  "https://sso.example.com/start/#/device?user_code=ABCD",
  "https://example.awsapps.com/start/#/device?user_code=ABCD",
  "https://d-1234567890.portal.eu-central-1.app.aws/device",
  "https://device.sso.eu-central-1.amazonaws.com/?user_code=ABCD",
  "https://oidc.eu-central-1.amazonaws.com/authorize?x=1",
])("%s is a page of the organisation", (url) => {
  expect(doubt(url)).toBeUndefined();
});

test.each([
  "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD",
  "https://device.sso.eu-central-1.amazonaws.com.evil.test/",
  "https://awsapps.com.evil.test/",
  "https://bucket.s3.eu-central-1.amazonaws.com/page.html",
  "https://x.execute-api.eu-central-1.amazonaws.com/",
  "https://example.com/start",
])("%s is none: anybody, or another region, may be behind it", (url) => {
  expect(doubt(url)).toBe("foreign");
});

test.each([
  ["cn-north-1", "https://device.sso.cn-north-1.amazonaws.com.cn/", "https://x.awsapps.cn/"],
  ["eusc-de-east-1", "https://oidc.eusc-de-east-1.amazonaws.eu/", "https://x.portal.amazonaws.eu/"],
  ["us-gov-west-1", "https://oidc.us-gov-west-1.amazonaws.com/", "https://x.awsapps.com/"],
])("%s has the hosts of its own partition", (region, service, portal) => {
  for (const url of [service, portal]) {
    expect(doubt(url, "https://start.example/", region)).toBeUndefined();
  }
  const other = region.startsWith("us-") ? "cn-north-1" : "us-east-1";
  expect(doubt(service, "https://start.example/", other)).toBe("foreign");
});

test.each([
  ["us-iso-east-1", "c2s.ic.gov"],
  ["us-isob-east-1", "sc2s.sgov.gov"],
  ["us-isof-south-1", "csp.hci.ic.gov"],
  ["eu-isoe-west-1", "cloud.adc-e.uk"],
])("%s has its services under %s, and no portals that are known", (region, domain) => {
  const of = (url: string) => doubt(url, "https://start.example/", region);
  expect(of(`https://oidc.${region}.${domain}/authorize`)).toBeUndefined();
  expect(of(`https://device.sso.${region}.${domain}/`)).toBeUndefined();
  expect(of("https://start.example/#/device")).toBeUndefined();
  expect(of("https://x.awsapps.com/")).toBe("foreign");
});
