import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { PageRequest, SignInRequest } from "../../../electron/core/source.ts";
import { readGrant } from "../../../electron/sources/aws/grant.ts";
import type { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { signInOptions } from "../../fakes/source.ts";
import { legacyCorp, never, pageOf, startWorld, type World } from "./world.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
let world: World;

beforeEach(async () => {
  world = await startWorld({ lifetimes: { deviceIntervalMs: 5_000 } });
});

afterEach(() => world.close());

/** A sign-in that is open, and what it has shown. */
const open = async (
  source: AwsSsoSource,
  flow: "code" | "device",
  signal: AbortSignal = never,
  previous?: Grant,
): Promise<{ readonly request: PageRequest; readonly outcome: Promise<Grant> }> => {
  let outcome: Promise<Grant> | undefined;
  const request = await new Promise<PageRequest>((resolve, reject) => {
    const show = (shown: SignInRequest): void => {
      resolve(pageOf(shown));
    };
    outcome = source.signIn(signInOptions(flow, show, previous), signal);
    outcome.catch(reject);
  });
  return { request, outcome: outcome! };
};

/** Asks the waiting receiver for something; gives the status. */
const ask = (url: string, headers: Record<string, string> = {}, method = "GET"): Promise<number> =>
  new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });

const redirectUriOf = ({ url }: PageRequest): string =>
  new URL(url).searchParams.get("redirect_uri") ?? "";

const registrations = (): readonly Record<string, unknown>[] =>
  world.cloud.log
    .all({ path: "/client/register" })
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>);

