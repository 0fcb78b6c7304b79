import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { request } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { proxyAgent } from "../sources/aws/world.ts";
import { type Cloud, startCloud } from "./cloud/cloud.ts";
import type { GoogleClient } from "./cloud/google/clients.ts";
import { installedClientFile, workforceLoginConfig } from "./cloud/google/files.ts";
import { newRsaKey, signJwt } from "./cloud/google/jwt.ts";
import { principalOf, tokenTypes } from "./cloud/google/pools.ts";
import type { Pool } from "./cloud/google/pools.ts";
import type { ServiceAccount } from "./cloud/google/service-accounts.ts";
import { listen } from "./cloud/listening.ts";
import type { Answer as PersonAnswer } from "./cloud/person.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const platform = "https://www.googleapis.com/auth/cloud-platform";
const email = "https://www.googleapis.com/auth/userinfo.email";
const verifier = "v".repeat(43);
const challenge = createHash("sha256").update(verifier).digest("base64url");
const redirectUri = "http://127.0.0.1:4567/back";

let cloud: Cloud;
let client: GoogleClient;

beforeEach(async () => {
  cloud = await startCloud({ google: { people: ["dev@example.com", "ops@example.com"] } });
  client = cloud.google.addClient();
});

afterEach(() => cloud.close());

type Texts = Readonly<Record<string, string>>;

/** What a reply may say; which of it is there is what tests look at. */
interface Body extends Readonly<Record<string, unknown>> {
  readonly access_token: string;
  readonly id_token: string;
  readonly expires_in: number;
  readonly accessToken: string;
  readonly expireTime: string;
  readonly token: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Body;
}

interface Call {
  readonly method?: string;
  readonly form?: Texts | string;
  readonly json?: unknown;
  readonly headers?: Texts;
}

/** One request through the proxy, with a connection of its own. */
const call = async (url: string, options: Call = {}): Promise<Answer> => {
  const agent = proxyAgent(cloud.proxyUrl, cloud.ca);
  const { form, json } = options;
  const written = json === undefined ? undefined : JSON.stringify(json);
  const body = form === undefined ? written : new URLSearchParams(form).toString();
  const type = form === undefined ? "application/json" : "application/x-www-form-urlencoded";
  const headers = { ...(body !== undefined && { "content-type": type }), ...options.headers };
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent, method, headers }, resolve).on("error", reject).end(body);
  });
  const answer = await text(response);
  agent.destroy();
  return {
    status: response.statusCode,
    headers: response.headers,
    text: answer,
    body: JSON.parse(answer.startsWith("{") ? answer : "{}"),
  };
};

const without = (values: Texts, name: string): Texts =>
  Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));

const token = (form: Texts | string, headers: Texts = {}): Promise<Answer> =>
  call("https://oauth2.googleapis.com/token", { form, headers });

const question = (changes: Texts = {}): Texts => ({
  response_type: "code",
  client_id: client.id,
  redirect_uri: redirectUri,
  scope: `openid email ${platform}`,
  state: "s1",
  access_type: "offline",
  code_challenge: challenge,
  code_challenge_method: "S256",
  ...changes,
});

const pageUrl = (query: Texts, base = "https://accounts.google.com/o/oauth2/v2/auth"): string =>
  `${base}?${new URLSearchParams(query).toString()}`;

/** Where the page leads once the person has answered: nobody listens there. */
const led = async (url: string, answer: PersonAnswer = {}): Promise<URL> => {
  const failure: unknown = await cloud.approve(url, answer).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "ECONNREFUSED" });
  return new URL(cloud.google.lastRedirect!);
};

const codeOf = async (changes: Texts = {}): Promise<string> =>
  (await led(pageUrl(question(changes)))).searchParams.get("code")!;

const redemption = (code: string, changes: Texts = {}): Texts => ({
  grant_type: "authorization_code",
  code,
  redirect_uri: redirectUri,
  code_verifier: verifier,
  client_id: client.id,
  client_secret: client.secret,
  ...changes,
});

const renewal = (refreshToken: string, changes: Texts = {}): Texts => ({
  grant_type: "refresh_token",
  refresh_token: refreshToken,
  client_id: client.id,
  client_secret: client.secret,
  ...changes,
});

const expectError = (answer: Answer, status: number, error: string, description?: string): void => {
  expect([answer.status, answer.body["error"], answer.body["error_description"]]).toEqual([
    status,
    error,
    description ?? expect.any(String),
  ]);
  expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
};

