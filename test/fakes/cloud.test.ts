import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { execFile } from "node:child_process";
import { createServer, request as requestHttp } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { GetRoleCredentialsCommand, ListAccountsCommand, SSOClient } from "@aws-sdk/client-sso";
import {
  CreateTokenCommand,
  RegisterClientCommand,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand,
} from "@aws-sdk/client-sso-oidc";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { HttpsProxyAgent } from "https-proxy-agent";
import { chromium } from "playwright-core";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startCloud } from "./cloud/cloud.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { json } from "./cloud/exchange.ts";
import { listen } from "./cloud/listening.ts";
import { exampleOrganisation } from "./cloud/organisation.ts";
import { readSignature, sign } from "./cloud/signature.ts";

const run = promisify(execFile);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const oidcHost = "oidc.us-east-1.amazonaws.com";
const portalHost = "portal.sso.us-east-1.amazonaws.com";
const { startUrl } = exampleOrganisation;
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
const verifier = "v".repeat(43);
const challenge = createHash("sha256").update(verifier).digest("base64url");

let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud({ regions: ["eu-central-1"] });
});

afterEach(() => cloud.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

interface Call {
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly proxyUrl?: string;
  readonly ca?: string;
}

/** One request through the proxy, with a connection of its own. */
async function call(url: string, options: Call = {}): Promise<Answer> {
  const body =
    options.body ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  const agent = new HttpsProxyAgent(options.proxyUrl ?? cloud.proxyUrl);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    requestHttps(
      url,
      {
        agent,
        ca: options.ca ?? cloud.ca,
        method: options.method ?? (body === undefined ? "GET" : "POST"),
        headers: options.headers ?? {},
      },
      resolve,
    )
      .on("error", reject)
      .end(body);
  });
  const answer = await text(response);
  const isJson = response.headers["content-type"] === "application/json" && answer.startsWith("{");
  const parsed: Record<string, unknown> = isJson ? JSON.parse(answer) : {};
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: answer,
    body: parsed,
  };
}

const oidc = (path: string, value: unknown): Promise<Answer> =>
  call(`https://${oidcHost}${path}`, { json: value });

const portal = (path: string, accessToken: unknown, method = "GET"): Promise<Answer> =>
  call(`https://${portalHost}${path}`, {
    method,
    headers: { "x-amz-sso_bearer_token": String(accessToken) },
  });

interface Credentials {
  readonly clientId: unknown;
  readonly clientSecret: unknown;
}

async function register(extra: Record<string, unknown> = {}): Promise<Credentials> {
  const { status, body } = await oidc("/client/register", {
    clientName: "tester",
    clientType: "public",
    ...extra,
  });
  expect(status).toBe(200);
  return { clientId: body["clientId"], clientSecret: body["clientSecret"] };
}

const registerForDevice = (): Promise<Credentials> => register({ scopes: ["sso:account:access"] });

const forCodes = {
  scopes: ["sso:account:access"],
  redirectUris: ["http://127.0.0.1/oauth/callback"],
  issuerUrl: startUrl,
};
const codeRegistration = { ...forCodes, grantTypes: ["authorization_code", "refresh_token"] };

async function startDevice(client: Credentials): Promise<Record<string, unknown>> {
  const { status, body } = await oidc("/device_authorization", { ...client, startUrl });
  expect(status).toBe(200);
  return body;
}

const redeemDevice = (client: Credentials, deviceCode: unknown): Promise<Answer> =>
  oidc("/token", { ...client, grantType: deviceGrant, deviceCode });

/** Signs in by the device flow; gives the client and the reply to its token request. */
async function signIn(client?: Credentials): Promise<{
  readonly client: Credentials;
  readonly accessToken: unknown;
  readonly refreshToken: unknown;
  readonly body: Record<string, unknown>;
}> {
  const own = client ?? (await registerForDevice());
  const device = await startDevice(own);
  await cloud.approve(String(device["verificationUriComplete"]));
  const { status, body } = await redeemDevice(own, device["deviceCode"]);
  expect(status).toBe(200);
  return {
    client: own,
    accessToken: body["accessToken"],
    refreshToken: body["refreshToken"],
    body,
  };
}

const renew = (client: Credentials, refreshToken: unknown): Promise<Answer> =>
  oidc("/token", { ...client, grantType: "refresh_token", refreshToken });

function expectOidcError(answer: Answer, status: number, error: string, exception: string): void {
  expect([answer.status, answer.body["error"], answer.headers["x-amzn-errortype"]]).toEqual([
    status,
    error,
    exception,
  ]);
  expect(answer.body["error_description"]).toEqual(expect.any(String));
}

const expectInvalidGrant = (answer: Answer): void =>
  expectOidcError(answer, 400, "invalid_grant", "InvalidGrantException");

function expectPortalError(answer: Answer, status: number, exception: string, message?: string) {
  expect([answer.status, answer.headers["x-amzn-errortype"]]).toEqual([status, exception]);
  expect(answer.body["message"]).toEqual(message ?? expect.any(String));
}

const expectUnauthorized = (answer: Answer): void =>
  expectPortalError(answer, 401, "UnauthorizedException", "Session token not found or invalid");

