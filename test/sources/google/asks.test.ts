import { afterEach, beforeEach, expect, test } from "vitest";
import type { TokenCredential } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import { type GoogleAsk, googleKeyOf, plainGoogleAsk } from "../../../electron/core/google.ts";
import { instantOf } from "../../../electron/core/time.ts";
import { askOf, issueAsk, type Means } from "../../../electron/sources/google/asks.ts";
import type { ServiceAccount } from "../../fakes/cloud/google/service-accounts.ts";
import { cloudPlatform, never, startWorld, type World } from "./world.ts";

const audience = "https://gateway.example.com";
const readOnly = "https://www.googleapis.com/auth/devstorage.read_only";
let world: World;
let first: ServiceAccount;
let second: ServiceAccount;

beforeEach(async () => {
  world = await startWorld();
  const { google } = world.cloud;
  first = google.addServiceAccount("first");
  second = google.addServiceAccount("second");
  google.allowImpersonation("dev@example.com", first);
  google.allowImpersonation(first.email, second);
});
afterEach(() => world.close());

/** The means of a person with a good access token. */
const means = (more: Partial<Means> = {}): Means => {
  const { google } = world.cloud;
  const token = google.accessToken(google.grant(world.client));
  const [issuedAt, expiresAt] = [instantOf(1), instantOf(2)];
  return {
    id: "google",
    impersonate: [],
    plain: async (scopes) => ({ token, scopes, issuedAt, expiresAt }),
    ...more,
  };
};

const issue = (
  wish: Partial<GoogleAsk> = {},
  more: Partial<Means> = {},
  signal = never,
): Promise<TokenCredential> =>
  issueAsk({ ...plainGoogleAsk, ...wish }, means(more), world.ports, signal);

const whose = async (wish: Partial<GoogleAsk>, more: Partial<Means> = {}) =>
  world.cloud.google.whose((await issue(wish, more)).token.reveal());

test("a key asks for what it was made of, any other text for nothing that there is", () => {
  const ask = { ...plainGoogleAsk, impersonate: ["a@p.iam"], scopes: [readOnly] };
  expect(askOf(googleKeyOf(ask), "google")).toEqual(ask);
  expect(() => askOf("111122223333/Role", "google")).toThrow("google has no such thing.");
});

test("what is the source's own is passed on as it is", async () => {
  const credential = await issue({ scopes: [readOnly] });
  expect(credential).toMatchObject({
    kind: "token",
    scopes: [readOnly],
    issuedAt: 1,
    expiresAt: 2,
  });
});

test("a chain leads to its last service account, whose token has the wanted scopes and its own end", async () => {
  const chain = [first.email, second.email];
  await expect(whose({ impersonate: chain })).resolves.toBe(second.email);
  const credential = await issue({ impersonate: chain, scopes: [readOnly] });
  expect(credential.scopes).toEqual([readOnly]);
  expect(world.cloud.google.scopesOf(credential.token.reveal())).toEqual([readOnly]);
  expect(credential.expiresAt - world.cloud.now()).toBeGreaterThan(3_590_000);
  expect(credential.expiresAt - world.cloud.now()).toBeLessThanOrEqual(3_600_000);
  expect((await issue({ impersonate: [first.email] })).scopes).toEqual([cloudPlatform]);
});

test("what starts a chain is the source's own token as it has it", async () => {
  const asked: (readonly string[])[] = [];
  const { plain } = means();
  const noting: Means["plain"] = async (scopes) => {
    asked.push(scopes);
    return plain(scopes);
  };
  await issue({ impersonate: [first.email], scopes: [readOnly] }, { plain: noting });
  expect(asked).toEqual([[]]);
});

test("a chain that is asked for takes the place of the configured one", async () => {
  const configured = { impersonate: [first.email, second.email] };
  await expect(whose({}, configured)).resolves.toBe(second.email);
  await expect(whose({ impersonate: [first.email] }, configured)).resolves.toBe(first.email);
});

test("an identity token comes from the last of a chain, with its address in it", async () => {
  const wish = { form: "id", audience, impersonate: [first.email, second.email] } as const;
  const { token, expiresAt, scopes } = await issue(wish);
  const claims = world.cloud.google.claimsOf(token.reveal());
  expect(claims).toMatchObject({ aud: audience, email: second.email, email_verified: true });
  expect(expiresAt).toBe(Number(claims?.["exp"]) * 1000);
  expect(scopes).toEqual([]);
});

test("an identity token is the source's own where it can choose, else needs a chain", async () => {
  const wish = { form: "id", audience } as const;
  await expect(issue(wish)).rejects.toMatchObject({
    code: "usage",
    message: "A person's own sign-in cannot choose an audience.",
    remedy: "Name a service account with --impersonate, or impersonate in the configuration.",
  });
  const made = `x.${Buffer.from('{"exp":7}').toString("base64url")}.y`;
  const chosen = await issue(wish, { idToken: async (of) => (of === audience ? made : "") });
  expect(chosen).toMatchObject({ expiresAt: 7_000 });
  const own = await issue({ form: "id" }, { ownIdToken: async () => made });
  expect(own.token.reveal()).toBe(made);
  for (const more of [{}, { ownIdToken: async () => made, impersonate: [first.email] }]) {
    await expect(issue({ form: "id" }, more)).rejects.toMatchObject({
      code: "usage",
      message: "An identity token needs an audience.",
    });
  }
});

