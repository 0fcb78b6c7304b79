import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { PageRequest, SignInRequest, Source } from "../../../electron/core/source.ts";
import { listen } from "../../fakes/cloud/listening.ts";
import { signInOptions } from "../../fakes/source.ts";
import { idTokenOf, keyEntryOf, never, pageOf, startWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

/** A sign-in that is open: its page, and how it ends. */
const begin = async (
  source: Source,
  signal = never,
): Promise<{ readonly page: PageRequest; readonly outcome: Promise<unknown> }> => {
  let show: (request: SignInRequest) => void = () => undefined;
  const request = new Promise<SignInRequest>((resolve) => {
    show = resolve;
  });
  const outcome = source
    .signIn(signInOptions("code", show), signal)
    .catch((thrown: unknown) => thrown);
  return { page: pageOf(await Promise.race([request, outcome.then(fail)])), outcome };
};

const fail = (outcome: unknown): never => {
  throw outcome;
};

const queryOf = (page: PageRequest): URLSearchParams => new URL(page.url).searchParams;

/** Has the token endpoint say this of the next code, whatever it is. */
const answerWith = (more: Readonly<Record<string, unknown>>): void => {
  const body = JSON.stringify({ access_token: "a", token_type: "Bearer", expires_in: 60, ...more });
  world.cloud.faults.add({ kind: "status", status: 200, path: "/token", body });
};

/** The address that the browser comes back with, as another one says it. */
const backTo = (page: PageRequest, answer: Readonly<Record<string, string>>): URL => {
  const query = queryOf(page);
  const address = new URL(query.get("redirect_uri") ?? "");
  address.search = new URLSearchParams({ state: query.get("state") ?? "", ...answer }).toString();
  return address;
};

test("the page asks for all that any key needs, and nobody can change what is ours", async () => {
  const stop = new AbortController();
  const source = world.source({
    audience: "litellm",
    resource: ["https://gateway.example.com"],
    authorizeParams: { prompt: "consent", login_hint: "ann", state: "theirs", client_id: "other" },
  });
  const { page, outcome } = await begin(source, stop.signal);
  expect(new URL(page.url).origin).toBe("https://login.example.com");
  const query = queryOf(page);
  expect(Object.fromEntries(query)).toMatchObject({
    audience: "litellm",
    client_id: "evercred",
    code_challenge: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    code_challenge_method: "S256",
    login_hint: "ann",
    nonce: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    prompt: "consent",
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/) as unknown,
    response_type: "code",
    scope: "openid email offline_access chat search",
    state: expect.stringMatching(/^[\w-]{43}$/) as unknown,
  });
  expect(query.getAll("resource")).toEqual([
    "https://gateway.example.com",
    "https://search.example.com",
  ]);
  stop.abort(new EvercredError("cancelled"));
  await outcome;
});

test("without openid there is no nonce, no identity token and no name", async () => {
  const source = world.source({ scopes: ["offline_access"] }, { plain: keyEntryOf() });
  const { page, outcome } = await begin(source);
  expect(queryOf(page).has("nonce")).toBe(false);
  await world.answer(page);
  await expect(outcome).resolves.toMatchObject({ renewable: true });
  expect(await outcome).not.toHaveProperty("account");
});

test("whoever signs in is known by their e-mail address, which only the user info has", async () => {
  const grant = await world.signIn(world.source(), "code", { user: "dev@example.com" });
  expect(grant.account).toBe("dev@example.com");
  await expect(world.source().identify(grant, never, undefined)).resolves.toBe("dev@example.com");
  expect(world.asked("/me")).toBe(1);
});

test("where the issuer does not tell more, a person's name is what the identity token says", async () => {
  world.cloud.faults.add({ kind: "status", status: 403, path: "/me" });
  const source = world.source();
  const grant = await world.signIn(source);
  expect(grant.account).toBe("user-ann@example.com");
  // And it is not asked again for what it did not tell: its no would not be about the session.
  await source.probe(grant, never);
  expect(world.asked("/me")).toBe(1);
});

test("user info of somebody else is not believed", async () => {
  const body = JSON.stringify({ sub: "user-dev@example.com", email: "dev@example.com" });
  const headers = { "content-type": "application/json" };
  world.cloud.faults.add({ kind: "status", status: 200, path: "/me", body, headers });
  const grant = await world.signIn(world.source());
  expect(grant.account).toBe("user-ann@example.com");
});

