import { afterEach, beforeEach, expect, test } from "vitest";
import { bindingOf } from "../../../electron/sources/google/adc-grant.ts";
import type { AdcSource } from "../../../electron/sources/google/adc-source.ts";
import {
  authorizedUserFile,
  externalAccountAuthorizedUserFile,
  impersonatedFile,
  serviceAccountFile,
} from "../../fakes/cloud/google/files.ts";
import { ask, found, good, openAdc, savedIn, write, writtenAt } from "./adc-world.ts";
import { cloudPlatform, never, plainKey, startWorld, userinfoEmail, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

/** A person's file, as gcloud has written it. */
const person = async (more: Readonly<Record<string, unknown>> = {}): Promise<AdcSource> => {
  const grant = world.cloud.google.grant(world.client);
  await write(world.adcFile, authorizedUserFile(grant, more));
  return openAdc(world);
};

const workforce = async (more: Readonly<Record<string, unknown>> = {}): Promise<AdcSource> => {
  const grant = world.cloud.google.workforceGrant(world.pool, world.client);
  await write(world.adcFile, externalAccountAuthorizedUserFile(grant, more));
  return openAdc(world);
};

test("a person's file is gcloud's, needs a person, and is signed in to by a program", async () => {
  const source = await person({ account: "dev@example.com", quota_project_id: "a-project" });
  expect(source).toMatchObject({
    kind: "google-adc",
    keptBy: "gcloud",
    unattended: false,
    byProgram: true,
    organisation: "accounts.google.com",
  });
  expect([...source.offers]).toEqual([
    [
      "gcp:adc",
      { key: plainKey, title: "Google access token of dev@example.com", project: "a-project" },
    ],
  ]);
  expect(
    (await openAdc(world, { quotaProject: "mine" })).offers.get("gcp:adc" as never),
  ).toMatchObject({
    project: "mine",
  });
});

test("a person's file elsewhere is kept by whoever that file is of", async () => {
  await person();
  const source = await openAdc(world, { isWellKnown: false });
  expect(source.keptBy).toBe("application_default_credentials.json");
});

test("a file that is not there yet is a person's, to be signed in to", async () => {
  const source = await openAdc(world);
  expect(source).toMatchObject({ unattended: false, byProgram: true, keptBy: "gcloud" });
  await expect(source.shared.look(undefined, true)).resolves.toEqual({ kind: "absent" });
  const { boundTo } = source;
  expect((await person()).boundTo).toBe(boundTo);
});

test("a grant is the same each time that it is found, and is dated by its file", async () => {
  const source = await person({ account: "dev@example.com" });
  const grant = await found(source);
  expect(grant).toMatchObject({
    signedInAt: writtenAt,
    issuedAt: writtenAt,
    expiresAt: writtenAt,
    renewable: true,
    account: "dev@example.com",
    boundTo: source.boundTo,
  });
  expect((await found(source)).saved.reveal()).toBe(grant.saved.reveal());
  expect(source.restore(grant.saved)).toMatchObject({ signedInAt: writtenAt, renewable: true });
});

test("a renewal gives the person's access token, by Google's clock and with its scopes", async () => {
  world.cloud.advance(-30 * 60_000);
  const source = await person();
  const grant = await good(source);
  const { token, scopes, expiresAt } = await ask(source, grant);
  expect(world.cloud.google.whose(token.reveal())).toBe("dev@example.com");
  expect([...scopes].sort()).toEqual([cloudPlatform, userinfoEmail, "openid"].sort());
  expect(Math.abs(expiresAt - (world.cloud.now() + 3_599_000))).toBeLessThan(30_000);
  expect(grant.signedInAt).toBe(writtenAt);
  expect(source.offsetMs()).toBeLessThan(-29 * 60_000);
});

test("what was only found and not renewed hands out nothing", async () => {
  const source = await person();
  const issue = ask(source, await found(source));
  await expect(issue).rejects.toMatchObject({ code: "token-rejected" });
});

test("fewer scopes make a narrower token, the same ones the same, others none", async () => {
  const source = await person();
  const grant = await good(source);
  const { google } = world.cloud;
  const narrow = await ask(source, grant, { scopes: ["email"] });
  expect(google.scopesOf(narrow.token.reveal())).toEqual([userinfoEmail]);
  expect(narrow.scopes).toEqual([userinfoEmail]);
  const before = google.count("refresh");
  const same = await ask(source, grant, { scopes: ["openid", cloudPlatform, "email"] });
  expect(same.token.reveal()).toBe((await ask(source, grant)).token.reveal());
  expect(google.count("refresh")).toBe(before);
  const other = ask(source, grant, { scopes: ["https://www.googleapis.com/auth/drive"] });
  await expect(other).rejects.toMatchObject({
    code: "access-denied",
    message: "Google does not give adc these scopes. It says: Bad Request.",
  });
});

test("a refusal of the grant on the way to fewer scopes is no end yet", async () => {
  const source = await person();
  const grant = await good(source);
  world.cloud.google.revokeAll();
  const narrow = ask(source, grant, { scopes: ["email"] });
  await expect(narrow).rejects.toMatchObject({ code: "token-rejected" });
});

test("a person's identity token is for the client; another audience needs a service account", async () => {
  const source = await person();
  const grant = await good(source);
  const { google } = world.cloud;
  const own = await ask(source, grant, { form: "id" });
  const claims = google.claimsOf(own.token.reveal());
  expect(claims).toMatchObject({ aud: world.client.id, email: "dev@example.com" });
  expect(own.expiresAt).toBe(Number(claims?.["exp"]) * 1000);
  const chosen = ask(source, grant, { form: "id", audience: "https://gateway.example.com" });
  await expect(chosen).rejects.toMatchObject({
    code: "usage",
    message: "A person's own sign-in cannot choose an audience.",
  });
  const modest = google.grant(world.client, "dev@example.com", [cloudPlatform]);
  await write(world.adcFile, authorizedUserFile(modest));
  const other = await openAdc(world);
  const none = ask(other, await good(other), { form: "id" });
  await expect(none).rejects.toMatchObject({
    code: "access-denied",
    message: "Google gives adc no identity token.",
  });
});

test("who signed in is what the file says, else what Google says of the token", async () => {
  const named = await person({ account: "named@example.com" });
  await expect(named.identify(await good(named), never)).resolves.toBe("named@example.com");
  expect(world.cloud.google.count("token-info")).toBe(0);
  const source = await person();
  await expect(source.identify(await good(source), never)).resolves.toBe("dev@example.com");
  await expect(source.identify(await found(source), never)).resolves.toBeUndefined();
});

test("a token address of the file is where the token comes from", async () => {
  const source = await person({ token_uri: "https://sts.googleapis.com/token" });
  world.cloud.faults.add({
    kind: "status",
    status: 200,
    host: "sts.googleapis.com",
    body: JSON.stringify({ access_token: "ya29.x", expires_in: 60 }),
  });
  expect(savedIn(await good(source))).toMatchObject({ accessToken: "ya29.x" });
});

test("a reply that names no scopes leaves those that are known", async () => {
  const source = await person();
  const first = await good(source);
  const body = JSON.stringify({ access_token: "ya29.x", expires_in: 60 });
  world.cloud.faults.add({ kind: "status", status: 200, body });
  const second = await source.renew(first, never);
  expect(savedIn(second)["scopes"]).toEqual(savedIn(first)["scopes"]);
  expect((await ask(source, second)).scopes).toContain(cloudPlatform);
});

test("a revocation ends the person's consent, and one that is over already is none to fail at", async () => {
  const source = await person();
  const grant = await good(source);
  await source.revoke(grant, never);
  expect(world.cloud.log.all({ path: "/revoke" })[0]?.query).toEqual({});
  await expect(source.probe(grant, never)).rejects.toMatchObject({ code: "token-rejected" });
  await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "grant-revoked" });
  await expect(source.revoke(grant, never)).resolves.toBeUndefined();
});