describe("the proxy", () => {
  test("leads a known host to its site, whose certificate the authority signed", async () => {
    expect((await call(startUrl)).status).toBe(200);
  });

  test("shows a certificate that nobody trusts who was not told", async () => {
    await expect(call(startUrl, { ca: "" })).rejects.toThrow(/certificate/);
  });

  test("refuses unknown hosts, other ports and plain HTTP, and remembers the hosts", async () => {
    const refused: (number | undefined)[] = [];
    const agent = new HttpsProxyAgent(cloud.proxyUrl);
    for (const url of ["https://update.example/", `https://${oidcHost}:8443/token`]) {
      const [response]: IncomingMessage[] = await once(
        requestHttps(url, { agent }).end(),
        "response",
      );
      refused.push(response?.statusCode);
    }
    const plain = requestHttp(cloud.proxyUrl, { path: "http://plain.example/x" });
    const [response]: IncomingMessage[] = await once(plain.end(), "response");
    refused.push(response?.statusCode);
    expect(refused).toEqual([403, 403, 403]);
    expect(cloud.refusedHosts).toEqual(["update.example", oidcHost, "plain.example"]);
    expect(cloud.log.count()).toBe(0);
  });

  test("answers 407 until the right credentials come", async () => {
    cloud.faults.add({ kind: "proxy-authentication", user: "me", password: "pass" });
    expect((await call(startUrl)).status).toBe(407);
    const wrong = cloud.proxyUrl.replace("//", "//me:wrong@");
    expect((await call(startUrl, { proxyUrl: wrong })).status).toBe(407);
    const proxyUrl = cloud.proxyUrl.replace("//", "//me:pass@");
    expect((await call(startUrl, { proxyUrl })).status).toBe(200);
  });

  test("cuts open tunnels to a host that becomes unreachable, and opens none", async () => {
    const hang = cloud.faults.add({ kind: "hang", host: oidcHost });
    const held = call(`https://${oidcHost}/token`, { json: {} });
    await cloud.log.waitForArrival({ host: oidcHost });
    const fault = cloud.faults.add({ kind: "unreachable", host: oidcHost });
    await expect(held).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect((await call(`https://${oidcHost}/token`, { json: {} })).status).toBe(502);
    expect((await call(startUrl)).status).toBe(200);
    fault.remove();
    hang.remove();
    expect((await call(`https://${oidcHost}/token`, { json: {} })).status).toBe(400);
  });

  test("serves other providers' sites under the same authority", async () => {
    const other = await startCloud({ sites: { "accounts.example": () => json(200, { ok: 1 }) } });
    onTestFinished(() => other.close());
    const { proxyUrl, ca } = other;
    expect((await call("https://accounts.example/", { proxyUrl, ca })).body).toEqual({ ok: 1 });
  });

  test("leaves neither a listener nor a file behind when it is closed", async () => {
    const other = await startCloud();
    const command = await other.browser();
    expect(existsSync(command)).toBe(true);
    await other.close();
    expect([existsSync(other.caFile), existsSync(command)]).toEqual([false, false]);
    await expect(once(requestHttp(other.proxyUrl).end(), "response")).rejects.toThrow(
      /ECONNREFUSED/,
    );
  });
});

describe("registration", () => {
  test("gives a client id and secret that last 90 days, in epoch seconds", async () => {
    const { body } = await oidc("/client/register", { clientName: "a", clientType: "public" });
    expect(Object.keys(body).sort()).toEqual([
      "clientId",
      "clientIdIssuedAt",
      "clientSecret",
      "clientSecretExpiresAt",
    ]);
    const days = (Number(body["clientSecretExpiresAt"]) * 1000 - cloud.now()) / (24 * hourMs);
    expect(days).toBeCloseTo(90, 3);
  });

  const base = { clientName: "a", clientType: "public" };
  const code = { ...base, ...codeRegistration };
  test.each([
    ["an unknown field", { ...base, colour: "red" }, "invalid_request"],
    ["no name", { clientType: "public" }, "invalid_request"],
    ["a confidential client", { ...base, clientType: "confidential" }, "invalid_client_metadata"],
    ["an unknown scope", { ...base, scopes: ["admin"] }, "invalid_scope"],
    ["scopes in one string", { ...base, scopes: "sso:account:access" }, "invalid_request"],
    ["an unknown grant type", { ...base, grantTypes: ["password"] }, "unsupported_grant_type"],
    ["a redirect elsewhere", { ...code, redirectUris: ["http://x.y/z"] }, "invalid_redirect_uri"],
    ["a code client without redirect", { ...code, redirectUris: [] }, "invalid_redirect_uri"],
    [
      "an https redirect",
      { ...code, redirectUris: ["https://127.0.0.1/"] },
      "invalid_redirect_uri",
    ],
    [
      "a redirect with a query",
      { ...code, redirectUris: ["http://127.0.0.1/?a=b"] },
      "invalid_redirect_uri",
    ],
    [
      "a redirect with a fragment",
      { ...code, redirectUris: ["http://127.0.0.1/#"] },
      "invalid_redirect_uri",
    ],
    ["an unknown issuer", { ...code, issuerUrl: "https://x.awsapps.com/start" }, "invalid_request"],
    ["a code client without issuer", { ...code, issuerUrl: undefined }, "invalid_request"],
  ])("refuses %s", async (_, request, error) => {
    const answer = await oidc("/client/register", request);
    expect([answer.status, answer.body["error"]]).toEqual([400, error]);
    expect(answer.headers["x-amzn-errortype"]).toMatch(/^(Invalid|Unsupported)\w+Exception$/);
  });

  test("refuses a body that is a form", async () => {
    const answer = await call(`https://${oidcHost}/client/register`, {
      body: "clientName=a&clientType=public",
    });
    expectOidcError(answer, 400, "invalid_request", "InvalidRequestException");
  });

  test("runs out: then the client is an invalid one, with 401", async () => {
    const { client, refreshToken } = await signIn();
    cloud.lifetimes.sessionMs = 200 * 24 * hourMs;
    cloud.advance(91 * 24 * hourMs);
    expectOidcError(
      await renew(client, refreshToken),
      401,
      "invalid_client",
      "InvalidClientException",
    );
  });
});

