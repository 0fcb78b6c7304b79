import { afterEach, beforeEach, expect, test } from "vitest";
import { Secret } from "../../../electron/core/secret.ts";
import { readGrant } from "../../../electron/sources/aws/grant.ts";
import { legacyCorp, never, startWorld, type World } from "./world.ts";

const minute = 60_000;
let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

test("a renewal rotates the refresh token: the spent one is refused, its successor is good", async () => {
  const source = world.source();
  const first = await world.signIn(source);
  const second = await source.renew(first, never);
  expect(readGrant(second.saved)?.refreshToken).not.toBe(readGrant(first.saved)?.refreshToken);
  await expect(source.renew(first, never)).rejects.toMatchObject({ code: "grant-rejected" });
  await expect(source.renew(second, never)).resolves.toMatchObject({ renewable: true });
});

test("where a renewal brings no refresh token the old one is kept", async () => {
  world.cloud.organisation().rotation = "never";
  const source = world.source();
  const first = await world.signIn(source);
  const second = await source.renew(first, never);
  expect(readGrant(second.saved)?.refreshToken).toBe(readGrant(first.saved)?.refreshToken);
  await expect(source.renew(second, never)).resolves.toMatchObject({ renewable: true });
});

test("a renewal keeps when the person signed in, and takes the new token's own instants", async () => {
  const source = world.source();
  const first = await world.signIn(source);
  await world.pass(40 * minute);
  const second = await source.renew(first, never);
  expect(second.signedInAt).toBe(first.signedInAt);
  expect(second.issuedAt - first.issuedAt).toBe(40 * minute);
  expect(second.expiresAt - second.issuedAt).toBe(60 * minute);
});

test("the end of the session at the provider is the end of the grant", async () => {
  const source = world.source();
  const grant = await world.signIn(source);
  world.cloud.organisation().signOutEverywhere();
  await expect(source.renew(grant, never)).rejects.toMatchObject({
    code: "grant-rejected",
    message: "corp has ended the session.",
  });
});

test("a registration that has ended is the provider's word, not our clock's", async () => {
  const source = world.source();
  const grant = await world.signIn(source);
  await world.clock.advance(100 * 24 * 60 * minute);
  await expect(source.renew(grant, never)).resolves.toMatchObject({ renewable: true });
  await world.pass(100 * 24 * 60 * minute);
  await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "registration-rejected" });
});

test("a renewal is tried once: no retry may spend another token", async () => {
  const source = world.source();
  const grant = await world.signIn(source);
  for (const fault of [
    { kind: "reset" },
    { kind: "lose-reply" },
    { kind: "status", status: 500 },
    { kind: "status", status: 429 },
  ] as const) {
    world.cloud.log.clear();
    const handle = world.cloud.faults.add({ path: "/token", ...fault });
    await expect(source.renew(grant, never)).rejects.toThrow();
    handle.remove();
    expect(world.cloud.log.count({ path: "/token" })).toBe(1);
  }
});

test("instants are the provider's, on a machine whose clock is wrong", async () => {
  const source = world.source();
  const grant = await world.signIn(source);
  await world.clock.advance(-1);
  world.clock.jump(3 * 60 * minute);
  const next = await source.renew(grant, never);
  expect(Math.abs(source.offsetMs() + 3 * 60 * minute)).toBeLessThan(30_000);
  expect(Math.abs(next.issuedAt - world.cloud.now())).toBeLessThan(30_000);
  expect(Math.abs(next.expiresAt - world.cloud.now() - 60 * minute)).toBeLessThan(30_000);
});

test("sources of one region that share their ports share what is known of the provider's clock", async () => {
  world.clock.jump(60 * minute);
  await world.signIn(world.source());
  expect(world.source().offsetMs()).toBeLessThan(-59 * minute);
  expect(world.source({ region: "eu-west-1" }).offsetMs()).toBe(0);
});

test("what is saved is the whole grant", async () => {
  const source = world.source();
  const grant = await world.signIn(source);
  const restored = source.restore(new Secret(grant.saved.reveal()));
  await expect(source.renew(restored!, never)).resolves.toMatchObject({ renewable: true });
});

test.each([
  ["another version", { version: 2 }],
  ["no access token", { accessToken: "" }],
  ["no scopes", { scopes: undefined }],
  ["an end that is no instant", { expiresAt: "soon" }],
  ["half a registration", { registration: { clientId: "x" } }],
])("a saved grant with %s cannot be read", async (_, change) => {
  const source = world.source();
  const { saved } = await world.signIn(source);
  const changed = { ...(JSON.parse(saved.reveal()) as object), ...change };
  expect(source.restore(new Secret(JSON.stringify(changed)))).toBeUndefined();
});

test("a grant is bound to organisation, region and scopes, however the start URL is written", async () => {
  const source = world.source();
  const { startUrl } = { startUrl: "https://d-1234567890.awsapps.com/start" };
  const same = [
    { startUrl: `${startUrl}/` },
    { startUrl: `${startUrl}/#/` },
    { startUrl: `${startUrl}#/?tab=accounts` },
    { startUrl: "https://D-1234567890.AWSAPPS.com/start" },
    { title: "other", id: "other", flow: "device" as const, profiles: [] },
  ];
  for (const change of same) expect(world.source(change).boundTo).toBe(source.boundTo);
  const other = [
    { startUrl: "https://d-2.awsapps.com/start" },
    { startUrl: "https://d-1234567890.awsapps.com/other" },
    { region: "eu-west-1" },
    { scopes: ["sso:account:access", "x"] },
    legacyCorp,
  ];
  for (const change of other) expect(world.source(change).boundTo).not.toBe(source.boundTo);
  const two = ["a", "b"];
  expect(world.source({ scopes: two }).boundTo).toBe(
    world.source({ scopes: two.toReversed() }).boundTo,
  );
});

test("a grant of another place is not used", async () => {
  const grant = await world.signIn(world.source());
  const other = world.source({ scopes: ["codewhisperer:x"] });
  await expect(other.renew(grant, never)).rejects.toMatchObject({ code: "internal" });
  await expect(other.probe(grant, never)).rejects.toMatchObject({ code: "internal" });
});
