import { expect, test } from "vitest";
import { instantOf, plus } from "../../../electron/core/time.ts";
import { codeWish } from "../../../electron/sources/aws/code-flow.ts";
import { deviceWish } from "../../../electron/sources/aws/device-flow.ts";
import type { Registration, SavedGrant } from "../../../electron/sources/aws/grant.ts";
import { reusableOf } from "../../../electron/sources/aws/registration.ts";

const now = instantOf(Date.UTC(2027, 0, 4, 9));
const day = 24 * 60 * 60_000;
const scopes = ["sso:account:access", "x"];

const registration: Registration = {
  clientId: "c",
  clientSecret: "s",
  expiresAt: plus(now, 30 * day),
  grantTypes: ["refresh_token", "authorization_code"],
  scopes: ["x", "sso:account:access"],
  redirectUri: "http://127.0.0.1/oauth/callback",
};

const grantWith = (change: Partial<Registration>): SavedGrant => ({
  version: 1,
  startUrl: "https://x.awsapps.com/start",
  region: "us-east-1",
  scopes,
  signedInAt: now,
  issuedAt: now,
  expiresAt: now,
  accessToken: "a",
  registration: { ...registration, ...change },
});

test("a registration with 30 days left for the same grants, scopes and redirect is used again", () => {
  expect(reusableOf(grantWith({}), codeWish, scopes, now)).toEqual(registration);
});

test.each([
  ["a day less", { expiresAt: plus(now, 29 * day) }],
  ["another redirect", { redirectUri: "http://127.0.0.1/other" }],
  ["other scopes", { scopes: ["sso:account:access"] }],
  ["other grants", { grantTypes: deviceWish.grantTypes.slice() }],
  ["unknown grants", { grantTypes: [] }],
])("a registration with %s is not", (_, change) => {
  expect(reusableOf(grantWith(change), codeWish, scopes, now)).toBeUndefined();
});

test("where there was no sign-in, or one without a registration, there is none to use", () => {
  expect(reusableOf(undefined, codeWish, scopes, now)).toBeUndefined();
  const without = grantWith({});
  expect(
    reusableOf({ ...without, registration: undefined }, codeWish, scopes, now),
  ).toBeUndefined();
});