describe("the sign-in page", () => {
  test("shows who can sign in, the hinted one first, and what is asked", async () => {
    const page = await call(pageUrl(question({ login_hint: "ops@example.com" })));
    expect(page.status).toBe(200);
    expect([...page.text.matchAll(/<option>([^<]*)/g)].map(([, user]) => user)).toEqual([
      "ops@example.com",
      "dev@example.com",
    ]);
    expect(page.text).toContain(client.name);
    expect([...page.text.matchAll(/name="scope"/g)]).toHaveLength(1);
    expect(cloud.google.count("authorize")).toBe(1);
  });

  test("leads back with a code, the state, the scopes in full and the domain", async () => {
    const back = await led(
      pageUrl(
        question({ scope: `openid email ${email} ${platform}` }),
        "https://accounts.google.com/o/oauth2/auth",
      ),
    );
    expect(back.href).toMatch(/^http:\/\/127\.0\.0\.1:4567\/back\?.*code=4\/0A/);
    expect(Object.fromEntries(back.searchParams)).toEqual({
      state: "s1",
      iss: "https://accounts.google.com",
      code: expect.any(String),
      scope: `openid ${email} ${platform}`,
      authuser: "0",
      hd: "example.com",
      prompt: "consent",
    });
  });

  test("leads back with a refusal when the person denies, and with less where they withhold", async () => {
    const denied = await led(pageUrl(question()), { deny: true });
    expect(Object.fromEntries(denied.searchParams)).toEqual({
      state: "s1",
      error: "access_denied",
    });
    const withheld = await led(pageUrl(question()), { withhold: [platform] });
    expect(withheld.searchParams.get("scope")).toBe(`openid ${email}`);
    const code = withheld.searchParams.get("code")!;
    expect((await token(redemption(code))).body["scope"]).toBe(`openid ${email}`);
  });

  test.each([
    ["another kind of answer", { response_type: "token" }],
    ["a plain challenge", { code_challenge_method: "plain" }],
    ["a challenge that is no hash", { code_challenge: "x" }],
    ["a scope of somebody else", { scope: "https://example.com/all" }],
    ["no scope", { scope: "" }],
    ["another access type", { access_type: "always" }],
    ["another prompt", { prompt: "none" }],
    ["a parameter that nobody knows", { scopes: platform }],
    ["an address of somebody else", { redirect_uri: "https://example.com/" }],
    ["an https address of this machine", { redirect_uri: "https://127.0.0.1/" }],
    ["an address with a name", { redirect_uri: "http://a@127.0.0.1/" }],
    ["an address with a password", { redirect_uri: "http://:b@127.0.0.1/" }],
    ["an address with a fragment", { redirect_uri: "http://127.0.0.1/#x" }],
    ["the page for typing codes over", { redirect_uri: "urn:ietf:wg:oauth:2.0:oob" }],
  ])("refuses %s on a page of its own", async (_, changes) => {
    const page = await call(pageUrl(question(changes)));
    expect([page.status, page.headers.location]).toEqual([400, undefined]);
    expect(page.text).toContain("Access blocked");
  });

  test.each(["code_challenge", "code_challenge_method", "response_type", "redirect_uri"])(
    "misses %s",
    async (name) => {
      expect((await call(pageUrl(without(question(), name)))).status).toBe(400);
    },
  );

  test("refuses a parameter that is there twice", async () => {
    expect((await call(`${pageUrl(question())}&state=s2`)).status).toBe(400);
  });

  test("leads back to an address that has a query of its own", async () => {
    const back = await led(pageUrl(question({ redirect_uri: `${redirectUri}?x=1` })));
    expect(back.searchParams.get("x")).toBe("1");
    expect(back.searchParams.get("state")).toBe("s1");
  });

  test("says so when a client is unknown, deleted or disabled", async () => {
    const unknown = await call(pageUrl(question({ client_id: "x" })));
    expect([unknown.status, unknown.text]).toEqual([401, expect.stringContaining("not found")]);
    cloud.google.disableClient(client);
    expect((await call(pageUrl(question()))).text).toContain("disabled_client");
    cloud.google.deleteClient(client);
    expect((await call(pageUrl(question()))).text).toContain("deleted_client");
  });

  test("does not let people in who may not use the client", async () => {
    client = cloud.google.addClient({ internalTo: "other.example" });
    expect(await cloud.approve(pageUrl(question()))).toMatchObject({
      status: 403,
      text: expect.stringContaining("org_internal"),
    });
    client = cloud.google.addClient({ isBlocked: true });
    expect(await cloud.approve(pageUrl(question()))).toMatchObject({
      status: 400,
      text: expect.stringContaining("admin_policy_enforced"),
    });
  });

  test("takes each answer once, and of nobody whose account is disabled", async () => {
    const page = await call(pageUrl(question()));
    const id = /name="request" value="([^"]*)"/.exec(page.text)![1]!;
    const url = "https://accounts.google.com/signin/oauth/consent";
    const form = { request: id, decision: "approve", user: "dev@example.com" };
    expect((await call(url, { form })).status).toBe(302);
    expect((await call(url, { form })).status).toBe(400);
    const late = await call(pageUrl(question()));
    const lateId = /name="request" value="([^"]*)"/.exec(late.text)![1]!;
    cloud.google.setPerson("dev@example.com", "disabled");
    expect((await call(url, { form: { ...form, request: lateId } })).status).toBe(400);
    expect((await call(pageUrl(question()))).text).not.toContain("dev@example.com");
  });
});

test("a person consents in a real browser", async () => {
  const server = createServer((_, response) => response.end("back home"));
  const port = await listen(server);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", `--ignore-certificate-errors-spki-list=${cloud.leafSpkiHash}`],
    proxy: { server: cloud.proxyUrl, bypass: "127.0.0.1" },
  });
  onTestFinished(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  });
  const page = await browser.newPage();
  const address = `http://127.0.0.1:${port}/back`;
  await page.goto(pageUrl(question({ redirect_uri: address, login_hint: "ops@example.com" })));
  expect(await page.inputValue("#user")).toBe("ops@example.com");
  await page.selectOption("#user", "dev@example.com");
  await page.click("#approve");
  expect(await page.textContent("body")).toBe("back home");
  const code = new URL(page.url()).searchParams.get("code")!;
  const { body } = await token(redemption(code, { redirect_uri: address }));
  expect(cloud.google.whose(body["access_token"])).toBe("dev@example.com");
  expect(cloud.google.scopesOf(body["access_token"])).toContain(platform);
}, 60_000);