describe("the device flow", () => {
  test("is pending, then gives an hour's token and a refresh token once approved", async () => {
    const client = await registerForDevice();
    const device = await startDevice(client);
    expect(device).toMatchObject({
      verificationUri: "https://device.sso.us-east-1.amazonaws.com/",
      expiresIn: 600,
      interval: 1,
    });
    const pending = await redeemDevice(client, device["deviceCode"]);
    expectOidcError(pending, 400, "authorization_pending", "AuthorizationPendingException");
    const page = await cloud.approve(String(device["verificationUriComplete"]));
    expect([page.status, page.text]).toEqual([200, expect.stringContaining("Request approved")]);
    const { status, body } = await redeemDevice(client, device["deviceCode"]);
    expect([status, body["expiresIn"], body["tokenType"]]).toEqual([200, 3600, "Bearer"]);
    expect(body["refreshToken"]).toEqual(expect.any(String));
  });

  test("says slow_down to a client that polls faster than the interval, and only to that", async () => {
    cloud.lifetimes.deviceIntervalMs = 4200;
    const client = await registerForDevice();
    const device = await startDevice(client);
    expect(device["interval"]).toBe(5);
    const errors: unknown[] = [];
    for (const pauseMs of [0, 0, 5000]) {
      cloud.advance(pauseMs);
      errors.push((await redeemDevice(client, device["deviceCode"])).body["error"]);
    }
    expect(errors).toEqual(["authorization_pending", "slow_down", "authorization_pending"]);
  });

  test("says access_denied after a denial", async () => {
    const client = await registerForDevice();
    const device = await startDevice(client);
    const page = await cloud.approve(String(device["verificationUriComplete"]), { deny: true });
    expect(page.text).toContain("Request denied");
    const answer = await redeemDevice(client, device["deviceCode"]);
    expectOidcError(answer, 400, "access_denied", "AccessDeniedException");
  });

  test("says expired_token after the code's life, and the page no longer knows the code", async () => {
    const client = await registerForDevice();
    const device = await startDevice(client);
    cloud.advance(10 * minuteMs);
    const answer = await redeemDevice(client, device["deviceCode"]);
    expectOidcError(answer, 400, "expired_token", "ExpiredTokenException");
    expect((await cloud.approve(String(device["verificationUriComplete"]))).status).toBe(400);
  });

  test("gives a device code's token once, and to its own client only", async () => {
    const client = await registerForDevice();
    const device = await startDevice(client);
    await cloud.approve(String(device["verificationUriComplete"]));
    expectInvalidGrant(await redeemDevice(await registerForDevice(), device["deviceCode"]));
    expect((await redeemDevice(client, device["deviceCode"])).status).toBe(200);
    expectInvalidGrant(await redeemDevice(client, device["deviceCode"]));
  });

  test("asks a person once: a decided code is unknown to the page", async () => {
    const client = await registerForDevice();
    const device = await startDevice(client);
    const page = String(device["verificationUriComplete"]);
    await cloud.approve(page, { deny: true });
    expect((await cloud.approve(page)).status).toBe(400);
    expect((await redeemDevice(client, device["deviceCode"])).body["error"]).toBe("access_denied");
  });

  test("refuses a client of the code flow, a wrong secret and a start URL of nobody", async () => {
    const codeClient = await register(codeRegistration);
    const refused = await oidc("/device_authorization", { ...codeClient, startUrl });
    expectOidcError(refused, 400, "unauthorized_client", "UnauthorizedClientException");
    const client = { ...(await registerForDevice()), startUrl };
    const wrong = await oidc("/device_authorization", { ...client, clientSecret: "wrong" });
    expectOidcError(wrong, 401, "invalid_client", "InvalidClientException");
    const nobody = await oidc("/device_authorization", {
      ...client,
      startUrl: "https://nobody.awsapps.com/start",
    });
    expectOidcError(nobody, 400, "invalid_request", "InvalidRequestException");
  });

  test("takes an organisation in its own region only", async () => {
    const elsewhere = "https://oidc.eu-central-1.amazonaws.com";
    const { body } = await call(`${elsewhere}/client/register`, {
      json: { clientName: "a", clientType: "public" },
    });
    const { clientId, clientSecret } = body;
    const answer = await call(`${elsewhere}/device_authorization`, {
      json: { clientId, clientSecret, startUrl },
    });
    expectOidcError(answer, 400, "invalid_request", "InvalidRequestException");
  });

  test("gives a client without scopes eight hours and no refresh token", async () => {
    const { body } = await signIn(await register());
    expect([body["expiresIn"], body["refreshToken"]]).toEqual([8 * 3600, undefined]);
  });

  test("gives no refresh token to a client that registered without that grant", async () => {
    const grantTypes = [deviceGrant];
    const { body } = await signIn(await register({ scopes: ["sso:account:access"], grantTypes }));
    expect([body["expiresIn"], body["refreshToken"]]).toEqual([3600, undefined]);
  });
});

