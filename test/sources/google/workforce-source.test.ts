import { afterEach, beforeEach, expect, test } from "vitest";
import { Broker } from "../../../electron/core/broker.ts";
import { googleKeyOf, plainGoogleAsk } from "../../../electron/core/google.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { type SignInRequest, sourceIdOf } from "../../../electron/core/source.ts";
import { instantOf } from "../../../electron/core/time.ts";
import { describeSource } from "../../contracts/source.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { signInOptions } from "../../fakes/source.ts";
import { MemoryStore } from "../../fakes/store.ts";
import { cloudPlatform, never, pageOf, plainKey, startWorld, type World } from "./world.ts";

for (const rotation of ["never", "always"] as const) {
  describeSource(`a workforce pool that renews tokens ${rotation} keeps the contract`, async () => {
    const world = await startWorld();
    const { cloud } = world;
    const pool = cloud.google.addPool({ id: "staff", rotation });
    const { audience, providerName: provider } = pool;
    return {
      source: world.workforce({ login: { ...login, audience, provider } }),
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
      endSessions: async () => cloud.google.endWorkforceSessions(),
      disconnect: async () => void cloud.faults.add({ kind: "unreachable" }),
      close: world.close,
    };
  });
}

const login = {
  authUrl: "https://auth.cloud.google/authorize",
  tokenUrl: "https://sts.googleapis.com/v1/oauthtoken",
  tokenInfoUrl: "https://sts.googleapis.com/v1/introspect",
  universeDomain: "googleapis.com",
  client: undefined,
};

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

/** A source of a pool whose refresh tokens are spent at each use. */
const rotating = () => {
  const pool = world.cloud.google.addPool({ id: "staff", rotation: "always" });
  const { audience, providerName: provider } = pool;
  return world.workforce({ login: { ...login, audience, provider } });
};

test("the page is the pool's own, for its provider", async () => {
  const stop = new AbortController();
  const shown: string[] = [];
  const signIn = world.workforce().signIn(
    signInOptions("code", (request) => {
      shown.push(pageOf(request).url);
      stop.abort(new Error("seen"));
    }),
    stop.signal,
  );
  await expect(signIn).rejects.toThrow("seen");
  const { origin, pathname, searchParams } = new URL(shown[0]!);
  expect(origin + pathname).toBe("https://auth.cloud.google/authorize");
  expect(Object.fromEntries(searchParams)).toEqual({
    access_type: "offline",
    client_id: world.client.id,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: "S256",
    provider_name: world.pool.providerName,
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
    response_type: "code",
    scope: cloudPlatform,
    state: expect.stringMatching(/^[\w-]{43}$/),
  });
});

test("a client without a secret signs in, and renews", async () => {
  const { id } = world.cloud.google.addClient({ secret: "" });
  const source = world.workforce({ client: { id, secret: new Secret("") } });
  const grant = await world.signIn(source);
  await expect(source.renew(grant, never)).resolves.toMatchObject({ renewable: true });
});

test("people are called as their organisation calls them", async () => {
  const source = world.workforce();
  const grant = await world.signIn(source);
  await expect(source.identify(grant, never)).resolves.toBe("dev@example.com");
});

test("what is handed out is the sign-in's own access token; its scopes cannot be chosen", async () => {
  const source = world.workforce();
  const grant = await world.signIn(source);
  const { token, scopes, expiresAt } = await source.issue(grant, plainKey, never);
  expect(world.cloud.google.whose(token.reveal())).toContain("/subject/dev@example.com");
  expect(scopes).toEqual([cloudPlatform]);
  expect(expiresAt).toBe(grant.expiresAt);
  const keyOf = (scope: string): string => googleKeyOf({ ...plainGoogleAsk, scopes: [scope] });
  const same = await source.issue(grant, keyOf(cloudPlatform), never);
  expect(same.token.reveal()).toBe(token.reveal());
  await expect(source.issue(grant, keyOf("email"), never)).rejects.toMatchObject({
    code: "access-denied",
    message: `The scopes of workforce are those of its sign-in: ${cloudPlatform}.`,
  });
});

test("of several scopes a part cannot be chosen either", async () => {
  const source = world.workforce({ scopes: ["openid", cloudPlatform] });
  const grant = await world.signIn(source);
  const key = googleKeyOf({ ...plainGoogleAsk, scopes: [cloudPlatform] });
  await expect(source.issue(grant, key, never)).rejects.toMatchObject({ code: "access-denied" });
});

test("what is offered says whose it is, and for which project", () => {
  const source = world.workforce({
    impersonate: ["a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com"],
    quotaProject: "example-claude",
  });
  expect([...source.offers]).toEqual([
    [
      "gcp:workforce",
      {
        key: plainKey,
        title: "Google access token of b@p.iam.gserviceaccount.com",
        project: "example-claude",
      },
    ],
  ]);
  expect(source.organisation).toBe("auth.cloud.google");
});

test("a service account is reached from it, also for an audience", async () => {
  const { google } = world.cloud;
  const robot = google.addServiceAccount();
  const member = `principal:${world.pool.audience.split("/providers/")[0]}/subject/dev@example.com`;
  google.allowImpersonation(member, robot);
  const source = world.workforce({ impersonate: [robot.email] });
  const grant = await world.signIn(source);
  const audience = "https://gateway.example.com";
  const key = googleKeyOf({ ...plainGoogleAsk, form: "id", audience });
  const { token } = await source.issue(grant, key, never);
  expect(google.claimsOf(token.reveal())).toMatchObject({ aud: audience, email: robot.email });
});

