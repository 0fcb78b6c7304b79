import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EvercredError } from "../../../electron/core/errors.ts";
import { googleKeyOf, plainGoogleAsk } from "../../../electron/core/google.ts";
import { Secret } from "../../../electron/core/secret.ts";
import type { PageRequest, SignInRequest, Source } from "../../../electron/core/source.ts";
import { instantOf } from "../../../electron/core/time.ts";
import { describeSource } from "../../contracts/source.ts";
import { signInOptions } from "../../fakes/source.ts";
import {
  cloudPlatform,
  never,
  pageOf,
  plainKey,
  startWorld,
  userinfoEmail,
  type World,
} from "./world.ts";

describeSource("a Google account keeps the contract of a source", async () => {
  const world = await startWorld();
  const { cloud } = world;
  return {
    source: world.own(),
    flows: ["code"],
    forbiddenKey: "111122223333/Nobody",
    handsOutItsOwn: true,
    now: () => instantOf(cloud.now()),
    approve: async (request) => {
      await world.answer(request);
    },
    refuse: async (request) => {
      await world.answer(request, { deny: true });
    },
    endSessions: async () => cloud.google.revokeAll(),
    disconnect: async () => void cloud.faults.add({ kind: "unreachable" }),
    close: world.close,
  };
});

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
  const signIn = source.signIn(signInOptions("code", show), signal);
  const outcome = signIn.catch((thrown: unknown) => thrown);
  return { page: pageOf(await request), outcome };
};

const redirectOf = (page: PageRequest): URL =>
  new URL(new URL(page.url).searchParams.get("redirect_uri") ?? "");