describe("a code", () => {
  test("gives tokens as Google's servers do", async () => {
    const { status, headers, body } = await token(redemption(await codeOf()));
    expect([status, headers["cache-control"]]).toEqual([200, expect.stringContaining("no-store")]);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^ya29\.a0/),
      expires_in: 3599,
      scope: `openid ${email} ${platform}`,
      token_type: "Bearer",
      id_token: expect.any(String),
      refresh_token: expect.stringMatching(/^1\/\/0/),
    });
    const claims = cloud.google.claimsOf(body["id_token"]);
    expect(claims).toMatchObject({ iss: "https://accounts.google.com", azp: client.id });
    expect(claims).toMatchObject({ email: "dev@example.com", email_verified: true });
    expect(cloud.google.whose(body["access_token"])).toBe("dev@example.com");
    cloud.advance(hourMs);
    expect(cloud.google.whose(body["access_token"])).toBeUndefined();
    expect(cloud.google.claimsOf(body["id_token"])).toBeUndefined();
  });

  test("gives no refresh token online, and to a web client only once unless it asks anew", async () => {
    const refresh = async (changes: Texts = {}): Promise<unknown> => {
      const { body } = await token(redemption(await codeOf(changes)));
      return body["refresh_token"];
    };
    expect(await refresh({ access_type: "online" })).toBeUndefined();
    client = cloud.google.addClient({ type: "web", redirectUris: [redirectUri] });
    expect(await refresh()).toEqual(expect.any(String));
    expect(await refresh()).toBeUndefined();
    expect(await refresh({ prompt: "consent" })).toEqual(expect.any(String));
    expect((await call(pageUrl(question({ redirect_uri: "http://127.0.0.1/" })))).status).toBe(400);
  });

  test.each<[string, Texts, number, string, string?]>([
    [
      "another verifier",
      { code_verifier: "w".repeat(43) },
      400,
      "invalid_grant",
      "Invalid code verifier.",
    ],
    ["no verifier", { code_verifier: "" }, 400, "invalid_grant", "Missing code verifier."],
    ["another address", { redirect_uri: "http://127.0.0.1:1/" }, 400, "redirect_uri_mismatch"],
    ["another secret", { client_secret: "x" }, 401, "invalid_client", "Unauthorized"],
    ["no secret", { client_secret: "" }, 400, "invalid_request", "client_secret is missing."],
    ["a client nobody knows", { client_id: "x" }, 401, "invalid_client"],
    ["a field nobody knows", { codeVerifier: "x" }, 400, "invalid_request"],
    ["another grant", { grant_type: "password" }, 400, "unsupported_grant_type"],
    ["no grant", { grant_type: "" }, 400, "invalid_request"],
  ])("is not redeemed with %s", async (_, changes, status, error, description) => {
    expectError(await token(redemption(await codeOf(), changes)), status, error, description);
  });

  test("is redeemed once, in time, by its own client", async () => {
    const code = await codeOf();
    expect((await token(redemption(code))).status).toBe(200);
    expectError(await token(redemption(code)), 400, "invalid_grant", "Bad Request");
    expectError(await token(redemption("x")), 400, "invalid_grant", "Malformed auth code.");
    const late = await codeOf();
    cloud.advance(10 * minuteMs);
    expectError(await token(redemption(late)), 400, "invalid_grant");
    const foreign = await codeOf();
    client = cloud.google.addClient();
    expectError(await token(redemption(foreign)), 401, "unauthorized_client");
    expect(cloud.google.count("code")).toBe(5);
  });

  test("is not redeemed with a verifier that is too short, though it is the right one", async () => {
    const short = createHash("sha256").update("x").digest("base64url");
    const code = await codeOf({ code_challenge: short });
    expectError(await token(redemption(code, { code_verifier: "x" })), 400, "invalid_grant");
  });

  test("comes in a form, each field once", async () => {
    const plain = await token(redemption(await codeOf()), { "content-type": "text/plain" });
    expectError(plain, 400, "invalid_request");
    const form = new URLSearchParams(redemption(await codeOf())).toString();
    expectError(await token(`${form}&code=x`), 400, "invalid_request");
  });
});

