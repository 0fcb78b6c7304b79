import { expect, test } from "vitest";
import type { AwsCredential, TokenCredential } from "../../../electron/core/credential.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { instantOf, plus } from "../../../electron/core/time.ts";
import { bedrockKeyOf } from "../../../electron/sources/aws/bedrock-key.ts";
import { sign } from "../../fakes/cloud/signature.ts";

const minute = 60_000;
const hour = 60 * minute;
const now = instantOf(Date.UTC(2027, 0, 4, 9));

const keysFor = (ms: number): AwsCredential => ({
  kind: "aws",
  accountId: "111122223333",
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCY"),
  sessionToken: new Secret("IQoJ/b3JpZ2lu+X2Vj=="),
  issuedAt: now,
  expiresAt: plus(now, ms),
});

/** The request that a key stands for. */
const requestIn = ({ token }: TokenCredential): URL => {
  const [, encoded = ""] = /^bedrock-api-key-([A-Za-z0-9+/=]+)$/.exec(token.reveal()) ?? [];
  return new URL(`https://${Buffer.from(encoded, "base64").toString("utf8")}`);
};

const make = (lifetimeMs: number, keysLastMs = 12 * hour, region = "eu-central-1") =>
  bedrockKeyOf(keysFor(keysLastMs), region, lifetimeMs, now);

test("a key is a call with a bearer token, signed ahead for one region with the session's keys", async () => {
  const { host, pathname, searchParams } = requestIn(await make(hour));
  expect([host, pathname]).toEqual(["bedrock.amazonaws.com", "/"]);
  const { "X-Amz-Date": date = "", ...rest } = Object.fromEntries(searchParams);
  expect(rest).toEqual({
    Action: "CallWithBearerToken",
    Version: "1",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `ASIAIOSFODNN7EXAMPLE/${date.slice(0, 8)}/eu-central-1/bedrock/aws4_request`,
    "X-Amz-Expires": "3600",
    "X-Amz-Security-Token": "IQoJ/b3JpZ2lu+X2Vj==",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("the signature is the one that the secret key gives", async () => {
  const { host, searchParams: query } = requestIn(await make(hour));
  const value = query.get("X-Amz-Signature") ?? "";
  const date = query.get("X-Amz-Date") ?? "";
  // What the library adds after signing.
  for (const name of ["X-Amz-Signature", "Version"]) query.delete(name);
  const request = {
    ...{ host, method: "POST", path: "/", query, at: 0, body: "" },
    headers: { host, "x-amz-date": date },
  };
  const signature = {
    ...{ accessKeyId: "", date: date.slice(0, 8), region: "eu-central-1", service: "bedrock" },
    ...{ signedHeaders: ["host"], value },
  };
  expect(sign(request, signature, "wJalrXUtnFEMI/K7MDENG+bPxRfiCY")).toBe(value);
});

test.each([
  [12 * hour, 12 * hour, 43_200],
  [12 * hour, hour, 3_600],
  [10 * minute, hour, 600],
  [1_000, hour, 1],
  [12 * hour, 1_999, 1],
])("asked for %i ms with keys of %i ms it is good for %i s", async (ms, keysMs, seconds) => {
  const expires = requestIn(await make(ms, keysMs)).searchParams.get("X-Amz-Expires");
  expect(expires).toBe(String(seconds));
});

test("it ends when it says, and is as old as the keys where it ends with them", async () => {
  const begun = instantOf(now - hour);
  const keys = { ...keysFor(hour + 999), issuedAt: begun };
  const made = (ms: number) => bedrockKeyOf(keys, "us-east-1", ms, now);
  expect(await made(hour - 1)).toMatchObject({
    kind: "token",
    scopes: [],
    issuedAt: now,
    expiresAt: now + hour - 1_000,
  });
  for (const ms of [hour + 999, 12 * hour]) {
    expect(await made(ms)).toMatchObject({ issuedAt: begun, expiresAt: now + hour });
  }
});

test.each([0, 999, 12 * hour + 1, Number.NaN, -hour])("%d ms cannot be", async (ms) => {
  await expect(make(ms)).rejects.toMatchObject({ code: "usage" });
});

test("keys that have ended make no key", async () => {
  await expect(make(hour, 999)).rejects.toMatchObject({ code: "timed-out" });
});

test("a region that is none makes no key", async () => {
  await expect(make(hour, hour, "x/../y")).rejects.toMatchObject({
    code: "usage",
    message: `"x/../y" is not the name of an AWS region.`,
  });
});