/** Whether somebody listens there. */
const isOpen = ({ port }: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

test("the page asks for all that a refresh token needs, of the person that is configured", async () => {
  const stop = new AbortController();
  const { page, outcome } = await begin(world.own({ account: "dev@example.com" }), stop.signal);
  const { origin, pathname, searchParams } = new URL(page.url);
  expect(origin + pathname).toBe("https://accounts.google.com/o/oauth2/v2/auth");
  expect(Object.fromEntries(searchParams)).toEqual({
    access_type: "offline",
    client_id: world.client.id,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: "S256",
    login_hint: "dev@example.com",
    prompt: "consent",
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
    response_type: "code",
    scope: `openid email ${cloudPlatform}`,
    state: expect.stringMatching(/^[\w-]{43}$/),
  });
  stop.abort(new EvercredError("cancelled"));
  await outcome;
});

test("who signed in is known at once, by Google's word", async () => {
  const grant = await world.signIn(world.own());
  expect(grant.account).toBe("dev@example.com");
  await expect(world.own().identify(grant, never)).resolves.toBe("dev@example.com");
  expect(world.cloud.google.count("token-info")).toBe(0);
});

test("a grant without a name is asked for at Google", async () => {
  const source = world.own({ scopes: ["email", cloudPlatform], account: "boss@example.com" });
  const grant = await world.signIn(source);
  expect(grant.account).toBeUndefined();
  await expect(source.identify(grant, never)).resolves.toBe("dev@example.com");
});

test("what is handed out is the person's own access token, with its scopes and its end", async () => {
  const source = world.own();
  const grant = await world.signIn(source);
  const credential = await source.issue(grant, plainKey, never);
  const { google } = world.cloud;
  expect(google.whose(credential.token.reveal())).toBe("dev@example.com");
  expect([...credential.scopes].sort()).toEqual(["openid", cloudPlatform, userinfoEmail].sort());
  expect(grant.scopes).toEqual(credential.scopes);
  expect(credential.expiresAt).toBe(grant.expiresAt);
  expect(grant.expiresAt - grant.issuedAt).toBe(3_599_000);
  expect(google.count("refresh")).toBe(0);
});

test("fewer scopes make a narrower token, others are refused by name", async () => {
  const source = world.own();
  const grant = await world.signIn(source);
  const keyOf = (scope: string): string => googleKeyOf({ ...plainGoogleAsk, scopes: [scope] });
  const { token, scopes } = await source.issue(grant, keyOf("email"), never);
  expect(scopes).toEqual([userinfoEmail]);
  expect(world.cloud.google.scopesOf(token.reveal())).toEqual([userinfoEmail]);
  const other = source.issue(grant, keyOf("https://www.googleapis.com/auth/drive"), never);
  await expect(other).rejects.toMatchObject({ code: "access-denied" });
});

test("the grant's own identity token is for its client; another audience needs a service account", async () => {
  const source = world.own();
  const grant = await world.signIn(source);
  const idAsk = { ...plainGoogleAsk, form: "id" } as const;
  const { token } = await source.issue(grant, googleKeyOf(idAsk), never);
  const claims = world.cloud.google.claimsOf(token.reveal());
  expect(claims).toMatchObject({ aud: world.client.id, email: "dev@example.com" });
  const chosen = googleKeyOf({ ...idAsk, audience: "https://gateway.example.com" });
  await expect(source.issue(grant, chosen, never)).rejects.toMatchObject({ code: "usage" });
  const narrow = world.own({ scopes: ["email", cloudPlatform] });
  const none = narrow.issue(await world.signIn(narrow), googleKeyOf(idAsk), never);
  await expect(none).rejects.toMatchObject({ code: "access-denied" });
});

test("a configured service account's token stands for the person's own", async () => {
  const robot = world.cloud.google.addServiceAccount();
  world.cloud.google.allowImpersonation("dev@example.com", robot);
  const source = world.own({ impersonate: [robot.email], quotaProject: "example-claude" });
  const { token } = await source.issue(await world.signIn(source), plainKey, never);
  expect(world.cloud.google.whose(token.reveal())).toBe(robot.email);
  expect([...source.offers]).toEqual([
    [
      "gcp:google",
      {
        key: plainKey,
        title: `Google access token of ${robot.email}`,
        project: "example-claude",
      },
    ],
  ]);
});

test("a sign-in without the scope that was asked for is refused, and names it", async () => {
  const signIn = world.signIn(world.own(), { withhold: [cloudPlatform] });
  await expect(signIn).rejects.toMatchObject({
    code: "sign-in-denied",
    message: `The sign-in to google did not allow ${cloudPlatform}.`,
  });
  const modest = world.own({ scopes: ["openid", "email"] });
  await expect(world.signIn(modest)).resolves.toMatchObject({ account: "dev@example.com" });
});

test("a sign-in that brings no refresh token is refused", async () => {
  const { google } = world.cloud;
  // Of such a client people have consented before, and Google leaves it out where it is not asked for.
  world.cloud.faults.add({
    kind: "status",
    status: 200,
    host: "oauth2.googleapis.com",
    path: "/token",
    body: JSON.stringify({ access_token: "ya29.x", expires_in: 3599, token_type: "Bearer" }),
  });
  await expect(world.signIn(world.own())).rejects.toMatchObject({
    code: "sign-in-denied",
    message: "Google gives google nothing that could be renewed.",
  });
  expect(google.count("code")).toBe(0);
});

test("a reply that names no scopes gives all that were asked for", async () => {
  world.cloud.faults.add({
    kind: "status",
    status: 200,
    path: "/token",
    body: JSON.stringify({ access_token: "ya29.x", expires_in: 3599, refresh_token: "1//0x" }),
  });
  const scopes = ["openid", cloudPlatform];
  const grant = await world.signIn(world.own({ scopes }));
  expect(JSON.parse(grant.saved.reveal())).toMatchObject({ scopes, refreshToken: "1//0x" });
});

test("a refusal is told as Google says it, and nothing goes on listening", async () => {
  const { page, outcome } = await begin(world.own());
  const text = await world.answer(page, { deny: true });
  expect(text).toContain("You are not signed in.");
  await expect(outcome).resolves.toMatchObject({
    code: "sign-in-denied",
    message: "The sign-in to google was refused. It says: access_denied.",
  });
  await expect(isOpen(redirectOf(page))).resolves.toBe(false);
});

test("an icon that is fetched first, and a forged state, do not end the wait", async () => {
  const { page, outcome } = await begin(world.own());
  const redirect = redirectOf(page);
  expect((await fetch(new URL("/favicon.ico", redirect))).status).toBe(404);
  expect((await fetch(new URL("/?code=4%2F0Aforged&state=forged", redirect))).status).toBe(400);
  await expect(isOpen(redirect)).resolves.toBe(true);
  await world.answer(page);
  await expect(outcome).resolves.toMatchObject({ account: "dev@example.com" });
  await expect(isOpen(redirect)).resolves.toBe(false);
  expect(world.cloud.google.count("code")).toBe(1);
});

test("of two tabs the first one counts", async () => {
  const { page, outcome } = await begin(world.own());
  const held = world.cloud.faults.add({ kind: "hang", path: "/token" });
  const first = world.answer(page);
  while (held.hits === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await world.answer(page)).toContain("This sign-in has already been answered.");
  held.remove();
  expect(await first).toContain("You are signed in.");
  await expect(outcome).resolves.toMatchObject({ account: "dev@example.com" });
  expect(world.cloud.google.count("code")).toBe(1);
});

test("a code that Google does not take ends the sign-in, and says nothing of a grant", async () => {
  const { page, outcome } = await begin(world.own());
  const redirect = redirectOf(page);
  const state = new URL(page.url).searchParams.get("state") ?? "";
  redirect.search = new URLSearchParams({ state, code: "4/0Areplayed" }).toString();
  expect(await (await fetch(redirect)).text()).toContain("You are not signed in.");
  await expect(outcome).resolves.toMatchObject({
    code: "sign-in-denied",
    message: "Google does not take the code of this sign-in to google. It says: Bad Request.",
  });
  await expect(isOpen(redirect)).resolves.toBe(false);
});

test("a client that was deleted meanwhile is named as what is wrong", async () => {
  const { page, outcome } = await begin(world.own());
  const held = world.cloud.faults.add({ kind: "hang", path: "/token" });
  const answered = world.answer(page);
  while (held.hits === 0) await new Promise((resolve) => setImmediate(resolve));
  world.cloud.google.deleteClient(world.client);
  held.remove();
  await answered;
  await expect(outcome).resolves.toMatchObject({ code: "client-rejected" });
});

test("a sign-in that is cancelled stops listening", async () => {
  const stop = new AbortController();
  const { page, outcome } = await begin(world.own(), stop.signal);
  const reason = new EvercredError("cancelled", "The window was closed.");
  stop.abort(reason);
  await expect(outcome).resolves.toBe(reason);
  await expect(isOpen(redirectOf(page))).resolves.toBe(false);
});

test("a sign-in that nobody answers ends in time", async () => {
  const { page, outcome } = await begin(world.own());
  await world.clock.advance(10 * 60_000);
  await expect(outcome).resolves.toMatchObject({ code: "timed-out" });
  await expect(isOpen(redirectOf(page))).resolves.toBe(false);
});

test("the address of a page that did not load can be pasted", async () => {
  const { page, outcome } = await begin(world.own());
  const { paste = () => false } = page;
  expect(paste(new Secret("http://127.0.0.1:1/?code=x&state=y"))).toBe(false);
  const state = new URL(page.url).searchParams.get("state") ?? "";
  const redirect = redirectOf(page);
  redirect.search = new URLSearchParams({ state, code: "4/0Apasted" }).toString();
  expect(paste(new Secret(redirect.href))).toBe(true);
  await expect(outcome).resolves.toMatchObject({ code: "sign-in-denied" });
});

test("a renewal keeps the sign-in, and takes a new refresh token where Google sends one", async () => {
  const source = world.own();
  const grant = await world.signIn(source);
  const first = JSON.parse(grant.saved.reveal());
  await world.pass(60_000);
  const second = await source.renew(grant, never);
  expect(second).toMatchObject({ signedInAt: grant.signedInAt, account: "dev@example.com" });
  expect(second.issuedAt).toBeGreaterThan(grant.issuedAt);
  const renewed = JSON.parse(second.saved.reveal());
  expect(renewed.refreshToken).toBe(first.refreshToken);
  expect(renewed.accessToken).not.toBe(first.accessToken);
  world.cloud.faults.add({
    kind: "status",
    status: 200,
    path: "/token",
    body: JSON.stringify({ access_token: "ya29.y", expires_in: 60, refresh_token: "1//new" }),
  });
  const third = JSON.parse((await source.renew(second, never)).saved.reveal());
  expect(third).toMatchObject({ refreshToken: "1//new", scopes: first.scopes });
});

test("the client's secret is the one that is configured now", async () => {
  const grant = await world.signIn(world.own());
  const other = world.own({ client: { id: world.client.id, secret: new Secret("changed") } });
  await expect(other.renew(grant, never)).rejects.toMatchObject({ code: "client-rejected" });
  await expect(world.own().renew(grant, never)).resolves.toBeDefined();
});

test.each([
  ["revoked", (it: World) => it.cloud.google.revokeAll(), "grant-revoked"],
  ["asked for again", (it: World) => it.cloud.google.expireSessions(), "reauth-needed"],
  [
    "disabled",
    (it: World) => it.cloud.google.setPerson("dev@example.com", "disabled"),
    "account-disabled",
  ],
  [
    "of a deleted client",
    (it: World) => it.cloud.google.deleteClient(it.client),
    "client-rejected",
  ],
] as const)("a grant that is %s ends by its own code", async (_, end, code) => {
  const source = world.own();
  const grant = await world.signIn(source);
  end(world);
  await expect(source.renew(grant, never)).rejects.toMatchObject({ code });
  // What is asked for anew may only say that the access token is not known: the renewal then tells why.
  const narrow = googleKeyOf({ ...plainGoogleAsk, scopes: [cloudPlatform] });
  await expect(source.issue(grant, narrow, never)).rejects.toMatchObject({
    code: "token-rejected",
  });
});

test("the scopes that are asked for, and the client, are what a grant is bound to", () => {
  const { boundTo } = world.own();
  const client = { id: "other.apps.googleusercontent.com", secret: new Secret("s") };
  expect(world.own({ client }).boundTo).not.toBe(boundTo);
  expect(world.own({ scopes: ["openid"] }).boundTo).not.toBe(boundTo);
  expect(world.own({ scopes: [cloudPlatform, userinfoEmail, "openid"] }).boundTo).toBe(boundTo);
  const profile = "https://www.googleapis.com/auth/userinfo.profile";
  const named = world.own({ scopes: ["profile"] }).boundTo;
  expect(world.own({ scopes: [profile] }).boundTo).toBe(named);
  expect(world.own({ title: "x", quotaProject: "p", account: "a@b.example" }).boundTo).toBe(
    boundTo,
  );
});

test("a grant of another kind is none of its own", async () => {
  const own = await world.signIn(world.own());
  const workforce = await world.signIn(world.workforce());
  expect(world.own().restore(workforce.saved)).toBeUndefined();
  expect(world.workforce().restore(own.saved)).toBeUndefined();
});

test("signing out ends it at Google, once", async () => {
  const source = world.own();
  const grant = await world.signIn(source);
  await source.revoke(grant, never);
  await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "grant-revoked" });
  await expect(source.revoke(grant, never)).resolves.toBeUndefined();
});

test("nothing is asked of anybody else", async () => {
  const source = world.own();
  await source.issue(await world.signIn(source), plainKey, never);
  expect(world.cloud.refusedHosts).toEqual([]);
});