test("a sign-in that brings no refresh token is good to its end", async () => {
  const source = world.source({ authorizeParams: {} });
  const grant = await world.signIn(source);
  expect(grant.renewable).toBe(false);
  await world.clock.advance(50 * 60_000);
  await expect(world.issue(source, grant, "plain")).resolves.toMatchObject({ kind: "token" });
  await expect(world.issue(source, grant, "gateway")).rejects.toMatchObject({
    code: "access-denied",
    message: "company has given no refresh token for this one.",
  });
  await world.clock.advance(10 * 60_000);
  await expect(world.issue(source, grant, "plain")).rejects.toMatchObject({
    code: "token-rejected",
  });
});

test.each([
  ["any port", "http://127.0.0.1:0/oauth/callback", /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/],
  ["no port", "http://127.0.0.1/oauth/callback", /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/],
  ["localhost", "http://localhost:0/oauth/callback", /^http:\/\/localhost:\d+\/oauth\/callback$/],
])("the redirect address has %s", async (_, redirectUri, expected) => {
  const { page, outcome } = await begin(world.source({ redirectUri }));
  expect(queryOf(page).get("redirect_uri")).toMatch(expected);
  expect((await world.answer(page)).text).toContain("You are signed in.");
  await expect(outcome).resolves.toMatchObject({ account: "ann@example.com" });
});