describe("the code flow", () => {
  const redirectUri = "http://127.0.0.1:41234/oauth/callback";
  const state = "s t&=?/ä";

  const authorizeUrl = (client: Credentials, changes: Record<string, string> = {}): string =>
    `https://${oidcHost}/authorize?${new URLSearchParams({
      response_type: "code",
      client_id: String(client.clientId),
      redirect_uri: redirectUri,
      state,
      code_challenge_method: "S256",
      scopes: "sso:account:access",
      code_challenge: challenge,
      ...changes,
    })}`;

  /** Receives the redirect on a loopback port; gives the page at the end and the query that came. */
  async function receive(
    client: Credentials,
    answer: { deny?: boolean } = {},
    changes: Record<string, string> = {},
  ): Promise<{ redirectUri: string; query: URLSearchParams; text: string }> {
    let query = new URLSearchParams();
    const server = createServer((request, response) => {
      query = new URL(request.url ?? "", "http://127.0.0.1").searchParams;
      response.end("back home");
    });
    const own = `http://127.0.0.1:${await listen(server)}/oauth/callback`;
    const page = await cloud.approve(
      authorizeUrl(client, { ...changes, redirect_uri: own }),
      answer,
    );
    server.close();
    return { redirectUri: own, query, text: page.text };
  }

  const redeem = (client: Credentials, fields: Record<string, unknown>): Promise<Answer> =>
    oidc("/token", {
      ...client,
      grantType: "authorization_code",
      codeVerifier: verifier,
      ...fields,
    });

  test("brings the code and the unchanged state to any port of the registered address", async () => {
    const client = await register(codeRegistration);
    const back = await receive(client);
    expect([back.text, back.query.get("state")]).toEqual(["back home", state]);
    const code = back.query.get("code");
    const { status, body } = await redeem(client, { code, redirectUri: back.redirectUri });
    expect([status, body["expiresIn"]]).toEqual([200, 3600]);
    expect(body["refreshToken"]).toEqual(expect.any(String));
    expect((await portal("/assignment/accounts", body["accessToken"])).status).toBe(200);
  });

  test("brings access_denied and the state after a denial", async () => {
    const { query } = await receive(await register(codeRegistration), { deny: true });
    expect([query.get("error"), query.get("state"), query.get("code")]).toEqual([
      "access_denied",
      state,
      null,
    ]);
    expect(query.get("error_description")).not.toBeNull();
  });

  test("gives a code's token once", async () => {
    const client = await register(codeRegistration);
    const back = await receive(client);
    const fields = { code: back.query.get("code"), redirectUri: back.redirectUri };
    expect((await redeem(client, fields)).status).toBe(200);
    expectInvalidGrant(await redeem(client, fields));
  });

  test.each([
    ["another port", { redirectUri: "http://127.0.0.1:1/oauth/callback" }],
    ["another verifier", { codeVerifier: "w".repeat(43) }],
  ])("refuses a code with %s, and spends it", async (_, wrong) => {
    const client = await register(codeRegistration);
    const back = await receive(client);
    const fields = { code: back.query.get("code"), redirectUri: back.redirectUri };
    expectInvalidGrant(await redeem(client, { ...fields, ...wrong }));
    expectInvalidGrant(await redeem(client, fields));
  });

  test("refuses a verifier of less than 43 characters, also one that fits", async () => {
    const client = await register(codeRegistration);
    const short = { code_challenge: createHash("sha256").update("v").digest("base64url") };
    const back = await receive(client, {}, short);
    const fields = { code: back.query.get("code"), redirectUri: back.redirectUri };
    expectInvalidGrant(await redeem(client, { ...fields, codeVerifier: "v" }));
  });

  test("refuses a repeated parameter", async () => {
    const client = await register(codeRegistration);
    const { headers } = await call(`${authorizeUrl(client)}&scopes=sso%3Aaccount%3Aaccess`);
    expect(headers.location).toContain("error=invalid_request");
  });

  test("asks for consent once, on the organisation's own page, and needs an answer", async () => {
    const another = { ...exampleOrganisation, startUrl: "https://another.awsapps.com/start" };
    const both = await startCloud({ organisations: [exampleOrganisation, another] });
    await cloud.close();
    cloud = both;
    const client = await register(codeRegistration);
    const consent = (await call(authorizeUrl(client))).headers.location ?? "";
    const elsewhere = consent.replace(startUrl, another.startUrl);
    expect([(await call(consent)).status, (await call(elsewhere)).status]).toEqual([200, 400]);
    const body = `${new URL(consent).searchParams}&user=dev@example.com`;
    const target = `${startUrl}/consent`;
    expect((await call(target, { body })).status).toBe(400);
    expect((await call(target, { body: `${body}&decision=approve` })).status).toBe(302);
    expect((await call(target, { body: `${body}&decision=approve` })).status).toBe(400);
  });

  test("refuses a code from another client, and one that is too old", async () => {
    const client = await register(codeRegistration);
    const first = await receive(client);
    const stolen = { code: first.query.get("code"), redirectUri: first.redirectUri };
    expectInvalidGrant(await redeem(await register(codeRegistration), stolen));
    const second = await receive(client);
    cloud.advance(10 * minuteMs);
    expectOidcError(
      await redeem(client, { code: second.query.get("code"), redirectUri: second.redirectUri }),
      400,
      "expired_token",
      "ExpiredTokenException",
    );
  });

  test.each([
    ["the plain method", { code_challenge_method: "plain" }, "invalid_request"],
    ["a challenge that is no hash", { code_challenge: "abc" }, "invalid_request"],
    ["the parameter scope", { scope: "sso:account:access" }, "invalid_request"],
    ["no scopes", { scopes: "" }, "invalid_request"],
    ["a scope that was not registered", { scopes: "codewhisperer:x" }, "invalid_scope"],
    ["another response type", { response_type: "token" }, "unsupported_response_type"],
  ])("sends %s back to the client as an error", async (_, changes, error) => {
    const client = await register(codeRegistration);
    const answer = await call(authorizeUrl(client, changes));
    const location = new URL(answer.headers.location ?? "");
    expect([answer.status, location.origin]).toEqual([302, new URL(redirectUri).origin]);
    expect(location.searchParams.get("error")).toBe(error);
    expect(location.searchParams.get("state")).toBe(state);
  });

  test.each([
    ["another path", { redirect_uri: "http://127.0.0.1:41234/other" }],
    ["another loopback name", { redirect_uri: "http://localhost:41234/oauth/callback" }],
    ["another machine", { redirect_uri: "https://example.com/oauth/callback" }],
    ["an unknown client", { client_id: "unknown" }],
  ])("never redirects to %s", async (_, changes) => {
    const answer = await call(authorizeUrl(await register(codeRegistration), changes));
    expect([answer.status, answer.headers.location]).toEqual([400, undefined]);
  });

  test("refuses a client that registered for the device flow", async () => {
    const client = await register(forCodes);
    const { headers } = await call(authorizeUrl(client));
    expect(headers.location).toContain("error=unauthorized_client");
    expectOidcError(
      await redeem(client, { code: "x", redirectUri }),
      400,
      "unauthorized_client",
      "UnauthorizedClientException",
    );
  });
});