const lost = { kind: "unreachable", host: "oauth2.googleapis.com" } as const;
const guarded = { kind: "proxy-authentication", user: "u", password: "p" } as const;

test.each<[string, (it: World) => unknown, string, string]>([
  [
    "a revoked token",
    ({ cloud }) => cloud.google.revokeAll(),
    "grant-revoked",
    "Google says that the sign-in to adc has expired or was revoked.",
  ],
  [
    "a session that the organisation ends",
    ({ cloud }) => cloud.google.expireSessions(),
    "reauth-needed",
    "Your organisation asks for a new sign-in.",
  ],
  [
    "the same by its other name",
    ({ cloud }) => {
      cloud.google.sessionControl.subtype = "rapt_required";
      cloud.google.expireSessions();
    },
    "reauth-needed",
    "Your organisation asks for a new sign-in.",
  ],
  [
    "a disabled account",
    ({ cloud }) => cloud.google.setPerson("dev@example.com", "disabled"),
    "account-disabled",
    "Google says of adc's account: Account disabled.",
  ],
  [
    "a deleted account",
    ({ cloud }) => cloud.google.setPerson("dev@example.com", "deleted"),
    "account-disabled",
    "Google says of adc's account: Account has been deleted.",
  ],
  [
    "a deleted client",
    ({ cloud, client }) => cloud.google.deleteClient(client),
    "client-rejected",
    "Google no longer accepts the OAuth client of adc. It says: The OAuth client was deleted.",
  ],
  [
    "a disabled client",
    ({ cloud, client }) => cloud.google.disableClient(client),
    "client-rejected",
    "Google no longer accepts the OAuth client of adc. It says: The OAuth client was disabled.",
  ],
  [
    "no network",
    ({ cloud }) => cloud.faults.add(lost),
    "unreachable",
    "The proxy cannot reach oauth2.googleapis.com (502).",
  ],
  [
    "a proxy that wants a password",
    ({ cloud }) => cloud.faults.add(guarded),
    "proxy-refused",
    "The proxy wants a user name and a password.",
  ],
  [
    "a connection that breaks off",
    ({ cloud }) => cloud.faults.add({ kind: "reset" }),
    "unreachable",
    "oauth2.googleapis.com cannot be reached (ECONNRESET).",
  ],
  [
    "a fault at Google",
    ({ cloud }) => cloud.faults.add({ kind: "status", status: 503 }),
    "provider-unavailable",
    "oauth2.googleapis.com has a fault (503).",
  ],
  [
    "a fault in Google's own word",
    ({ cloud }) =>
      cloud.faults.add({ kind: "status", status: 400, body: '{"error":"internal_failure"}' }),
    "provider-unavailable",
    "Google has a fault. It says: internal_failure.",
  ],
  [
    "too many requests",
    ({ cloud }) => cloud.faults.add({ kind: "status", status: 429 }),
    "throttled",
    "oauth2.googleapis.com asks us to wait before we ask again.",
  ],
  [
    "a captive portal",
    ({ cloud }) => cloud.faults.add({ kind: "html" }),
    "reply-invalid",
    "A page has come back from the network, and not from oauth2.googleapis.com.",
  ],
  [
    "a captive portal that says no",
    ({ cloud }) => cloud.faults.add({ kind: "html", status: 403 }),
    "reply-invalid",
    "What came back is not a reply of Google.",
  ],
  [
    "half a reply",
    ({ cloud }) => cloud.faults.add({ kind: "truncate" }),
    "reply-invalid",
    "The reply of oauth2.googleapis.com breaks off.",
  ],
])("a renewal tells %s apart", async (_, strike, code, message) => {
  const source = await person();
  strike(world);
  const renewal = source.renew(await found(source), never);
  await expect(renewal).rejects.toMatchObject({ name: "EvercredError", code, message });
});

