import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { Agent } from "node:https";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { instantOf } from "../../electron/core/time.ts";
import { fetchOver } from "../../electron/sources/fetch.ts";
import { ProviderTime } from "../../electron/sources/provider-time.ts";
import { proxyAgent } from "../sources/aws/world.ts";
import { FakeClock } from "./clock.ts";
import { type Cloud, startCloud } from "./cloud/cloud.ts";
import { listen } from "./cloud/listening.ts";
import type { Answer } from "./cloud/person.ts";
import { clientSecret } from "./oidc/clients.ts";
import { type Issuer, type IssuerOptions, startIssuer } from "./oidc/issuer.ts";
import { signInAt } from "./oidc/person.ts";

let house: Issuer;
let cloud: Cloud;
let agent: Agent;

const start = async (options: IssuerOptions = {}): Promise<void> => {
  house = await startIssuer(options);
  cloud = await startCloud({ sites: { [house.host]: house.site } });
  agent = proxyAgent(cloud.proxyUrl, cloud.ca);
};

const stop = async (): Promise<void> => {
  agent.destroy();
  await cloud.close();
  await house.close();
};

beforeEach(() => start());
afterEach(() => stop());

const ask = async (
  path: string,
  form?: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> => {
  const clock = new FakeClock(instantOf(Date.now()));
  const over = fetchOver({ agent, clock, providerTime: new ProviderTime(), requestMs: 10_000 });
  const response = await over(`${house.issuer}${path}`, {
    headers,
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
};

const verifier = "a-verifier-that-is-long-enough-to-be-one-of-rfc-7636";

/** What the browser is sent back with, and where. */
const authorize = async (
  parameters: Readonly<Record<string, string>> = {},
  answer: Answer = {},
): Promise<{ readonly query: URLSearchParams; readonly redirectUri: string }> => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.end("back");
  });
  const redirectUri = `http://127.0.0.1:${await listen(server)}/oauth/callback`;
  const url = new URL("/auth", house.issuer);
  url.search = new URLSearchParams({
    client_id: "evercred",
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid offline_access",
    prompt: "consent",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...parameters,
  }).toString();
  await signInAt(cloud, url.href, answer);
  server.close();
  server.closeAllConnections();
  return { query: new URL(seen[0] ?? "/", redirectUri).searchParams, redirectUri };
};

const redeem = async (
  { query, redirectUri }: Awaited<ReturnType<typeof authorize>>,
  codeVerifier = verifier,
): ReturnType<typeof ask> =>
  ask("/token", {
    grant_type: "authorization_code",
    client_id: "evercred",
    code: query.get("code") ?? "",
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  });

const refresh = (token: unknown): ReturnType<typeof ask> =>
  ask("/token", {
    grant_type: "refresh_token",
    client_id: "evercred",
    refresh_token: String(token),
  });

test("a person signs in with a browser that keeps cookies, and a code is good once", async () => {
  const back = await authorize();
  expect(back.query.get("iss")).toBe(house.issuer);
  const first = await redeem(back);
  expect(first.status).toBe(200);
  expect(house.isKnown(String(first.body["access_token"]))).toBe(true);
  expect(await redeem(back)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  // A code that comes twice was stolen: what came of it is over.
  expect(house.isKnown(String(first.body["access_token"]))).toBe(false);
});

test("a code is nothing without its verifier", async () => {
  const other = `${verifier}-of-somebody-else`;
  expect(await redeem(await authorize(), other)).toMatchObject({
    body: { error: "invalid_grant" },
  });
});

test("a person's no, an unknown resource and another address are no sign-ins", async () => {
  const { query } = await authorize({}, { deny: true });
  expect(query.get("error")).toBe("access_denied");
  const resource = "https://unknown.example.com";
  expect((await authorize({ resource })).query.get("error")).toBe("invalid_target");
  const redirect_uri = "http://127.0.0.1:1/elsewhere";
  expect((await authorize({ redirect_uri })).query.toString()).toBe("");
});

test("a refresh token is good once, and used twice it ends the sign-in", async () => {
  const { body: first } = await redeem(await authorize());
  const { body: second } = await refresh(first["refresh_token"]);
  expect(house.isKnown(String(first["refresh_token"]))).toBe(false);
  expect(house.isKnown(String(second["refresh_token"]))).toBe(true);
  expect(await refresh(first["refresh_token"])).toMatchObject({ body: { error: "invalid_grant" } });
  expect(house.isKnown(String(second["refresh_token"]))).toBe(false);
});

test("where it does not rotate a refresh token stays good", async () => {
  await stop();
  await start({ rotates: false });
  const { body } = await redeem(await authorize());
  expect((await refresh(body["refresh_token"])).body["refresh_token"]).toBe(body["refresh_token"]);
});

test("lifetimes are as they are set, at any time", async () => {
  house.lifetimes.accessToken = 30;
  const { body: first } = await redeem(await authorize());
  expect(first["expires_in"]).toBe(30);
  house.lifetimes.accessToken = 90;
  const { body: second } = await refresh(first["refresh_token"]);
  expect(second["expires_in"]).toBe(90);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
  expect(house.isKnown(String(first["access_token"]))).toBe(false);
  expect(house.isKnown(String(second["access_token"]))).toBe(true);
});

test("an administrator ends everything", async () => {
  const { body } = await redeem(await authorize());
  house.endSessions();
  expect(house.isKnown(String(body["access_token"]))).toBe(false);
  expect((await refresh(body["refresh_token"])).status).toBe(400);
});

test("a client for itself has to have the right secret", async () => {
  const basic = (secret: string): Readonly<Record<string, string>> => ({
    authorization: `Basic ${Buffer.from(`evercred-robot:${secret}`).toString("base64")}`,
  });
  const form = { grant_type: "client_credentials" };
  expect((await ask("/token", form, basic(clientSecret))).status).toBe(200);
  expect(await ask("/token", form, basic("another"))).toMatchObject({
    status: 401,
    body: { error: "invalid_client" },
  });
});

test("features that it is to be without are not in what it says of itself", async () => {
  const names = ["device_authorization_endpoint", "revocation_endpoint", "userinfo_endpoint"];
  const said = async (): Promise<readonly string[]> => {
    const { body } = await ask("/.well-known/openid-configuration");
    return names.filter((name) => name in body);
  };
  expect(await said()).toEqual(names);
  await stop();
  await start({ without: ["deviceFlow", "revocation", "userinfo"] });
  expect(await said()).toEqual([]);
});