describe("renewal", () => {
  test("gives a new access token and a new refresh token", async () => {
    const { client, accessToken, refreshToken } = await signIn();
    const { status, body } = await renew(client, refreshToken);
    expect([status, body["expiresIn"]]).toEqual([200, 3600]);
    expect(body["accessToken"]).not.toBe(accessToken);
    expect(body["refreshToken"]).not.toBe(refreshToken);
    expect((await renew(client, body["refreshToken"])).status).toBe(200);
  });

  test("refuses a reused refresh token", async () => {
    const { client, refreshToken } = await signIn();
    await renew(client, refreshToken);
    expectInvalidGrant(await renew(client, refreshToken));
  });

  test("takes a reused refresh token within the grace, and not after it", async () => {
    cloud.lifetimes.refreshReuseGraceMs = minuteMs;
    const { client, refreshToken } = await signIn();
    await renew(client, refreshToken);
    expect((await renew(client, refreshToken)).status).toBe(200);
    cloud.advance(minuteMs);
    expectInvalidGrant(await renew(client, refreshToken));
  });

  test("leaves the refresh token in force and unmentioned where rotation is off", async () => {
    cloud.organisation().rotation = "never";
    const { client, refreshToken } = await signIn();
    expect((await renew(client, refreshToken)).body).not.toHaveProperty("refreshToken");
    expect((await renew(client, refreshToken)).status).toBe(200);
  });

  test("refuses another client's refresh token, without spending it", async () => {
    const { client, refreshToken } = await signIn();
    expectInvalidGrant(await renew(await registerForDevice(), refreshToken));
    expect((await renew(client, refreshToken)).status).toBe(200);
  });

  test("ends with the session's length; the portal then says 401", async () => {
    cloud.lifetimes.sessionMs = 90 * minuteMs;
    const { client, refreshToken } = await signIn();
    cloud.advance(59 * minuteMs);
    const { body } = await renew(client, refreshToken);
    cloud.advance(31 * minuteMs);
    expectInvalidGrant(await renew(client, body["refreshToken"]));
    expectUnauthorized(await portal("/assignment/accounts", body["accessToken"]));
  });

  test("ends when the session is ended, for that session only", async () => {
    const first = await signIn();
    const second = await signIn();
    cloud.organisation().sessions()[0]?.end();
    expectInvalidGrant(await renew(first.client, first.refreshToken));
    expect((await renew(second.client, second.refreshToken)).status).toBe(200);
    cloud.organisation().signOutEverywhere();
    expectUnauthorized(await portal("/assignment/accounts", second.accessToken));
    expect(cloud.organisation().sessions()).toEqual([]);
  });

  test.each([
    ["an unknown field", { colour: "red" }, 400, "invalid_request"],
    ["a field of another grant", { code: "x" }, 400, "invalid_request"],
    ["an unknown grant type", { grantType: "password" }, 400, "unsupported_grant_type"],
    ["a wrong secret", { clientSecret: "wrong" }, 401, "invalid_client"],
    ["no refresh token", { refreshToken: undefined }, 400, "invalid_request"],
  ])("refuses %s", async (_, changes, status, error) => {
    const { client, refreshToken } = await signIn();
    const request = { ...client, grantType: "refresh_token", refreshToken, ...changes };
    const answer = await oidc("/token", request);
    expect([answer.status, answer.body["error"]]).toEqual([status, error]);
    expect((await renew(client, refreshToken)).status).toBe(200);
  });
});

describe("the portal", () => {
  const credentialsPath = "/federation/credentials?role_name=Developer&account_id=111122223333";

  test("lists accounts and roles page by page", async () => {
    const { accessToken } = await signIn();
    const first = await portal("/assignment/accounts?max_result=1", accessToken);
    expect(first.body["accountList"]).toEqual([
      {
        accountId: "111122223333",
        accountName: "Development",
        emailAddress: "aws-development@example.com",
      },
    ]);
    const next = `next_token=${String(first.body["nextToken"])}`;
    const second = await portal(`/assignment/accounts?max_result=1&${next}`, accessToken);
    expect(second.body).toMatchObject({
      nextToken: null,
      accountList: [{ accountId: "444455556666" }],
    });
    const roles = await portal("/assignment/roles?account_id=111122223333", accessToken);
    expect(roles.body).toEqual({
      nextToken: null,
      roleList: [
        { roleName: "Developer", accountId: "111122223333" },
        { roleName: "ReadOnly", accountId: "111122223333" },
      ],
    });
  });

  test("gives role credentials whose expiration is in epoch milliseconds", async () => {
    const { accessToken } = await signIn();
    const { body } = await portal(credentialsPath, accessToken);
    const [keys] = cloud.organisation().keys();
    expect(body["roleCredentials"]).toEqual({
      accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      secretAccessKey: keys?.secretAccessKey,
      sessionToken: keys?.sessionToken,
      expiration: keys?.expiresAt,
    });
    expect(Math.abs((keys?.expiresAt ?? 0) - cloud.now() - hourMs)).toBeLessThan(30_000);
  });

  test("gives each role its own length", async () => {
    cloud.lifetimes.roleMs = 2 * hourMs;
    cloud.organisation().setRoleLifetime("111122223333", "Developer", 12 * hourMs);
    const { accessToken } = await signIn();
    await portal(credentialsPath, accessToken);
    await portal(credentialsPath.replace("Developer", "ReadOnly"), accessToken);
    const keys = cloud.organisation().keys();
    const hours = keys.map(({ issuedAt, expiresAt }) => (expiresAt - issuedAt) / hourMs);
    expect(hours[0]).toBeCloseTo(12, 2);
    expect(hours[1]).toBeCloseTo(2, 2);
  });

  test("says 'No access' to a role that is denied, misspelt or in no known account", async () => {
    const { accessToken } = await signIn();
    cloud.organisation().denyRole("111122223333", "Developer");
    for (const path of [
      credentialsPath,
      credentialsPath.replace("Developer", "Develoepr"),
      credentialsPath.replace("111122223333", "999999999999"),
    ]) {
      expectPortalError(await portal(path, accessToken), 403, "ForbiddenException", "No access");
    }
    const roles = await portal("/assignment/roles?account_id=111122223333", accessToken);
    expect(roles.body["roleList"]).toHaveLength(1);
    cloud.organisation().denyRole("444455556666", "ReadOnly");
    const accounts = await portal("/assignment/accounts", accessToken);
    expect(accounts.body["accountList"]).toHaveLength(1);
    cloud.organisation().allowRole("111122223333", "Developer");
    expect((await portal(credentialsPath, accessToken)).status).toBe(200);
  });

  test("says 401 to no token, an invented one, an expired one, and one of another region", async () => {
    const { accessToken } = await signIn();
    expectUnauthorized(await call(`https://${portalHost}/assignment/accounts`));
    expectUnauthorized(await portal("/assignment/accounts", "invented"));
    const elsewhere = await call(
      "https://portal.sso.eu-central-1.amazonaws.com/assignment/accounts",
      { headers: { "x-amz-sso_bearer_token": String(accessToken) } },
    );
    expectUnauthorized(elsewhere);
    cloud.advance(hourMs);
    expectUnauthorized(await portal("/assignment/accounts", accessToken));
  });

  test("says 404 to roles of an unknown account and 400 to a wrong parameter", async () => {
    const { accessToken } = await signIn();
    const unknown = await portal("/assignment/roles?account_id=999999999999", accessToken);
    expectPortalError(unknown, 404, "ResourceNotFoundException");
    for (const path of [
      "/assignment/accounts?max_result=0",
      "/assignment/accounts?max_result=101",
      "/assignment/accounts?max_results=1",
      "/assignment/accounts?next_token=invented",
      `/assignment/accounts?next_token=${Buffer.from("0").toString("base64url")}`,
      "/assignment/roles?account_id=12",
      "/federation/credentials?account_id=111122223333",
    ]) {
      expectPortalError(await portal(path, accessToken), 400, "InvalidRequestException");
    }
  });

  test("says 429 with Retry-After while the organisation is throttled", async () => {
    const { accessToken } = await signIn();
    cloud.organisation().retryAfterSeconds = 7;
    const answer = await portal(credentialsPath, accessToken);
    expectPortalError(answer, 429, "TooManyRequestsException");
    expect(answer.headers["retry-after"]).toBe("7");
    cloud.organisation().retryAfterSeconds = undefined;
    expect((await portal(credentialsPath, accessToken)).status).toBe(200);
  });

  test("ends the session on logout", async () => {
    const { client, accessToken, refreshToken } = await signIn();
    expect((await portal("/logout", accessToken, "POST")).status).toBe(200);
    expectUnauthorized(await portal(credentialsPath, accessToken));
    expectUnauthorized(await portal("/logout", accessToken, "POST"));
    expectInvalidGrant(await renew(client, refreshToken));
  });
});