test.each([{ kind: "reset" }, { kind: "lose-reply" }, { kind: "status", status: 503 }] as const)(
  "an exchange is sent once, whatever becomes of it: $kind",
  async (fault) => {
    const source = await workforce();
    const struck = world.cloud.faults.add(fault);
    await expect(source.renew(await found(source), never)).rejects.toBeDefined();
    const own = await person();
    await expect(own.renew(await found(own), never)).rejects.toBeDefined();
    expect(struck.hits).toBe(2);
  },
);

test("a stopped renewal ends with the reason", async () => {
  await person();
  // The request itself would not end before the test.
  const source = await openAdc(world, {}, { requestMs: 3_600_000 });
  const held = world.cloud.faults.add({ kind: "hang" });
  const stop = new AbortController();
  const renewal = source.renew(await found(source), stop.signal);
  while (held.hits === 0) await new Promise((resolve) => setImmediate(resolve));
  const reason = new Error("The caller has gone.");
  stop.abort(reason);
  await expect(renewal).rejects.toBe(reason);
  held.remove();
});

test("a sign-in to a workforce pool is renewed, named, probed and revoked at the token service", async () => {
  const source = await workforce();
  expect(source).toMatchObject({
    keptBy: "gcloud",
    byProgram: true,
    organisation: "auth.cloud.google",
  });
  const grant = await good(source);
  const { google } = world.cloud;
  const { token } = await ask(source, grant);
  expect(google.whose(token.reveal())).toMatch(/workforcePools.*\/subject\/dev@example\.com$/);
  await expect(source.identify(grant, never)).resolves.toBe("dev@example.com");
  await source.revoke(grant, never);
  expect(google.count("revoke")).toBe(1);
  await expect(source.probe(grant, never)).rejects.toMatchObject({ code: "token-rejected" });
  await expect(source.renew(grant, never)).rejects.toMatchObject({
    code: "grant-rejected",
    message: "Google has ended the session of adc.",
  });
});