/** The next code is answered so. */
const replyWith = (reply: object): void => {
  const body = JSON.stringify({ access_token: "ya29.x", expires_in: 3599, ...reply });
  world.cloud.faults.add({ kind: "status", status: 200, path: "/v1/oauthtoken", times: 1, body });
};

test("the scopes are those that the reply names, or else those that were asked for", async () => {
  const source = world.workforce({ scopes: ["openid", cloudPlatform] });
  replyWith({ refresh_token: "rt_x", scope: cloudPlatform });
  const named = await source.issue(await world.signIn(source), plainKey, never);
  expect(named.scopes).toEqual([cloudPlatform]);
  replyWith({ refresh_token: "rt_x" });
  const asked = await source.issue(await world.signIn(source), plainKey, never);
  expect(asked.scopes).toEqual(["openid", cloudPlatform]);
});

test("a sign-in that brings no refresh token is refused", async () => {
  replyWith({});
  await expect(world.signIn(world.workforce())).rejects.toMatchObject({
    code: "sign-in-denied",
    message: "Google gives workforce nothing that could be renewed.",
  });
});

test("the address of a page that did not load can be pasted", async () => {
  let show: (request: SignInRequest) => void = () => undefined;
  const shown = new Promise<SignInRequest>((resolve) => {
    show = resolve;
  });
  const signIn = world.workforce().signIn(signInOptions("code", show), never);
  const { paste, url } = pageOf(await shown);
  const { searchParams } = new URL(url);
  const end = new URL(searchParams.get("redirect_uri")!);
  const state = searchParams.get("state")!;
  end.search = new URLSearchParams({ state, error: "access_denied" }).toString();
  expect(paste?.(new Secret(end.href))).toBe(true);
  await expect(signIn).rejects.toMatchObject({ code: "sign-in-denied" });
});

test("a code that is not taken ends the sign-in, not a grant", async () => {
  world.cloud.faults.add({
    kind: "status",
    status: 400,
    path: "/v1/oauthtoken",
    body: JSON.stringify({ error: "invalid_grant", error_description: "Malformed auth code." }),
  });
  await expect(world.signIn(world.workforce())).rejects.toMatchObject({
    code: "sign-in-denied",
    message:
      "Google does not take the code of this sign-in to workforce. It says: Malformed auth code.",
  });
});

test("the audience, the client and the scopes are what a grant is bound to", () => {
  const { boundTo } = world.workforce();
  const client = { id: "other", secret: new Secret("s") };
  const audience = `${world.pool.audience}x`;
  const other = { ...login, audience, provider: world.pool.providerName };
  expect(world.workforce({ client }).boundTo).not.toBe(boundTo);
  expect(world.workforce({ login: other }).boundTo).not.toBe(boundTo);
  expect(world.workforce({ scopes: [cloudPlatform, "openid"] }).boundTo).not.toBe(boundTo);
  expect(world.workforce({ title: "x", quotaProject: "p" }).boundTo).toBe(boundTo);
});

test("each renewal spends the refresh token before it, and a spent one ends the sign-in", async () => {
  const source = rotating();
  const first = await world.signIn(source);
  const second = await source.renew(first, never);
  expect(second.signedInAt).toBe(first.signedInAt);
  await expect(source.renew(second, never)).resolves.toBeDefined();
  await expect(source.renew(first, never)).rejects.toMatchObject({ code: "grant-rejected" });
});

/** A daemon on this keychain and this memo. */
const openBroker = (store: MemoryStore, memo: MemoryMemo): Broker => {
  const { clock, log } = world;
  return new Broker({ store, memo, clock, random: () => 0.5, log });
};

test("a successor is in the keychain before it is used: the next daemon goes on with it", async () => {
  const store = new MemoryStore();
  const memo = new MemoryMemo();
  const before = openBroker(store, memo);
  const source = rotating();
  await before.configure([source]);
  const session = before.session(sourceIdOf("workforce"))!;
  const signIn = session.signIn("code");
  await world.answer(await signIn.request);
  await expect(signIn.outcome).resolves.toEqual({ kind: "signed-in" });
  const first = JSON.parse(store.peek("grant/workforce")!).refreshToken;
  await world.pass(3_600_000);
  await session.revive();
  const second = JSON.parse(store.peek("grant/workforce")!).refreshToken;
  expect(second).not.toBe(first);
  memo.crash();
  await before.close();
  const after = openBroker(store, memo);
  await after.configure([rotating()]);
  await world.pass(3_600_000);
  const next = after.session(sourceIdOf("workforce"))!;
  await expect(next.revive()).resolves.toBeUndefined();
  expect(JSON.parse(store.peek("grant/workforce")!).refreshToken).not.toBe(second);
  await after.close();
});

test("a reply that is lost on its way is no end of the organisation's making", async () => {
  const store = new MemoryStore();
  const broker = openBroker(store, new MemoryMemo());
  await broker.configure([rotating()]);
  const session = broker.session(sourceIdOf("workforce"))!;
  const signIn = session.signIn("code");
  await world.answer(await signIn.request);
  await signIn.outcome;
  await world.pass(3_600_000);
  const lost = world.cloud.faults.add({ kind: "lose-reply", path: "/v1/oauthtoken" });
  await expect(session.revive()).rejects.toMatchObject({ code: "unreachable" });
  lost.remove();
  await world.pass(60_000);
  await session.revive().catch(() => undefined);
  expect(session.state).toMatchObject({ kind: "signed-out", reason: "lost" });
  await broker.close();
});