describe("a refresh token", () => {
  test("renews again and again, for fewer scopes too", async () => {
    const { refreshToken } = cloud.google.grant(client);
    const first = await token(renewal(refreshToken));
    expect(first.body).toEqual({
      access_token: expect.any(String),
      expires_in: 3599,
      scope: `openid ${email} ${platform}`,
      token_type: "Bearer",
      id_token: expect.any(String),
    });
    const narrow = await token(renewal(refreshToken, { scope: platform }));
    expect(narrow.body["scope"]).toBe(platform);
    expect(cloud.google.scopesOf(narrow.body["access_token"])).toEqual([platform]);
    expect(narrow.body).not.toHaveProperty("id_token");
    const wide = `${platform} https://www.googleapis.com/auth/drive`;
    expectError(await token(renewal(refreshToken, { scope: wide })), 400, "invalid_scope");
    expectError(await token(renewal(refreshToken, { scopes: platform })), 400, "invalid_request");
    expect(cloud.google.presentations().map(({ outcome }) => outcome)).toEqual([
      "renewed",
      "renewed",
      "invalid_scope",
      "invalid_request",
    ]);
    expect(cloud.google.count("refresh")).toBe(4);
  });

  test("lives as long as it was set to", async () => {
    cloud.google.lifetimes.accessTokenMs = 20_000;
    const { body } = await token(renewal(cloud.google.grant(client).refreshToken));
    expect(body["expires_in"]).toBe(20);
    cloud.advance(20_000);
    expect(cloud.google.whose(body["access_token"])).toBeUndefined();
  });

  test("ends with its consent, and its access tokens with it", async () => {
    const grant = cloud.google.grant(client);
    const other = cloud.google.grant(client, "ops@example.com");
    const access = cloud.google.accessToken(grant);
    cloud.google.revokeAll("dev@example.com");
    const gone = "Token has been expired or revoked.";
    expectError(await token(renewal(grant.refreshToken)), 400, "invalid_grant", gone);
    expect(cloud.google.whose(access)).toBeUndefined();
    expect((await token(renewal(other.refreshToken))).status).toBe(200);
    expectError(await token(renewal("1//0x")), 400, "invalid_grant", gone);
  });

  test("is refused for an account that is disabled or deleted, and good again after it", async () => {
    const grant = cloud.google.grant(client);
    const access = cloud.google.accessToken(grant);
    const renew = (): Promise<Answer> => token(renewal(grant.refreshToken));
    cloud.google.setPerson("dev@example.com", "disabled");
    expectError(await renew(), 400, "invalid_grant", "Account disabled");
    expect(cloud.google.whose(access)).toBeUndefined();
    cloud.google.setPerson("dev@example.com", "deleted");
    expectError(await renew(), 400, "invalid_grant", "Account has been deleted");
    cloud.google.setPerson("dev@example.com", "active");
    expect((await renew()).status).toBe(200);
  });

  test("is refused to another client, and with a client that is deleted or disabled", async () => {
    const { refreshToken } = cloud.google.grant(client);
    const { id, secret } = cloud.google.addClient();
    const foreign = renewal(refreshToken, { client_id: id, client_secret: secret });
    expectError(await token(foreign), 401, "unauthorized_client");
    cloud.google.disableClient(client);
    const renew = (): Promise<Answer> => token(renewal(refreshToken));
    expectError(await renew(), 401, "disabled_client", "The OAuth client was disabled.");
    cloud.google.deleteClient(client);
    expectError(await renew(), 401, "deleted_client", "The OAuth client was deleted.");
  });

  test("is revoked by itself or by an access token, once", async () => {
    const revoke = (text: string): Promise<Answer> =>
      call(`https://oauth2.googleapis.com/revoke?${new URLSearchParams({ token: text })}`, {
        method: "POST",
      });
    const [first, second, third] = [1, 2, 3].map(() => cloud.google.grant(client));
    expect(await revoke(first!.refreshToken)).toMatchObject({ status: 200, body: {} });
    expectError(
      await revoke(first!.refreshToken),
      400,
      "invalid_token",
      "Token expired or revoked",
    );
    expect((await revoke(cloud.google.accessToken(second!))).status).toBe(200);
    expectError(await token(renewal(second!.refreshToken)), 400, "invalid_grant");
    expect((await token(renewal(third!.refreshToken))).status).toBe(200);
  });
});

describe("an organisation that asks again", () => {
  const renew = (refreshToken: string): Promise<Answer> => token(renewal(refreshToken));
  const reauth = (word: string): unknown => ({
    error: "invalid_grant",
    error_description: `reauth related error (${word})`,
    error_uri: "https://support.google.com/a/answer/9368756",
    error_subtype: word,
  });

  test("does so after a while; a new sign-in is good again, access tokens live on", async () => {
    cloud.google.sessionControl.lengthMs = 16 * hourMs;
    const { refreshToken } = cloud.google.grant(client);
    cloud.advance(16 * hourMs - minuteMs);
    const { body } = await renew(refreshToken);
    cloud.advance(minuteMs);
    expect(await renew(refreshToken)).toMatchObject({ status: 400, body: reauth("invalid_rapt") });
    expect(cloud.google.whose(body["access_token"])).toBe("dev@example.com");
    expect((await renew(cloud.google.grant(client).refreshToken)).status).toBe(200);
    expect(cloud.google.presentations()[1]?.outcome).toBe("invalid_grant invalid_rapt");
  });

  test("does so at once when an administrator says so, of those it is about", async () => {
    cloud.google.addPerson("me@gmail.com");
    const private_ = cloud.google.grant(client, "me@gmail.com");
    const other = cloud.google.grant(client, "ops@example.com");
    const signedIn = cloud.google.grant(client);
    const noCloud = cloud.google.grant(client, "dev@example.com", ["openid"]);
    cloud.google.sessionControl.subtype = "rapt_required";
    cloud.google.expireSessions("dev@example.com");
    expect((await renew(signedIn.refreshToken)).body).toEqual(reauth("rapt_required"));
    expect((await renew(other.refreshToken)).status).toBe(200);
    expect((await renew(noCloud.refreshToken)).status).toBe(200);
    cloud.google.expireSessions();
    expect((await renew(other.refreshToken)).status).toBe(400);
    expect((await renew(private_.refreshToken)).status).toBe(200);
  });
});