describe("the token service", () => {
  const body = "Action=GetCallerIdentity&Version=2011-06-15";

  async function identify(
    changes: {
      secret?: string;
      token?: string;
      body?: string;
      region?: string;
      host?: string;
      service?: string;
      signedHeaders?: string;
    } = {},
  ): Promise<Answer> {
    const [keys] = cloud.organisation().keys();
    const host = changes.host ?? "sts.us-east-1.amazonaws.com";
    const headers = {
      host,
      "x-amz-date": "20260101T000000Z",
      "x-amz-security-token": changes.token ?? keys?.sessionToken ?? "",
    };
    const scope = `20260101/${changes.region ?? "us-east-1"}/${changes.service ?? "sts"}/aws4_request`;
    const names = changes.signedHeaders ?? "host;x-amz-date;x-amz-security-token";
    const prefix = `AWS4-HMAC-SHA256 Credential=${keys?.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=`;
    const request = {
      ...{ host, method: "POST", path: "/", query: new URLSearchParams(), headers, body, at: 0 },
    };
    const signature = readSignature(`${prefix}${"0".repeat(64)}`);
    if (signature === undefined) throw new Error("The header is wrong.");
    const value = sign(request, signature, changes.secret ?? keys?.secretAccessKey ?? "");
    return call(`https://${host}/`, {
      headers: { ...headers, authorization: `${prefix}${value}` },
      body: changes.body ?? body,
    });
  }

  beforeEach(async () => {
    const { accessToken } = await signIn();
    await portal(
      "/federation/credentials?role_name=Developer&account_id=111122223333",
      accessToken,
    );
  });

  test("names the role and the person, at the regional and the global address", async () => {
    for (const host of ["sts.us-east-1.amazonaws.com", "sts.amazonaws.com"]) {
      const answer = await identify({ host });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/xml"]);
      expect(answer.text).toMatch(
        /<Arn>arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_Developer_[0-9a-f]{16}\/dev@example\.com<\/Arn>/,
      );
      expect(answer.text).toContain("<Account>111122223333</Account>");
    }
  });

  test.each([
    ["a wrong session token", { token: "wrong" }, "InvalidClientTokenId"],
    ["a wrong secret key", { secret: "wrong" }, "SignatureDoesNotMatch"],
    ["a changed body", { body: `${body}&x=1` }, "SignatureDoesNotMatch"],
    ["another region's signature", { region: "eu-west-1" }, "SignatureDoesNotMatch"],
    ["another service's signature", { service: "s3" }, "SignatureDoesNotMatch"],
    ["an unsigned host", { signedHeaders: "x-amz-date" }, "IncompleteSignature"],
  ])("refuses %s", async (_, changes, code) => {
    const answer = await identify(changes);
    const status = code === "IncompleteSignature" ? 400 : 403;
    expect([answer.status, answer.text]).toEqual([
      status,
      expect.stringContaining(`<Code>${code}<`),
    ]);
  });

  test("refuses expired keys, also when the session is alive; a live key outlives its session", async () => {
    cloud.organisation().signOutEverywhere();
    expect((await identify()).status).toBe(200);
    cloud.advance(hourMs);
    const answer = await identify();
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringContaining("<Code>ExpiredToken<"),
    ]);
  });

  test("refuses an unknown key, an unsigned request and another action", async () => {
    const url = "https://sts.us-east-1.amazonaws.com/";
    const invented = `AWS4-HMAC-SHA256 Credential=ASIAINVENTED/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`;
    const answers = await Promise.all([
      call(url, { body, headers: { authorization: invented } }),
      call(url, { body }),
      call(url, { body: "Action=GetFederationToken&Version=2011-06-15" }),
    ]);
    const codes = answers.map(({ status, text: xml }) => [status, /<Code>(\w+)/.exec(xml)?.[1]]);
    expect(codes).toEqual([
      [403, "InvalidClientTokenId"],
      [403, "MissingAuthenticationToken"],
      [400, "InvalidAction"],
    ]);
  });
});

