import { afterEach, beforeEach, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import type { Source } from "../../../electron/core/source.ts";
import { claimsOf } from "../../../electron/sources/jwt.ts";
import { signInOptions } from "../../fakes/source.ts";
import { keyEntryOf, never, startWorld, type World } from "./world.ts";

let world: World;
let source: Source;
beforeEach(async () => {
  world = await startWorld();
  source = robot();
});
afterEach(() => world.close());

const keys = {
  plain: keyEntryOf(),
  gateway: keyEntryOf({ resource: "https://gateway.example.com", scopes: ["chat"] }),
  unknown: keyEntryOf({ resource: "https://unknown.example.com" }),
} as const;

const robot = (parts: Parameters<World["source"]>[0] = {}): Source =>
  world.source(
    {
      clientId: "evercred-robot",
      clientSecretKey: "company-secret",
      flow: "client-credentials",
      scopes: ["openid", "offline_access"],
      ...parts,
    },
    keys,
  );

/** What stands where the configuration is. */
const grantOf = async (of: Source): Promise<Grant> => {
  const found = await of.shared?.look(undefined, true);
  if (found?.kind !== "foreign") throw new Error("There is no grant.");
  return found.grant;
};

test("needs nobody, and is there for as long as the configuration says so", async () => {
  expect(source).toMatchObject({ unattended: true, keptBy: "the configuration" });
  const grant = await grantOf(source);
  expect(grant).toMatchObject({ boundTo: source.boundTo, renewable: false, expiresAt: Infinity });
  await expect(source.shared?.look(grant, true)).resolves.toEqual({ kind: "known" });
  const other = robot({ clientId: "another" });
  await expect(other.shared?.look(grant, true)).resolves.toMatchObject({ kind: "foreign" });
  expect(world.cloud.log.count()).toBe(0);
});

test("each key is an exchange of its own, for what it names", async () => {
  const grant = await grantOf(source);
  const plain = await world.issue(source, grant, "plain");
  expect(world.house.isKnown(plain.token.reveal())).toBe(true);
  expect(plain.expiresAt - plain.issuedAt).toBe(3_600_000);
  const gateway = await world.issue(source, grant, "gateway");
  expect(claimsOf(gateway.token.reveal())).toMatchObject({
    aud: "https://gateway.example.com",
    client_id: "evercred-robot",
    scope: "chat",
  });
  expect(gateway.scopes).toEqual(["chat"]);
  const [first] = world.cloud.log.all({ path: "/token" });
  // What is asked for a person is not asked for a client.
  expect(new URLSearchParams(first?.body).has("scope")).toBe(false);
  expect(first?.headers.authorization).toMatch(/^Basic /);
  expect(world.asked("/.well-known/openid-configuration")).toBe(1);
});

test("what it may not have is refused", async () => {
  const grant = await grantOf(source);
  await expect(world.issue(source, grant, "unknown")).rejects.toMatchObject({
    code: "access-denied",
    unanswered: false,
  });
  await expect(
    source.issue(grant, "access something", never, () => Promise.reject(new Error())),
  ).rejects.toMatchObject({ code: "access-denied" });
});

test("a secret that is wrong, or has not been entered, is named", async () => {
  const grant = await grantOf(source);
  world.secrets.set("company-secret", "another");
  await expect(world.issue(source, grant, "plain")).rejects.toMatchObject({
    code: "client-rejected",
    remedy: expect.stringContaining("clientSecretKey of sources.company") as unknown,
  });
  world.secrets.clear();
  await expect(world.issue(source, grant, "plain")).rejects.toMatchObject({
    code: "sign-in-needed",
  });
});

test("a sign-in is nothing that it has", async () => {
  await expect(source.signIn(signInOptions("code"), never)).rejects.toMatchObject({
    code: "usage",
  });
});