describe("a service account", () => {
  let robot: ServiceAccount;

  beforeEach(() => {
    robot = cloud.google.addServiceAccount();
  });

  const assertion = (changes: Readonly<Record<string, unknown>> = {}, key = robot.privateKey) => {
    const iat = Math.floor(cloud.now() / 1000);
    const aud = "https://oauth2.googleapis.com/token";
    const claims = { iss: robot.email, aud, iat, exp: iat + 3600, scope: platform, ...changes };
    return signJwt(claims, robot.keyId, key);
  };
  const present = (text: string): Promise<Answer> =>
    token({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: text });
  const seconds = (ms: number): number => Math.floor((cloud.now() + ms) / 1000);

  test("gets an access token, or an identity token", async () => {
    const { body } = await present(assertion());
    expect(body).toEqual({
      access_token: expect.stringMatching(/^ya29\.c/),
      expires_in: 3599,
      token_type: "Bearer",
    });
    expect(cloud.google.whose(body["access_token"])).toBe(robot.email);
    const id = await present(assertion({ scope: undefined, target_audience: "https://a.example" }));
    expect(Object.keys(id.body)).toEqual(["id_token"]);
    expect(cloud.google.claimsOf(id.body["id_token"])).toMatchObject({
      aud: "https://a.example",
      email: robot.email,
      sub: robot.uniqueId,
    });
    expect(cloud.google.count("assertion")).toBe(2);
  });

  test.each<[string, () => Readonly<Record<string, unknown>>, string, RegExp]>([
    [
      "made too early",
      () => ({ iat: seconds(-70 * minuteMs), exp: seconds(-10 * minuteMs) }),
      "invalid_grant",
      /short-lived token/,
    ],
    [
      "made ahead",
      () => ({ iat: seconds(6 * minuteMs), exp: seconds(66 * minuteMs) }),
      "invalid_grant",
      /short-lived token/,
    ],
    [
      "that lasts too long",
      () => ({ exp: seconds(2 * hourMs) }),
      "invalid_grant",
      /short-lived token/,
    ],
    ["for somebody else", () => ({ aud: "https://example.com" }), "invalid_grant", /audience/],
    ["of nobody", () => ({ iss: "nobody@example.com" }), "invalid_grant", /account not found/],
    ["for nothing", () => ({ scope: "" }), "invalid_scope", /Invalid OAuth scope/],
    [
      "in a person's name",
      () => ({ sub: "dev@example.com" }),
      "unauthorized_client",
      /not authorized/,
    ],
  ])("is refused an assertion %s", async (_, changes, error, words) => {
    const { status, body } = await present(assertion(changes()));
    expect([status, body["error"]]).toEqual([error === "unauthorized_client" ? 401 : 400, error]);
    expect(body["error_description"]).toMatch(words);
  });

  test("may be a little off with its clock", async () => {
    const early = { iat: seconds(4 * minuteMs), exp: seconds(64 * minuteMs) };
    expect((await present(assertion(early))).status).toBe(200);
  });

  test("is refused what it did not sign, and all once it is disabled or its key is gone", async () => {
    const forged = await present(assertion({}, newRsaKey().privateKey));
    expectError(forged, 400, "invalid_grant", "Invalid JWT Signature.");
    expectError(await present("x"), 400, "invalid_grant");
    const { body } = await present(assertion());
    cloud.google.setServiceAccount(robot, false);
    expectError(await present(assertion()), 400, "invalid_grant");
    expect(cloud.google.whose(body["access_token"])).toBeUndefined();
    cloud.google.setServiceAccount(robot, true);
    cloud.google.deleteKey(robot);
    expectError(await present(assertion()), 400, "invalid_grant", "Invalid JWT Signature.");
  });

  test("may call an API with a token that it signed itself, for that host", async () => {
    const url = "https://aiplatform.googleapis.com/v1/x";
    const ask = (changes: Readonly<Record<string, unknown>>): Promise<Answer> => {
      const own = assertion({ sub: robot.email, scope: undefined, ...changes });
      return call(url, { headers: { authorization: `Bearer ${own}` } });
    };
    expect((await ask({ aud: "https://aiplatform.googleapis.com/" })).body["caller"]).toBe(
      robot.email,
    );
    expect((await ask({ aud: undefined, scope: platform })).status).toBe(200);
    expect((await ask({ aud: "https://other.googleapis.com/" })).status).toBe(401);
    expect((await ask({ aud: undefined, scope: platform, sub: "x" })).status).toBe(401);
    const late = {
      aud: undefined,
      scope: platform,
      iat: seconds(-2 * hourMs),
      exp: seconds(-hourMs),
    };
    expect((await ask(late)).status).toBe(401);
  });
});