describe("time", () => {
  test("is the provider's in every Date header", async () => {
    const ahead = await startCloud({ skewMs: 5 * hourMs });
    onTestFinished(() => ahead.close());
    ahead.advance(hourMs);
    const { proxyUrl, ca } = ahead;
    const fault = ahead.faults.add({ kind: "status", status: 503, path: "/token" });
    for (const path of ["/token", "/unknown"]) {
      const { headers } = await call(`https://${oidcHost}${path}`, { proxyUrl, ca, json: {} });
      expect(Math.abs(Date.parse(headers.date ?? "") - Date.now() - 6 * hourMs)).toBeLessThan(
        30_000,
      );
    }
    expect(fault.hits).toBe(1);
  });
});

describe("faults", () => {
  const url = `https://${oidcHost}/token`;

  test("strike as often as they are told, where they are told, and answer as they are told", async () => {
    const { client, refreshToken } = await signIn();
    const fault = cloud.faults.add({
      ...{ host: /^oidc/, path: "/token", grantType: "refresh_token", times: 2 },
      ...{ kind: "status", status: 503, body: '{"x":1}', headers: { "retry-after": "3" } },
    });
    const answer = await renew(client, refreshToken);
    expect([answer.status, answer.body, answer.headers["retry-after"]]).toEqual([
      503,
      { x: 1 },
      "3",
    ]);
    expect((await redeemDevice(client, "x")).status).toBe(400);
    expect((await renew(client, refreshToken)).status).toBe(503);
    expect((await renew(client, refreshToken)).status).toBe(200);
    expect(fault.hits).toBe(2);
  });

  test("reset: the connection ends and the refresh token is not spent", async () => {
    const { client, refreshToken } = await signIn();
    cloud.faults.add({ kind: "reset", path: "/token", times: 1 });
    await expect(renew(client, refreshToken)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect((await renew(client, refreshToken)).status).toBe(200);
  });

  test.each(["lose-reply", "truncate"] as const)(
    "%s: the answer does not arrive and the refresh token is spent",
    async (kind) => {
      const { client, refreshToken } = await signIn();
      cloud.faults.add({ kind, path: "/token", times: 1 });
      await expect(renew(client, refreshToken)).rejects.toThrow(
        /socket hang up|ECONNRESET|aborted/,
      );
      expectInvalidGrant(await renew(client, refreshToken));
    },
  );

  test("html and not-json: something else answers 200", async () => {
    cloud.faults.add({ kind: "html", times: 1 });
    cloud.faults.add({ kind: "not-json", times: 1 });
    const page = await call(url, { json: {} });
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    const noise = await call(url, { json: {} });
    expect([noise.status, noise.text]).toEqual([200, "upstream ok"]);
  });

  test("hang: nothing is answered until the fault is removed", async () => {
    const { client, refreshToken } = await signIn();
    const fault = cloud.faults.add({ kind: "hang", grantType: "refresh_token", times: 1 });
    const held = renew(client, refreshToken);
    const arrived = await cloud.log.waitForArrival({ grantType: "refresh_token" });
    expect(arrived.isOver).toBe(false);
    fault.remove();
    expect((await held).status).toBe(200);
    expect((await cloud.log.waitFor({ grantType: "refresh_token" })).status).toBe(200);
  });

  test("hang: a request whose client has gone takes no effect", async () => {
    const { client, refreshToken } = await signIn();
    const fault = cloud.faults.add({ kind: "hang", grantType: "refresh_token", times: 1 });
    const body = JSON.stringify({ ...client, grantType: "refresh_token", refreshToken });
    const agent = new HttpsProxyAgent(cloud.proxyUrl);
    const impatient = requestHttps(url, { agent, ca: cloud.ca, method: "POST" });
    impatient.on("error", () => undefined).end(body);
    await cloud.log.waitForArrival({ grantType: "refresh_token" });
    impatient.destroy();
    expect((await cloud.log.waitFor({ grantType: "refresh_token" })).status).toBeUndefined();
    fault.remove();
    expect((await renew(client, refreshToken)).status).toBe(200);
  });

  test("hang: closing the cloud ends what is held", async () => {
    const other = await startCloud();
    onTestFinished(() => other.close());
    other.faults.add({ kind: "hang" });
    const { proxyUrl, ca } = other;
    const held = call(url, { json: {}, proxyUrl, ca });
    const visit = other.approve(startUrl);
    await other.log.waitForArrival({}, 2);
    await Promise.all([
      expect(held).rejects.toThrow(),
      expect(visit).rejects.toThrow(),
      other.close(),
    ]);
  });

  test("delay: the answer comes after the delay", async () => {
    cloud.faults.add({ kind: "delay", delayMs: 80 });
    const startedAt = performance.now();
    expect((await call(url, { json: {} })).status).toBe(400);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79);
  });
});

describe("the log", () => {
  test("keeps every request with its secrets, counts, and waits for the nth", async () => {
    const third = cloud.log.waitFor({ path: "/token" }, 3);
    const { client, refreshToken } = await signIn();
    await renew(client, refreshToken);
    const last = await renew(client, refreshToken);
    expect(await third).toMatchObject({
      host: oidcHost,
      method: "POST",
      grantType: "refresh_token",
      status: 400,
      reply: last.text,
      isOver: true,
    });
    expect(cloud.log.count({ grantType: "refresh_token" })).toBe(2);
    expect(cloud.log.count((request) => request.body.includes(String(refreshToken)))).toBe(2);
    expect(cloud.log.all({ host: /^device/ }).map(({ method }) => method)).toEqual(["GET", "POST"]);
    cloud.log.clear();
    expect(cloud.log.count()).toBe(0);
  });
});