test("a workforce sign-in's addresses may stand in the file, or not", async () => {
  const sts = "https://sts.googleapis.com/v1";
  const named = await workforce({ revoke_url: `${sts}/revoke/here` });
  await named.revoke(await good(named), never).catch(() => undefined);
  expect(world.cloud.log.count({ path: "/v1/revoke/here" })).toBe(1);
  const bare = await workforce({ token_url: undefined, token_info_url: undefined });
  await expect(bare.identify(await good(bare), never)).resolves.toBe("dev@example.com");
});

test("a workforce sign-in has the scopes that it has: asking for others spends nothing", async () => {
  const source = await workforce();
  const grant = await good(source);
  const before = world.cloud.google.count("workforce-refresh");
  const { token, scopes } = await ask(source, grant);
  const same = await ask(source, grant, { scopes });
  expect(same.token.reveal()).toBe(token.reveal());
  await expect(ask(source, grant, { scopes: ["openid"] })).rejects.toMatchObject({
    code: "access-denied",
    message: "The scopes of adc are those of its sign-in.",
  });
  expect(world.cloud.google.count("workforce-refresh")).toBe(before);
});

test("a person who becomes a service account is still a person, and hands out the service account's tokens", async () => {
  const { google } = world.cloud;
  const robot = google.addServiceAccount("robot");
  const middle = google.addServiceAccount("middle");
  google.allowImpersonation("dev@example.com", middle);
  google.allowImpersonation(middle.email, robot);
  const own = authorizedUserFile(google.grant(world.client));
  await write(world.adcFile, impersonatedFile(own, robot.email, [middle.email]));
  const source = await openAdc(world);
  expect(source).toMatchObject({ unattended: false, keptBy: "gcloud" });
  expect(source.offers.get("gcp:adc" as never)?.title).toBe(
    `Google access token of ${robot.email}`,
  );
  const grant = await good(source);
  const credential = await ask(source, grant);
  expect(google.whose(credential.token.reveal())).toBe(robot.email);
  expect(credential.scopes).toEqual([cloudPlatform]);
  const sent = JSON.parse(world.cloud.log.all({ host: "iamcredentials.googleapis.com" })[0]!.body);
  expect(sent.delegates).toEqual([`projects/-/serviceAccounts/${middle.email}`]);
  const id = await ask(source, grant, { form: "id", audience: "https://gateway.example.com" });
  expect(google.claimsOf(id.token.reveal())).toMatchObject({ email: robot.email });
  await expect(source.identify(grant, never)).resolves.toBe("dev@example.com");
  await expect(source.probe(grant, never)).resolves.toBeUndefined();
});

test("a service account is asked for where the file says, and others in the same cloud", async () => {
  const { google } = world.cloud;
  const own = authorizedUserFile(google.grant(world.client));
  const robot = google.addServiceAccount("robot");
  const text = impersonatedFile(own, robot.email).replace(
    "iamcredentials.",
    "iamcredentials.mtls.",
  );
  await write(
    world.adcFile,
    JSON.stringify({ ...JSON.parse(text), universe_domain: "cloud.example" }),
  );
  const source = await openAdc(world);
  const grant = await good(source);
  await expect(ask(source, grant)).rejects.toMatchObject({
    message: expect.stringContaining("iamcredentials.mtls.googleapis.com"),
  });
  await write(
    world.adcFile,
    JSON.stringify({ ...JSON.parse(own), universe_domain: "cloud.example" }),
  );
  const other = await openAdc(world);
  const impersonate = [robot.email];
  await expect(ask(other, await good(other), { impersonate })).rejects.toMatchObject({
    message: expect.stringContaining("iamcredentials.cloud.example"),
  });
});

test("what a file is bound to changes with whom it is of, not with its tokens", async () => {
  const robot = world.cloud.google.addServiceAccount("robot");
  const other = world.cloud.google.addServiceAccount("other");
  const bound = async (text: string): Promise<string> => {
    await write(world.adcFile, text);
    return (await openAdc(world)).boundTo;
  };
  const own = (): string => authorizedUserFile(world.cloud.google.grant(world.client));
  const bindings = [
    bindingOf(world.adcFile, undefined),
    await bound(serviceAccountFile(robot)),
    await bound(serviceAccountFile(other)),
    await bound(impersonatedFile(own(), robot.email)),
    await bound(impersonatedFile(own(), other.email)),
    await bound(impersonatedFile(serviceAccountFile(other), robot.email)),
  ];
  expect(new Set(bindings).size).toBe(bindings.length);
  expect(await bound(own())).toBe(bindings[0]);
  expect(await bound(serviceAccountFile(robot, { quota_project_id: "x" }))).toBe(bindings[1]);
});