/** A port that nobody has at the moment. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
};

test("the redirect address has a fixed port and another path", async () => {
  const redirectUri = `http://localhost:${await freePort()}/signin-oidc`;
  const { page, outcome } = await begin(world.source({ clientId: "evercred-fixed", redirectUri }));
  expect(queryOf(page).get("redirect_uri")).toBe(redirectUri);
  expect((await fetch(new URL("/oauth/callback", redirectUri))).status).toBe(404);
  expect((await world.answer(page)).text).toContain("You are signed in.");
  await expect(outcome).resolves.toMatchObject({ account: "ann@example.com" });
});

test("a fixed port that another program has is named, and no page is shown", async () => {
  const server = createServer();
  const port = await listen(server);
  const source = world.source({ redirectUri: `http://localhost:${port}/oauth/callback` });
  const show = vi.fn();
  await expect(source.signIn(signInOptions("code", show), never)).rejects.toMatchObject({
    message: `Evercred cannot wait for the browser on port ${port}: another program has it.`,
    remedy: "End that program, or name another port in redirectUri.",
  });
  expect(show).not.toHaveBeenCalled();
  server.close();
});

test("a code of another issuer is not redeemed", async () => {
  const { page, outcome } = await begin(world.source());
  const forged = backTo(page, { code: "c0de", iss: "https://evil.example.com" });
  expect(await (await fetch(forged)).text()).toContain("You are not signed in.");
  await expect(outcome).resolves.toMatchObject({ code: "reply-invalid" });
  expect(world.asked("/token")).toBe(0);
});

test("a code without the issuer's name is not redeemed where the issuer always gives it", async () => {
  const { page, outcome } = await begin(world.source());
  await fetch(backTo(page, { code: "c0de" }));
  await expect(outcome).resolves.toMatchObject({ code: "reply-invalid" });
  expect(world.asked("/token")).toBe(0);
});

test("a code that the issuer does not take ends the sign-in, and says nothing of a grant", async () => {
  const { page, outcome } = await begin(world.source());
  await fetch(backTo(page, { code: "c0de", iss: world.house.issuer }));
  await expect(outcome).resolves.toMatchObject({
    code: "sign-in-denied",
    message: "company does not accept this sign-in. It says: grant request is invalid.",
  });
});

test("a refusal is told as the issuer says it", async () => {
  const { page, outcome } = await begin(world.source());
  await world.answer(page, { deny: true });
  await expect(outcome).resolves.toMatchObject({
    code: "sign-in-denied",
    message: "The sign-in to company was refused. It says: The person has said no.",
  });
});

test.each([["a resource", { gateway: keyEntryOf({ resource: "https://unknown.example.com" }) }]])(
  "%s that the issuer does not know is refused at the sign-in",
  async (_, keys) => {
    const { page, outcome } = await begin(world.source({}, keys));
    await world.answer(page);
    await expect(outcome).resolves.toMatchObject({ code: "sign-in-denied" });
  },
);

test.each([
  ["has another nonce", { nonce: "another" }],
  ["is for another client", { aud: "another" }],
  ["is of another issuer", { iss: "https://evil.example.com" }],
  ["has ended", { exp: 1_600_000_000 }],
])("an identity token that %s is not taken", async (_, claims) => {
  const { page, outcome } = await begin(world.source());
  const now = Math.floor(Date.now() / 1000);
  const usual = { iat: now, exp: now + 60, nonce: queryOf(page).get("nonce") };
  answerWith({ id_token: idTokenOf({ ...usual, ...claims }) });
  await world.answer(page);
  await expect(outcome).resolves.toMatchObject({
    code: "reply-invalid",
    message: "The identity token that company gives is not meant for us now.",
  });
});

test.each([-10, 10])("an issuer whose clock is %i minutes ahead of ours", async (minutes) => {
  await world.close();
  world = await startWorld({ skewMs: minutes * 60_000 });
  const source = world.source();
  const { page, outcome } = await begin(source);
  const now = Math.floor(world.cloud.now() / 1000);
  const nonce = queryOf(page).get("nonce");
  const idToken = idTokenOf({ iat: now, nbf: now, exp: now + 90, nonce });
  answerWith({ id_token: idToken, expires_in: 90 });
  await world.answer(page);
  const grant = (await outcome) as Grant;
  expect(Math.abs(source.offsetMs() - minutes * 60_000)).toBeLessThan(30_000);
  expect(Math.abs(grant.issuedAt - world.cloud.now())).toBeLessThan(30_000);
  const { token, expiresAt } = await world.issue(source, grant, "identity");
  expect(token.reveal()).toBe(idToken);
  expect(expiresAt).toBe((now + 90) * 1000);
});

test.each([
  ["client_secret_basic", "evercred-confidential", /^Basic /, false],
  ["client_secret_post", "evercred-post", undefined, true],
])(
  "a client proves its secret as its issuer wants: %s",
  async (method, clientId, header, inForm) => {
    await world.close();
    world = await startWorld({ issuer: { authMethods: [method] } });
    const source = world.source({ clientId, clientSecretKey: "company-secret" });
    const grant = await world.signIn(source);
    await expect(source.renew(grant, never)).resolves.toMatchObject({ renewable: true });
    const [request] = world.cloud.log.all({ path: "/token" });
    expect(request?.body.includes("client_secret=")).toBe(inForm);
    if (header === undefined) expect(request?.headers.authorization).toBeUndefined();
    else expect(request?.headers.authorization).toMatch(header);
  },
);

test("a secret that is not the client's is told, at the sign-in and at a renewal", async () => {
  const parts = { clientId: "evercred-confidential", clientSecretKey: "company-secret" };
  const source = world.source(parts);
  const grant = await world.signIn(source);
  world.secrets.set("company-secret", "another");
  const message = "company does not accept our client. It says: client authentication failed.";
  const remedy = expect.stringContaining("clientSecretKey of sources.company") as unknown;
  const renewal = source.renew(grant, never);
  await expect(renewal).rejects.toMatchObject({ code: "access-denied", message, remedy });
  const { page, outcome } = await begin(source);
  await world.answer(page);
  await expect(outcome).resolves.toMatchObject({ code: "client-rejected", message, remedy });
});

test.each(["javascript:alert(1)", "file:///etc/passwd", "http://login.example.com/auth"])(
  "a page that is none is not shown: %s",
  async (endpoint) => {
    const { issuer } = world.house;
    const document = {
      issuer,
      token_endpoint: `${issuer}/token`,
      authorization_endpoint: endpoint,
    };
    const body = JSON.stringify(document);
    const path = "/.well-known/openid-configuration";
    world.cloud.faults.add({ kind: "status", status: 200, path, body });
    const show = vi.fn();
    const signIn = world.source().signIn(signInOptions("code", show), never);
    await expect(signIn).rejects.toMatchObject({ code: "reply-invalid" });
    expect(show).not.toHaveBeenCalled();
  },
);

test("a secret that nobody has entered is missed before a page is shown", async () => {
  world.secrets.clear();
  const show = vi.fn();
  const source = world.source({ clientSecretKey: "company-secret" });
  const signIn = source.signIn(signInOptions("code", show), never);
  await expect(signIn).rejects.toMatchObject({ code: "sign-in-needed" });
  expect(show).not.toHaveBeenCalled();
});