describe("people", () => {
  test("sign in as another user of the organisation", async () => {
    const users = ["a@example.com", "b@example.com"] as const;
    const other = await startCloud({ organisations: [{ ...exampleOrganisation, users }] });
    onTestFinished(() => other.close());
    const { proxyUrl, ca } = other;
    const root = `https://${oidcHost}`;
    const { body: client } = await call(`${root}/client/register`, {
      ...{ proxyUrl, ca, json: { clientName: "a", clientType: "public" } },
    });
    const { clientId, clientSecret } = client;
    const { body: device } = await call(`${root}/device_authorization`, {
      ...{ proxyUrl, ca, json: { clientId, clientSecret, startUrl } },
    });
    await other.approve(String(device["verificationUriComplete"]), { user: "b@example.com" });
    expect(other.organisation(`${startUrl}/#/`).sessions()[0]?.user).toBe("b@example.com");
  });

  test("may have a program as their browser, which says how it went", async () => {
    const client = await registerForDevice();
    const device = await startDevice(client);
    const command = await cloud.browser();
    await run(command, [String(device["verificationUriComplete"])]);
    expect((await redeemDevice(client, device["deviceCode"])).status).toBe(200);
    await expect(
      run(command, ["https://device.sso.us-east-1.amazonaws.com/none"]),
    ).rejects.toThrow();
    const port = /browser-(\d+)/.exec(command)?.[1] ?? "";
    const stranger = requestHttp({ host: "127.0.0.1", port, method: "POST", path: "/" });
    const [response]: IncomingMessage[] = await once(stranger.end(startUrl), "response");
    expect(response?.statusCode).toBe(404);
  });

  test("press the buttons in a real Chromium that trusts the certificate's key alone", async () => {
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", `--ignore-certificate-errors-spki-list=${cloud.leafSpkiHash}`],
      // Playwright leads loopback through the proxy unless told otherwise.
      proxy: { server: cloud.proxyUrl, bypass: "127.0.0.1" },
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const client = await registerForDevice();
    const device = await startDevice(client);
    await page.goto(String(device["verificationUri"]));
    await page.fill("[name=user_code]", String(device["userCode"]));
    await page.click("#next");
    expect(await page.textContent("#user-code")).toBe(device["userCode"]);
    expect(await page.textContent("#organisation")).toBe("Example Corp");
    expect(await page.textContent("#client")).toBe("tester");
    await page.click("#approve");
    expect(await page.textContent("h1")).toBe("Request approved");
    expect((await redeemDevice(client, device["deviceCode"])).status).toBe(200);

    const server = createServer((_, response) => response.end("back home"));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const redirectUri = `http://127.0.0.1:${await listen(server)}/oauth/callback`;
    const codeClient = await register(codeRegistration);
    const query = new URLSearchParams({
      response_type: "code",
      client_id: String(codeClient.clientId),
      redirect_uri: redirectUri,
      state: "abc",
      code_challenge_method: "S256",
      scopes: "sso:account:access",
      code_challenge: challenge,
    });
    await page.goto(`https://${oidcHost}/authorize?${query}`);
    expect(page.url().startsWith(startUrl)).toBe(true);
    await page.click("#deny");
    await page.waitForURL((address) => address.href.startsWith(redirectUri));
    expect(page.url()).toMatch(/\?error=access_denied&error_description=[^&]+&state=abc$/);
    expect(await page.textContent("body")).toBe("back home");
  });
});

describe("the AWS SDK for JavaScript", () => {
  test("signs in, renews, lists, gets credentials, and knows each refusal by its class", async () => {
    // The agent replaces the options of its base class, so the authority must be put there afterwards.
    const agent = new HttpsProxyAgent(cloud.proxyUrl);
    const httpsAgent = Object.assign(agent, { options: { path: undefined, ca: cloud.ca } });
    const settings = { region: "us-east-1", requestHandler: new NodeHttpHandler({ httpsAgent }) };
    const client = new SSOOIDCClient(settings);
    const sso = new SSOClient(settings);
    onTestFinished(() => {
      client.destroy();
      sso.destroy();
      agent.destroy();
    });
    const scopes = ["sso:account:access"];
    const { clientId, clientSecret } = await client.send(
      new RegisterClientCommand({ clientName: "a", clientType: "public", scopes }),
    );
    const device = await client.send(
      new StartDeviceAuthorizationCommand({ clientId, clientSecret, startUrl }),
    );
    const { deviceCode } = device;
    const poll = new CreateTokenCommand({
      ...{ clientId, clientSecret, grantType: deviceGrant, deviceCode },
    });
    await expect(client.send(poll)).rejects.toMatchObject({
      name: "AuthorizationPendingException",
      error: "authorization_pending",
    });
    await cloud.approve(device.verificationUriComplete ?? "");
    const { refreshToken } = await client.send(poll);
    const grantType = "refresh_token";
    const renewal = new CreateTokenCommand({ clientId, clientSecret, grantType, refreshToken });
    const { accessToken } = await client.send(renewal);
    await expect(client.send(renewal)).rejects.toMatchObject({ name: "InvalidGrantException" });

    const { accountList } = await sso.send(new ListAccountsCommand({ accessToken }));
    expect(accountList).toHaveLength(2);
    const accountId = "111122223333";
    const get = (roleName: string, token = accessToken) =>
      sso.send(new GetRoleCredentialsCommand({ accessToken: token, accountId, roleName }));
    const { roleCredentials } = await get("Developer");
    expect(roleCredentials?.expiration).toBe(cloud.organisation().keys()[0]?.expiresAt);
    await expect(get("Nobody")).rejects.toMatchObject({
      name: "ForbiddenException",
      message: expect.stringContaining("No access"),
    });
    await expect(get("Developer", "x")).rejects.toMatchObject({ name: "UnauthorizedException" });
  });
});