describe("another service account's token", () => {
  const base = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts";
  let robot: ServiceAccount;
  let bearer: Texts;

  beforeEach(() => {
    robot = cloud.google.addServiceAccount();
    cloud.google.allowImpersonation("dev@example.com", robot);
    bearer = { authorization: `Bearer ${cloud.google.accessToken(cloud.google.grant(client))}` };
  });

  const ask = (verb: string, json: unknown, to = robot): Promise<Answer> =>
    call(`${base}/${to.email}:${verb}`, { json, headers: bearer });

  test("is given for the time that is asked for", async () => {
    const { status, body } = await ask("generateAccessToken", {
      scope: [platform],
      lifetime: "600s",
    });
    expect(status).toBe(200);
    expect(body["expireTime"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Math.abs(Date.parse(body["expireTime"]) - cloud.now() - 600_000)).toBeLessThan(30_000);
    expect(cloud.google.whose(body["accessToken"])).toBe(robot.email);
    expect(cloud.google.scopesOf(body["accessToken"])).toEqual([platform]);
    cloud.google.setServiceAccount(robot, false);
    expect(cloud.google.whose(body["accessToken"])).toBeUndefined();
    cloud.google.setServiceAccount(robot, true);
    expect(cloud.google.whose(body["accessToken"])).toBe(robot.email);
    cloud.advance(600_000);
    expect(cloud.google.whose(body["accessToken"])).toBeUndefined();
    cloud.google.lifetimes.accessTokenMs = 20_000;
    bearer = { authorization: `Bearer ${cloud.google.accessToken(cloud.google.grant(client))}` };
    const short = await ask("generateAccessToken", { scope: [platform] });
    expect(Date.parse(short.body["expireTime"]) - cloud.now()).toBeLessThanOrEqual(20_000);
  });

  test("can be an identity token, with the address where that is asked for", async () => {
    const audience = "https://gateway.example.com";
    const plain = await ask("generateIdToken", { audience });
    const claims = cloud.google.claimsOf(plain.body["token"]);
    expect(claims).toMatchObject({ aud: audience, sub: robot.uniqueId });
    expect(claims).not.toHaveProperty("email");
    const named = await ask("generateIdToken", { audience, includeEmail: true });
    expect(cloud.google.claimsOf(named.body["token"])).toMatchObject({ email: robot.email });
    expect(cloud.google.count("impersonate-id")).toBe(2);
  });

  test.each<[string, string, unknown]>([
    ["too long a life", "generateAccessToken", { scope: [platform], lifetime: "3601s" }],
    ["a life that is no duration", "generateAccessToken", { scope: [platform], lifetime: 600 }],
    ["no scope", "generateAccessToken", { scope: [] }],
    ["a field nobody knows", "generateAccessToken", { scope: [platform], ttl: 1 }],
    ["delegates that are no list", "generateAccessToken", { scope: [platform], delegates: "x" }],
    ["no audience", "generateIdToken", {}],
    ["no object", "generateIdToken", []],
  ])("is refused with %s", async (_, verb, json) => {
    const answer = await ask(verb, json);
    expect(answer).toMatchObject({ status: 400, body: { error: { status: "INVALID_ARGUMENT" } } });
  });

  test("is given along a chain in which each may become the next", async () => {
    const last = cloud.google.addServiceAccount("last");
    const scope = [platform];
    const delegates = [`projects/-/serviceAccounts/${robot.email}`];
    const denied = await ask("generateAccessToken", { scope, delegates }, last);
    expect(denied.body["error"]).toEqual({
      code: 403,
      message: expect.stringContaining("'iam.serviceAccounts.getAccessToken' denied on resource"),
      status: "PERMISSION_DENIED",
      details: [expect.objectContaining({ reason: "IAM_PERMISSION_DENIED" })],
    });
    cloud.google.allowImpersonation(robot.email, last);
    const { body } = await ask("generateAccessToken", { scope, delegates }, last);
    expect(cloud.google.whose(body["accessToken"])).toBe(last.email);
    expect((await ask("generateAccessToken", { scope }, last)).status).toBe(403);
    cloud.google.forbidImpersonation("dev@example.com", robot);
    expect((await ask("generateAccessToken", { scope, delegates }, last)).status).toBe(403);
  });

  test("needs a good token of whoever asks, with the right scope", async () => {
    const json = { scope: [platform] };
    const grant = cloud.google.grant(client, "dev@example.com", ["openid", email]);
    bearer = { authorization: `Bearer ${cloud.google.accessToken(grant)}` };
    const narrow = await ask("generateAccessToken", json);
    expect([narrow.status, narrow.text]).toEqual([
      403,
      expect.stringContaining("SCOPE_INSUFFICIENT"),
    ]);
    bearer = { authorization: "Bearer x" };
    const bad = await ask("generateAccessToken", json);
    expect(bad).toMatchObject({ status: 401, body: { error: { status: "UNAUTHENTICATED" } } });
    expect((await ask("signNothing", json)).status).toBe(404);
  });
});

describe("outside identities", () => {
  let pool: Pool;

  beforeEach(() => {
    pool = cloud.google.addPool({ kind: "workload" });
  });

  const form = (changes: Texts = {}): Texts => ({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience: pool.audience,
    scope: platform,
    requested_token_type: tokenTypes.accessToken,
    subject_token: cloud.google.subjectToken(pool, "job-1"),
    subject_token_type: tokenTypes.jwt,
    ...changes,
  });
  const exchange = (changes: Texts = {}): Promise<Answer> =>
    call("https://sts.googleapis.com/v1/token", { form: form(changes) });

  test("exchange a token of their issuer", async () => {
    const { body } = await exchange();
    expect(body).toEqual({
      access_token: expect.any(String),
      issued_token_type: tokenTypes.accessToken,
      token_type: "Bearer",
      expires_in: 3599,
    });
    expect(cloud.google.whose(body["access_token"])).toBe(principalOf(pool, "job-1"));
    expect(principalOf(pool, "job-1")).toMatch(
      /^principal:\/\/iam\.googleapis\.com\/.*\/subject\/job-1$/,
    );
    expect(cloud.google.count("exchange")).toBe(1);
  });

  test("exchange nothing that has expired, is of another pool or type, or for nobody", async () => {
    const late = cloud.google.subjectToken(pool, "job-1", { lifetimeMs: 1000 });
    cloud.advance(1000);
    expectError(await exchange({ subject_token: late }), 400, "invalid_grant");
    const other = cloud.google.addPool({ kind: "workload", id: "other" });
    const foreign = cloud.google.subjectToken(other, "job-1");
    expectError(await exchange({ subject_token: foreign }), 400, "invalid_grant");
    expectError(await exchange({ subject_token: "x" }), 400, "invalid_grant");
    expectError(await exchange({ subject_token_type: tokenTypes.saml2 }), 400, "invalid_grant");
    expectError(await exchange({ audience: "//iam.googleapis.com/x" }), 400, "invalid_target");
    expectError(await exchange({ requested_token_type: tokenTypes.jwt }), 400, "invalid_request");
    expectError(await exchange({ scope: "" }), 400, "invalid_scope");
    expectError(await exchange({ resource: "x" }), 400, "invalid_request");
    expectError(await exchange({ grant_type: "x" }), 400, "unsupported_grant_type");
    expectError(
      await exchange({ client_id: client.id, client_secret: "x" }),
      401,
      "invalid_client",
    );
  });
});

describe("a workforce", () => {
  let pool: Pool;

  const base = "https://auth.cloud.google/authorize";
  const asked = (changes: Texts = {}): Texts =>
    question({ scope: platform, provider_name: pool.providerName, ...changes });
  const basic = (): Texts => ({
    authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`,
  });
  const tokens = (form: Texts, headers = basic()): Promise<Answer> =>
    call("https://sts.googleapis.com/v1/oauthtoken", { form, headers });
  const renew = (refreshToken: string): Promise<Answer> =>
    tokens({ grant_type: "refresh_token", refresh_token: refreshToken });
  const signIn = async (): Promise<Answer> => {
    const code = (await led(pageUrl(asked(), base))).searchParams.get("code")!;
    return tokens({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
  };

  beforeEach(() => {
    pool = cloud.google.addPool({ users: ["eve@partner.example"] });
  });

  test("signs in by its own page, where the login configuration says", async () => {
    const config: Texts = JSON.parse(workforceLoginConfig(pool));
    expect([config["auth_url"], config["audience"]]).toEqual([base, pool.audience]);
    const { body } = await signIn();
    expect(body).toEqual({
      access_token: expect.any(String),
      issued_token_type: tokenTypes.accessToken,
      token_type: "Bearer",
      expires_in: 3599,
      scope: platform,
      refresh_token: expect.any(String),
    });
    expect(cloud.google.whose(body["access_token"])).toBe(principalOf(pool, "eve@partner.example"));
    const form = { token: body["access_token"] };
    const info = await call(config["token_info_url"]!, { form, headers: basic() });
    expect(info.body).toMatchObject({
      active: true,
      username: principalOf(pool, "eve@partner.example"),
    });
    const counts = ["workforce-authorize", "workforce-code"] as const;
    expect(counts.map((kind) => cloud.google.count(kind))).toEqual([1, 1]);
  });

  test("is refused fields that nobody knows", async () => {
    const { refreshToken } = cloud.google.workforceGrant(pool, client);
    const code = (await led(pageUrl(asked(), base))).searchParams.get("code")!;
    const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
    const redeemed = await tokens({ ...form, code_verifier: verifier, audience: "x" });
    expectError(redeemed, 400, "invalid_request");
    const renewed = { grant_type: "refresh_token", refresh_token: refreshToken, audience: "x" };
    expectError(await tokens(renewed), 400, "invalid_request");
  });

  test("hears a no, and is refused an unknown provider", async () => {
    const back = await led(pageUrl(asked(), base), { deny: true });
    expect(back.searchParams.get("error")).toBe("access_denied");
    const programs = cloud.google.addPool({ kind: "workload" });
    for (const name of ["x", programs.providerName]) {
      expect((await call(pageUrl(asked({ provider_name: name }), base))).status).toBe(400);
    }
    const stranger = await cloud.approve(pageUrl(asked(), base), { user: "dev@example.com" });
    expect(stranger.status).toBe(400);
  });

  test("keeps its refresh token where the pool does not rotate", async () => {
    const { refreshToken } = cloud.google.workforceGrant(pool, client);
    for (let times = 0; times < 2; times += 1) {
      const { status, body } = await renew(refreshToken);
      expect([status, body["refresh_token"]]).toEqual([200, undefined]);
    }
    cloud.google.endWorkforceSessions("somebody else");
    expect((await renew(refreshToken)).status).toBe(200);
    cloud.google.endWorkforceSessions();
    expectError(await renew(refreshToken), 400, "invalid_grant");
  });

  test("gets a new one each time where it does; a spent one ends the sign-in", async () => {
    pool = cloud.google.addPool({ rotation: "always", id: "strict" });
    const first = cloud.google.workforceGrant(pool, client).refreshToken;
    const { body } = await renew(first);
    const second = String(body["refresh_token"]);
    expect(second).not.toBe(first);
    expect((await renew(second)).status).toBe(200);
    const third = cloud.google.presentations().length;
    expectError(await renew(first), 400, "invalid_grant");
    expectError(await renew(second), 400, "invalid_grant");
    expect(cloud.google.whose(body["access_token"])).toBeUndefined();
    expect(cloud.google.presentations()[third]).toEqual({
      refreshToken: first,
      clientId: client.id,
      at: expect.any(Number),
      outcome: "invalid_grant",
    });
  });

  test("is signed out when its session is over, access tokens too", async () => {
    pool = cloud.google.addPool({ sessionMs: 90 * minuteMs, id: "short" });
    const { refreshToken } = cloud.google.workforceGrant(pool, client);
    cloud.advance(60 * minuteMs);
    const { body } = await renew(refreshToken);
    expect(Math.abs(body["expires_in"] - 1799)).toBeLessThan(30);
    cloud.advance(30 * minuteMs);
    expectError(await renew(refreshToken), 400, "invalid_grant");
    expect(cloud.google.whose(body["access_token"])).toBeUndefined();
  });

  test("is renewed for its own client only, and revoked", async () => {
    const { refreshToken } = cloud.google.workforceGrant(pool, client);
    const own = basic();
    client = cloud.google.addClient();
    expectError(await renew(refreshToken), 400, "invalid_grant");
    const form = { token: refreshToken };
    const revoked = await call("https://sts.googleapis.com/v1/revoke", { form, headers: own });
    expect(revoked.status).toBe(200);
    const again = { grant_type: "refresh_token", refresh_token: refreshToken };
    expectError(await tokens(again, own), 400, "invalid_grant");
    expectError(await tokens({ grant_type: "x" }), 400, "unsupported_grant_type");
  });
});

describe("an API", () => {
  const url = "https://us-central1-aiplatform.googleapis.com/v1/models/x:rawPredict";

  test("says whose token it got, and keeps it", async () => {
    const access = cloud.google.accessToken(cloud.google.grant(client));
    const headers = { authorization: `Bearer ${access}`, "x-goog-user-project": "p" };
    const { body } = await call(url, { json: {}, headers });
    expect(body).toMatchObject({ caller: "dev@example.com" });
    expect(cloud.google.apiCalls()).toEqual([
      {
        host: "us-central1-aiplatform.googleapis.com",
        path: "/v1/models/x:rawPredict",
        principal: "dev@example.com",
        token: access,
        quotaProject: "p",
      },
    ]);
    const info = await call("https://openidconnect.googleapis.com/v1/userinfo", { headers });
    expect(info.body).toMatchObject({ email: "dev@example.com" });
    const projects = "https://cloudresourcemanager.googleapis.com/v1/projects/example-project";
    const permissions = ["serviceusage.services.use"];
    const may = await call(`${projects}:testIamPermissions`, { json: { permissions }, headers });
    expect(may.body).toEqual({ permissions });
    expect((await call(`${projects}-not`, { headers })).status).toBe(404);
  });

  test("lets nobody in without a good token", async () => {
    expect((await call(url)).status).toBe(401);
    const grant = cloud.google.grant(client, "dev@example.com", [email]);
    const headers = { authorization: `Bearer ${cloud.google.accessToken(grant)}` };
    expect((await call(url, { headers })).status).toBe(403);
    expect(cloud.google.apiCalls()).toEqual([]);
    expect(cloud.google.count("api")).toBe(2);
  });

  test("publishes the key of identity tokens", async () => {
    const { body } = await call("https://www.googleapis.com/oauth2/v3/certs");
    expect(body["keys"]).toEqual([expect.objectContaining({ kty: "RSA", alg: "RS256" })]);
  });
});

describe("token information", () => {
  const ask = (query: Texts): Promise<Answer> =>
    call(`https://oauth2.googleapis.com/tokeninfo?${new URLSearchParams(query).toString()}`);

  test("is given of access and identity tokens, and of nothing else", async () => {
    const { body } = await token(redemption(await codeOf()));
    expect((await ask({ access_token: body["access_token"] })).body).toEqual({
      azp: client.id,
      aud: client.id,
      sub: expect.any(String),
      scope: `openid ${email} ${platform}`,
      exp: expect.stringMatching(/^\d+$/),
      expires_in: expect.stringMatching(/^3\d{3}$/),
      email: "dev@example.com",
      email_verified: "true",
      access_type: "offline",
    });
    expect((await ask({ id_token: body["id_token"] })).body).toMatchObject({ aud: client.id });
    expectError(await ask({ access_token: "x" }), 400, "invalid_token");
    expectError(await ask({ id_token: `${body["id_token"]}x` }), 400, "invalid_token");
  });
});

test("faults, the clock and the log work as on the other hosts", async () => {
  const { refreshToken } = cloud.google.grant(client);
  const headers = { "retry-after": "30" };
  cloud.faults.add({
    kind: "status",
    status: 429,
    headers,
    host: "oauth2.googleapis.com",
    times: 1,
  });
  const throttled = await token(renewal(refreshToken));
  expect([throttled.status, throttled.headers["retry-after"]]).toEqual([429, "30"]);
  expect(cloud.google.count("refresh")).toBe(0);
  cloud.advance(-hourMs);
  const { headers: seen } = await token(renewal(refreshToken));
  expect(Math.abs(Date.parse(seen.date!) - Date.now() + hourMs)).toBeLessThan(30_000);
  expect(cloud.log.count({ host: "oauth2.googleapis.com", grantType: "refresh_token" })).toBe(2);
  cloud.faults.add({ kind: "lose-reply", host: "sts.googleapis.com", times: 1 });
  const pool = cloud.google.addPool({ rotation: "always" });
  const grant = cloud.google.workforceGrant(pool, client);
  const form = {
    grant_type: "refresh_token",
    refresh_token: grant.refreshToken,
    client_id: client.id,
    client_secret: client.secret,
  };
  const lost = call("https://sts.googleapis.com/v1/oauthtoken", { form });
  await expect(lost).rejects.toThrow();
  const again = await call("https://sts.googleapis.com/v1/oauthtoken", { form });
  expect(again.body["error"]).toBe("invalid_grant");
});

test("the file of a client is as the console gives it", () => {
  expect(JSON.parse(installedClientFile(client))).toEqual({
    installed: expect.objectContaining({
      client_id: client.id,
      client_secret: client.secret,
      auth_uri: "https://accounts.google.com/o/oauth2/auth",
      token_uri: "https://oauth2.googleapis.com/token",
    }),
  });
});