test.each(["", "opaque", "a.b.c", `a.${Buffer.from('{"exp":"soon"}').toString("base64url")}.c`])(
  "what is no identity token is no reply: %j",
  async (token) => {
    const issued = issue({ form: "id", audience }, { idToken: async () => token });
    await expect(issued).rejects.toMatchObject({ code: "reply-invalid" });
  },
);

test("who may not become a service account is told which role is missing where", async () => {
  world.cloud.google.forbidImpersonation(first.email, second);
  const remedy = "Have roles/iam.serviceAccountTokenCreator granted";
  await expect(issue({ impersonate: [second.email] })).rejects.toMatchObject({
    code: "access-denied",
    message: `google may not become ${second.email}.`,
    remedy: `${remedy} on it to whoever google is.`,
  });
  const chain = { impersonate: [first.email, second.email] };
  await expect(issue(chain)).rejects.toMatchObject({
    code: "access-denied",
    message: `google may not become ${second.email}.`,
    remedy: `${remedy} on each to the one before it.`,
  });
  await expect(issue({ ...chain, form: "id", audience })).rejects.toMatchObject({
    code: "access-denied",
  });
});

test("what Google says of an impossible impersonation is passed on", async () => {
  await expect(
    issue({ impersonate: [first.email], scopes: ["https://example.com/scope"] }),
  ).rejects.toMatchObject({
    code: "access-denied",
    message: `google cannot become ${first.email}. Google says: Scope is a required field.`,
  });
  const host = "iamcredentials.googleapis.com";
  const message = "IAM Service Account Credentials API has not been used in project 1 before.";
  const off = JSON.stringify({ error: { code: 403, status: "PERMISSION_DENIED", message } });
  const disabled = world.cloud.faults.add({ kind: "status", status: 403, body: off, host });
  await expect(issue({ impersonate: [first.email] })).rejects.toMatchObject({
    code: "access-denied",
    message: expect.stringContaining("has not been used in project 1 before."),
    remedy: "Have the IAM Service Account Credentials API enabled in that project.",
  });
  disabled.remove();
  const gone = JSON.stringify({ error: { code: 404, status: "NOT_FOUND", message: "Gone." } });
  world.cloud.faults.add({ kind: "status", status: 404, body: gone, host });
  await expect(issue({ impersonate: [first.email] })).rejects.toMatchObject({
    message: `google cannot become ${first.email}. Google says: Gone.`,
  });
});

test("a token that is not good at the start of a chain is one for a renewal to tell", async () => {
  const plain: Means["plain"] = async () => ({
    ...{ token: "ya29.old", scopes: [], issuedAt: instantOf(1), expiresAt: instantOf(2) },
  });
  const issued = issue({ impersonate: [first.email] }, { plain });
  await expect(issued).rejects.toMatchObject({
    code: "token-rejected",
    message: "Google no longer accepts the access token of google.",
  });
});

test("the provider's word on the grant is one for a renewal to tell, all else stays as it is", async () => {
  const failing = (code: "grant-revoked" | "reauth-needed" | "client-rejected" | "unreachable") =>
    issue({}, { plain: () => Promise.reject(new EvercredError(code)) });
  await expect(failing("grant-revoked")).rejects.toMatchObject({ code: "token-rejected" });
  await expect(failing("reauth-needed")).rejects.toMatchObject({ code: "token-rejected" });
  await expect(failing("client-rejected")).rejects.toMatchObject({ code: "token-rejected" });
  await expect(failing("unreachable")).rejects.toMatchObject({ code: "unreachable" });
});

test.each(["robot@p.iam/../x", "robot:signBlob", "robot?x", "ro bot", "", "%2e%2e", "\u001b[2J"])(
  "what cannot be a service account's name never gets into an address: %j",
  async (name) => {
    for (const impersonate of [[name], [name, second.email]]) {
      await expect(issue({ impersonate })).rejects.toMatchObject({ code: "usage" });
    }
    expect(world.cloud.log.count()).toBe(0);
  },
);

test("faults on the way to a service account are what they are", async () => {
  const host = "iamcredentials.googleapis.com";
  const wish = { impersonate: [first.email] };
  const down = world.cloud.faults.add({ kind: "status", status: 503, host });
  await expect(issue(wish)).rejects.toMatchObject({ code: "provider-unavailable" });
  expect(down.hits).toBe(1);
  down.remove();
  const page = world.cloud.faults.add({ kind: "html", host });
  await expect(issue(wish)).rejects.toMatchObject({ code: "reply-invalid" });
  page.remove();
  const held = world.cloud.faults.add({ kind: "hang", host });
  const stop = new AbortController();
  const issued = issue(wish, {}, stop.signal);
  while (held.hits === 0) await new Promise((resolve) => setImmediate(resolve));
  const reason = new Error("The caller has gone.");
  stop.abort(reason);
  await expect(issued).rejects.toBe(reason);
  held.remove();
});

test("another cloud's impersonation is asked for there", async () => {
  const host = "iamcredentials.cloud.example";
  const wish = { impersonate: [first.email] };
  const issued = issue(wish, { iamEndpoint: `https://${host}` });
  await expect(issued).rejects.toMatchObject({
    code: "proxy-refused",
    message: `The proxy does not let us reach ${host} (403).`,
  });
  expect(world.cloud.refusedHosts).toEqual([expect.stringContaining(host)]);
});