test("the code flow registers as the AWS CLI does, and its address has everything that PKCE needs", async () => {
  const source = world.source();
  const { request, outcome } = await open(source, "code");
  const url = new URL(request.url);
  expect(url.origin + url.pathname).toBe("https://oidc.us-east-1.amazonaws.com/authorize");
  const query = Object.fromEntries(url.searchParams);
  expect(query).toMatchObject({
    response_type: "code",
    code_challenge_method: "S256",
    scopes: "sso:account:access",
  });
  expect(query["code_challenge"]).toMatch(/^[\w-]{43}$/);
  expect(query["state"]!.length).toBeGreaterThanOrEqual(22);
  expect(query["redirect_uri"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
  expect(registrations()).toEqual([
    {
      clientName: "Evercred",
      clientType: "public",
      scopes: ["sso:account:access"],
      grantTypes: ["authorization_code", "refresh_token"],
      redirectUris: ["http://127.0.0.1/oauth/callback"],
      issuerUrl: "https://d-1234567890.awsapps.com/start",
    },
  ]);
  await world.answer(request);
  await outcome;
});

test("the code flow ends in a renewable grant of the provider's lifetime, the verifier at least 64 long", async () => {
  const { request, outcome } = await open(world.source(), "code");
  await world.answer(request);
  const grant = await outcome;
  expect(grant.renewable).toBe(true);
  expect(grant.expiresAt - grant.issuedAt).toBe(60 * minute);
  const [exchange] = world.cloud.log.all({ path: "/token" });
  const body = JSON.parse(exchange!.body) as Record<string, string>;
  expect(body["codeVerifier"]!.length).toBeGreaterThanOrEqual(64);
  expect(body["redirectUri"]).toBe(redirectUriOf(request));
});

test("two sign-ins share neither state nor verifier", async () => {
  const first = await open(world.source(), "code");
  const second = await open(world.source(), "code");
  for (const key of ["state", "code_challenge", "redirect_uri"]) {
    expect(new URL(first.request.url).searchParams.get(key)).not.toBe(
      new URL(second.request.url).searchParams.get(key),
    );
  }
  for (const { request, outcome } of [first, second]) {
    await world.answer(request);
    await outcome;
  }
});

test("the browser is told of success, and nobody listens any more", async () => {
  const { request, outcome } = await open(world.source(), "code");
  const page = await world.answer(request);
  await outcome;
  expect(page).toContain("You are signed in.");
  expect(page).toContain("You can close this tab.");
  await expect(ask(redirectUriOf(request))).rejects.toThrow(/ECONNREFUSED/);
});

test("the browser is told of success only after the exchange has succeeded", async () => {
  const fault = world.cloud.faults.add({ path: "/token", kind: "hang" });
  const { request, outcome } = await open(world.source(), "code");
  let page: string | undefined;
  const answered = world.answer(request).then((text) => (page = text));
  await world.cloud.log.waitForArrival({ path: "/token" });
  expect(page).toBeUndefined();
  fault.remove();
  await outcome;
  expect(await answered).toContain("You are signed in.");
});

test("where the exchange fails the browser is told what failed", async () => {
  const body = JSON.stringify({ error: "invalid_grant", error_description: "Bad <code>" });
  world.cloud.faults.add({ path: "/token", kind: "status", status: 400, body });
  const { request, outcome } = await open(world.source(), "code");
  const failed = expect(outcome).rejects.toMatchObject({ code: "sign-in-denied" });
  const page = await world.answer(request);
  await failed;
  expect(page).toContain("You are not signed in.");
  expect(page).toContain("Bad &#60;code&#62;");
  expect(page).not.toContain("<code>");
});

test("a browser that waits for 30 s is told to look elsewhere, and the sign-in goes on", async () => {
  const fault = world.cloud.faults.add({ path: "/token", kind: "hang" });
  const { request, outcome } = await open(world.source(), "code");
  const answered = world.answer(request);
  await world.cloud.log.waitForArrival({ path: "/token" });
  await world.pass(30_000);
  expect(await answered).toContain("Not finished yet");
  fault.remove();
  await expect(outcome).resolves.toMatchObject({ renewable: true });
});

test("a person's refusal is told in the provider's words, to the caller and in the browser", async () => {
  const { request, outcome } = await open(world.source(), "code");
  const failed = expect(outcome).rejects.toMatchObject({
    code: "sign-in-denied",
    message: "The sign-in to corp was refused. It says: The person denied the request.",
  });
  const page = await world.answer(request, { deny: true });
  await failed;
  expect(page).toContain("The person denied the request.");
  expect(page).toContain("You are not signed in.");
});

test("the provider's own fault on its page is not taken for a refusal", async () => {
  const { request, outcome } = await open(world.source(), "code");
  const failed = expect(outcome).rejects.toMatchObject({ code: "provider-unavailable" });
  const state = new URL(request.url).searchParams.get("state") ?? "";
  expect(await ask(`${redirectUriOf(request)}?error=server_error&state=${state}`)).toBe(400);
  await failed;
});

test("a wrong state, a favicon, a wrong method, a foreign host and half a redirect end nothing", async () => {
  const { request, outcome } = await open(world.source(), "code");
  const uri = redirectUriOf(request);
  const { origin, port } = new URL(uri);
  const state = new URL(request.url).searchParams.get("state") ?? "";
  expect(await ask(`${uri}?code=x&state=wrong`)).toBe(400);
  expect(await ask(`${uri}?code=x`)).toBe(400);
  expect(await ask(`${uri}?code=x&state=${state}&state=${state}`)).toBe(400);
  expect(await ask(`${uri}?state=${state}`)).toBe(400);
  expect(await ask(`${uri}?code=&state=${state}`)).toBe(400);
  expect(await ask(`${uri}?error=access_denied&state=wrong`)).toBe(400);
  expect(await ask(`${origin}/favicon.ico`)).toBe(404);
  expect(await ask(`${origin}/`)).toBe(404);
  expect(await ask(`${uri}/?code=x&state=${state}`)).toBe(404);
  expect(await ask(`${uri}?code=x&state=${state}`, {}, "POST")).toBe(405);
  expect(await ask(`${uri}?code=x&state=${state}`, {}, "HEAD")).toBe(405);
  expect(await ask(`${uri}?code=x&state=${state}`, { host: `evil.example:${port}` })).toBe(421);
  expect(await ask(`${uri}?code=x&state=${state}`, { host: "127.0.0.1" })).toBe(421);
  expect(await ask(`${uri}?code=${"x".repeat(64 * 1024)}&state=${state}`)).toBe(431);
  await world.answer(request);
  await expect(outcome).resolves.toMatchObject({ renewable: true });
});

test("a second redirect while the first is being redeemed changes nothing", async () => {
  const fault = world.cloud.faults.add({ path: "/token", kind: "hang" });
  const { request, outcome } = await open(world.source(), "code");
  const answered = world.answer(request);
  await world.cloud.log.waitForArrival({ path: "/token" });
  const state = new URL(request.url).searchParams.get("state") ?? "";
  expect(await ask(`${redirectUriOf(request)}?error=access_denied&state=${state}`)).toBe(410);
  fault.remove();
  await expect(outcome).resolves.toMatchObject({ renewable: true });
  expect(await answered).toContain("You are signed in.");
  expect(world.cloud.log.count({ path: "/token" })).toBe(1);
});

test("nobody listens for the browser on an address but 127.0.0.1", async () => {
  const { request, outcome } = await open(world.source(), "code");
  const { port } = new URL(redirectUriOf(request));
  await expect(ask(`http://127.0.0.2:${port}/oauth/callback`)).rejects.toThrow(/ECONNREFUSED/);
  await world.answer(request);
  await outcome;
});

test("a code flow that nobody answers has timed out after 10 minutes, and nobody listens any more", async () => {
  const { request, outcome } = await open(world.source(), "code");
  expect(request.endsAt).toBe(world.clock.now() + 10 * minute);
  const failed = expect(outcome).rejects.toMatchObject({ code: "timed-out" });
  await world.pass(10 * minute);
  await failed;
  await expect(ask(redirectUriOf(request))).rejects.toThrow(/ECONNREFUSED/);
});

test("a code flow that is stopped lets nobody in any more", async () => {
  const stop = new AbortController();
  const { request, outcome } = await open(world.source(), "code", stop.signal);
  const reason = new EvercredError("cancelled");
  const failed = expect(outcome).rejects.toBe(reason);
  stop.abort(reason);
  await failed;
  await expect(ask(redirectUriOf(request))).rejects.toThrow(/ECONNREFUSED/);
});

test("a sign-in that is stopped during its exchange rejects with the signal's reason", async () => {
  world.cloud.faults.add({ path: "/token", kind: "hang" });
  const stop = new AbortController();
  const { request, outcome } = await open(world.source(), "code", stop.signal);
  const reason = new EvercredError("cancelled", "Stopped here.");
  const failed = expect(outcome).rejects.toBe(reason);
  const answered = world.answer(request);
  await world.cloud.log.waitForArrival({ path: "/token" });
  stop.abort(reason);
  await failed;
  expect(await answered).toContain("Stopped here.");
});

test.each(["InvalidRedirectUriException", "UnsupportedGrantTypeException"])(
  "where the provider has no code flow (%s), the device flow is used",
  async (exception) => {
    const headers = { "x-amzn-errortype": exception };
    const fault = { path: "/client/register", times: 1, kind: "status", status: 400 } as const;
    world.cloud.faults.add({ ...fault, headers, body: "{}" });
    const { request, outcome } = await open(world.source(), "code");
    expect(request.flow).toBe("device");
    await world.answer(request);
    await expect(outcome).resolves.toMatchObject({ renewable: true });
  },
);

test.each([
  ["a source that is configured so", { flow: "device" }],
  ["a legacy source", legacyCorp],
] as const)("%s uses the device flow whatever is wished", async (_, definition) => {
  const { request, outcome } = await open(world.source(definition), "code");
  expect(request.flow).toBe("device");
  await world.answer(request);
  await outcome;
});

test("the device flow registers as the AWS CLI does, and shows the page with the code in it", async () => {
  const { request, outcome } = await open(world.source(), "device");
  expect(registrations()).toEqual([
    { clientName: "Evercred", clientType: "public", scopes: ["sso:account:access"] },
  ]);
  expect(request.userCode).toMatch(/^\w{4}-\w{4}$/);
  expect(request.url).toBe(
    `https://device.sso.us-east-1.amazonaws.com/?user_code=${request.userCode!}`,
  );
  expect(request.endsAt).toBe(world.clock.now() + 10 * minute);
  await world.answer(request);
  await expect(outcome).resolves.toMatchObject({ renewable: true });
});

test("the device flow asks at the interval that the provider has named, not before", async () => {
  const { request, outcome } = await open(world.source(), "device");
  const polls = (): number => world.cloud.log.count({ path: "/token" });
  for (let i = 0; i < 3; i++) {
    await world.clock.armed(5_000);
    await world.pass(4_999);
    expect(polls()).toBe(i);
    await world.pass(1);
    await world.cloud.log.waitFor({ path: "/token" }, i + 1);
  }
  await world.clock.armed(5_000);
  await world.answer(request);
  await expect(outcome).resolves.toMatchObject({ renewable: true });
  expect(polls()).toBe(4);
});

test("told to slow down, the device flow waits five seconds more each time", async () => {
  const { request, outcome } = await open(world.source(), "device");
  world.cloud.faults.add({
    path: "/token",
    times: 2,
    kind: "status",
    status: 400,
    body: JSON.stringify({ error: "slow_down" }),
    headers: { "x-amzn-errortype": "SlowDownException" },
  });
  const waits: number[] = [];
  for (let i = 1; i <= 3; i++) {
    await world.clock.armed(60_000);
    const wait = world.clock.pending[0]! - world.clock.now();
    waits.push(wait);
    await world.pass(wait);
    await world.cloud.log.waitFor({ path: "/token" }, i);
  }
  expect(waits).toEqual([5_000, 10_000, 15_000]);
  await world.clock.armed(60_000);
  await world.answer(request);
  await outcome;
});

test("a person's refusal ends the device flow", async () => {
  const { request, outcome } = await open(world.source(), "device");
  const failed = expect(outcome).rejects.toMatchObject({
    code: "sign-in-denied",
    message: expect.stringContaining("The person denied the request"),
  });
  await world.answer(request, { deny: true });
  await failed;
});

test("a device code that lapses at the provider has timed out", async () => {
  const { outcome } = await open(world.source(), "device");
  const failed = expect(outcome).rejects.toMatchObject({ code: "timed-out" });
  world.cloud.advance(11 * minute);
  await world.clock.armed(5_000);
  await world.clock.advance(5_000);
  await failed;
});

test("the device flow has its own end, whatever the provider says", async () => {
  const { outcome } = await open(world.source(), "device");
  const body = JSON.stringify({ error: "authorization_pending" });
  world.cloud.faults.add({ path: "/token", kind: "status", status: 400, body });
  const failed = expect(outcome).rejects.toMatchObject({ code: "timed-out" });
  await world.pass(10 * minute);
  await failed;
});

test("a network that comes and goes does not end the device flow", async () => {
  const { request, outcome } = await open(world.source(), "device");
  const faults = [
    { kind: "reset" },
    { kind: "html" },
    { kind: "status", status: 503 },
    { kind: "unreachable" },
  ] as const;
  for (const fault of faults) {
    const handle = world.cloud.faults.add({ path: "/token", ...fault });
    await world.clock.armed(5_000);
    await world.pass(5_000);
    await world.clock.armed(5_000);
    // A tunnel that is cut may fail the poll before another one is asked for.
    if (fault.kind !== "unreachable") expect(handle.hits).toBe(1);
    handle.remove();
  }
  await world.answer(request);
  await expect(outcome).resolves.toMatchObject({ renewable: true });
});

test("a throttled poll waits as long as the provider asks", async () => {
  const { request, outcome } = await open(world.source(), "device");
  const headers = { "retry-after": "40" };
  world.cloud.faults.add({ path: "/token", times: 1, kind: "status", status: 429, headers });
  await world.clock.armed(5_000);
  await world.pass(5_000);
  await world.clock.armed(60_000);
  expect(world.clock.pending[0]! - world.clock.now()).toBe(40_000);
  await world.answer(request);
  await outcome;
});

test("a legacy sign-in has no scopes, no refresh token, and the provider's fixed lifetime", async () => {
  const grant = await world.signIn(world.source(legacyCorp));
  expect(registrations()).toEqual([{ clientName: "Evercred", clientType: "public" }]);
  expect(grant).toMatchObject({ renewable: false, scopes: [] });
  expect(grant.expiresAt - grant.issuedAt).toBe(8 * 60 * minute);
});

test("a registration is used again for the next sign-in", async () => {
  const source = world.source();
  for (const flow of ["code", "device"] as const) {
    world.cloud.log.clear();
    const first = await world.signIn(source, flow);
    const second = await world.signIn(source, flow, first);
    await world.signIn(source, flow, await source.renew(second, never));
    expect(registrations()).toHaveLength(1);
  }
});

test("a registration with less than 30 days left, of another flow, other scopes or another place is not used again", async () => {
  const source = world.source();
  const previous = await world.signIn(source, "code");
  await world.signIn(source, "device", previous);
  expect(registrations()).toHaveLength(2);
  await world.signIn(world.source({ scopes: ["codewhisperer:x"] }), "code", previous);
  expect(registrations()).toHaveLength(3);
  await world.pass(60 * day - minute);
  await world.signIn(source, "code", previous);
  expect(registrations()).toHaveLength(3);
  await world.pass(2 * minute);
  await world.signIn(source, "code", previous);
  expect(registrations()).toHaveLength(4);
});

test("a registration that the provider has forgotten is replaced by a new one in the device flow", async () => {
  const source = world.source();
  const previous = await world.signIn(source, "device");
  const headers = { "x-amzn-errortype": "InvalidClientException" };
  const fault = { kind: "status", times: 1, status: 401, body: "{}" } as const;
  world.cloud.faults.add({ path: "/device_authorization", ...fault, headers });
  await world.signIn(source, "device", previous);
  expect(registrations()).toHaveLength(2);
});

test("an authorization endpoint that the registration names is the one that is opened, also later", async () => {
  const registered = {
    clientId: "c",
    clientSecret: "s",
    clientSecretExpiresAt: Math.floor(world.clock.now() / 1000) + 90 * 86_400,
    authorizationEndpoint: "https://elsewhere.example.com/authorize",
  };
  world.cloud.faults.add({
    path: "/client/register",
    times: 1,
    kind: "status",
    status: 200,
    body: JSON.stringify(registered),
  });
  world.cloud.faults.add({
    path: "/token",
    kind: "status",
    status: 200,
    body: JSON.stringify({ accessToken: "a", refreshToken: "r", expiresIn: 3600 }),
  });
  const elsewhere = /^https:\/\/elsewhere\.example\.com\/authorize\?response_type=code&/;
  const first = await open(world.source(), "code");
  expect(first.request.url).toMatch(elsewhere);
  const state = new URL(first.request.url).searchParams.get("state") ?? "";
  expect(await ask(`${redirectUriOf(first.request)}?code=x&state=${state}`)).toBe(200);
  const stop = new AbortController();
  const second = await open(world.source(), "code", stop.signal, await first.outcome);
  expect(second.request.url).toMatch(elsewhere);
  stop.abort(new EvercredError("cancelled"));
  await expect(second.outcome).rejects.toMatchObject({ code: "cancelled" });
});

test.each([
  [
    "/client/register",
    {
      authorizationEndpoint: "http://x/",
      clientId: "c",
      clientSecret: "s",
      clientSecretExpiresAt: 2e9,
    },
  ],
  ["/client/register", { clientId: "c", clientSecret: "", clientSecretExpiresAt: 2e9 }],
  ["/client/register", { clientId: "c", clientSecret: "s" }],
  ["/client/register", { clientId: "c", clientSecret: "s", clientSecretExpiresAt: 2e12 }],
  ["/client/register", { clientId: {}, clientSecret: "s", clientSecretExpiresAt: 2e9 }],
  [
    "/device_authorization",
    { deviceCode: "d", userCode: "u", verificationUriComplete: "javascript:1", expiresIn: 600 },
  ],
  [
    "/device_authorization",
    { deviceCode: "d", userCode: "u", verificationUriComplete: "https://x/" },
  ],
  [
    "/device_authorization",
    { deviceCode: "d", verificationUriComplete: "https://x/", expiresIn: 600 },
  ],
  ["/token", { accessToken: "", expiresIn: 3600 }],
  ["/token", { accessToken: "a" }],
  ["/token", { accessToken: "a", expiresIn: -1 }],
  ["/token", { accessToken: "a", expiresIn: "soon" }],
])("a reply of %s that lacks what it must have is no sign-in: %j", async (path, reply) => {
  world.cloud.faults.add({ path, kind: "status", status: 200, body: JSON.stringify(reply) });
  const flow = path === "/device_authorization" ? "device" : "code";
  await expect(world.signIn(world.source(), flow)).rejects.toMatchObject({ code: "reply-invalid" });
});

test("a device flow whose provider names no interval asks every five seconds", async () => {
  const reply = {
    deviceCode: "d",
    userCode: "u",
    verificationUriComplete: "https://x/",
    expiresIn: 600,
  };
  world.cloud.faults.add({
    path: "/device_authorization",
    kind: "status",
    status: 200,
    body: JSON.stringify(reply),
  });
  const stop = new AbortController();
  const { outcome } = await open(world.source(), "device", stop.signal);
  await world.clock.armed(60_000);
  expect(world.clock.pending[0]! - world.clock.now()).toBe(5_000);
  stop.abort(new EvercredError("cancelled"));
  await expect(outcome).rejects.toMatchObject({ code: "cancelled" });
});

test("what the sign-in was for is in the grant, of its tokens and our registration nothing in clear", async () => {
  const grant = await world.signIn(world.source());
  const saved = readGrant(grant.saved);
  expect(saved).toMatchObject({
    version: 1,
    startUrl: "https://d-1234567890.awsapps.com/start",
    region: "us-east-1",
    scopes: ["sso:account:access"],
    signedInAt: grant.issuedAt,
    registration: { redirectUri: "http://127.0.0.1/oauth/callback" },
  });
  expect(grant).toMatchObject({
    scopes: ["sso:account:access"],
    registeredUntil: saved!.registration!.expiresAt,
  });
  expect(JSON.stringify(grant)).not.toContain(saved!.refreshToken);
  expect(JSON.stringify(grant)).not.toContain(saved!.registration!.clientSecret);
  expect(JSON.stringify(world.log.lines)).not.toContain(saved!.accessToken);
});

test("every request says who we are", async () => {
  await world.signIn(world.source());
  for (const { headers } of world.cloud.log.all({ host: /^oidc/, method: "POST" })) {
    expect(headers["user-agent"]).toMatch(/\bapp\/evercred\b/);
  }
});
