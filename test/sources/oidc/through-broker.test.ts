import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Broker } from "../../../electron/core/broker.ts";
import { type TokenCredential, tokenOf } from "../../../electron/core/credential.ts";
import { targetOf } from "../../../electron/core/source.ts";
import { claimsOf } from "../../../electron/sources/jwt.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { MemoryStore } from "../../fakes/store.ts";
import { companyKeys, startWorld, type World } from "./world.ts";

let world: World;
let broker: Broker;
let ports: ConstructorParameters<typeof Broker>[0];

beforeEach(async () => {
  world = await startWorld();
  const { clock, log } = world;
  ports = { store: new MemoryStore(), memo: new MemoryMemo(), clock, random: () => 0, log };
  broker = new Broker(ports);
  await broker.configure([world.source()]);
  const signIn = broker.session("company")!.signIn("code");
  await world.answer(await signIn.request);
  expect(await signIn.outcome).toEqual({ kind: "signed-in" });
  world.cloud.log.clear();
});

afterEach(async () => {
  await broker.close();
  await world.close();
});

const issue = async (name: string, fresh = false): Promise<TokenCredential> =>
  tokenOf(await broker.issue(targetOf("api-key", name), fresh));

test("many askers of several keys cause one exchange for each that is not there yet", async () => {
  const names = Array.from({ length: 40 }, () => Object.keys(companyKeys)).flat();
  const credentials = await Promise.all(names.map((name) => issue(name)));
  expect(world.asked("/token")).toBe(2);
  expect(new Set(credentials.map(({ token }) => token.reveal())).size).toBe(4);
  const { token } = await issue("gateway");
  expect(claimsOf(token.reveal())).toMatchObject({ aud: "https://gateway.example.com" });
  expect(broker.session("company")?.state.kind).toBe("active");
});

test("a key that the issuer does not give is refused, and the others go on", async () => {
  const body = JSON.stringify({ error: "invalid_target" });
  const fault = world.cloud.faults.add({ kind: "status", status: 400, path: "/token", body });
  await expect(issue("gateway")).rejects.toMatchObject({ code: "access-denied" });
  fault.remove();
  await expect(issue("plain")).resolves.toBeDefined();
  await expect(issue("search")).resolves.toBeDefined();
  expect(broker.session("company")?.state.kind).toBe("active");
});

test("the end of the sign-in at the issuer is found by the next renewal, and told", async () => {
  world.house.endSessions();
  await expect(issue("gateway")).rejects.toMatchObject({
    code: "sign-in-needed",
    message:
      "You are not signed in to company. company has ended the session. It says: grant request is invalid.",
  });
  expect(broker.session("company")?.state).toMatchObject({ kind: "signed-out", reason: "ended" });
});

test("what one key needs of a person ends nothing for the others", async () => {
  const body = JSON.stringify({ error: "consent_required" });
  const fault = world.cloud.faults.add({ kind: "status", status: 400, path: "/token", body });
  await expect(issue("gateway")).rejects.toMatchObject({
    code: "access-denied",
    remedy: "Run: evercred login company",
  });
  fault.remove();
  expect(broker.session("company")?.state.kind).toBe("active");
  await expect(issue("plain")).resolves.toBeDefined();
  await expect(issue("search")).resolves.toBeDefined();
});

describe("a client with a secret", () => {
  const secretName = "company-secret";
  beforeEach(async () => {
    const parts = { clientId: "evercred-confidential", clientSecretKey: secretName };
    await broker.configure([world.source(parts)]);
    const signIn = broker.session("company")!.signIn("code");
    await world.answer(await signIn.request);
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
  });

  test.each([
    [
      "mistyped",
      (secrets: Map<string, string>) => secrets.set(secretName, "mistyped"),
      "company does not accept our client. It says: client authentication failed.",
    ],
    [
      "missing",
      (secrets: Map<string, string>) => secrets.delete(secretName),
      "The secret of the client of company is not there. company-secret is not set.",
    ],
  ])("does not lose its sign-in where that is %s", async (_, spoil, message) => {
    const good = world.secrets.get(secretName)!;
    spoil(world.secrets);
    await expect(issue("gateway")).rejects.toMatchObject({ code: "access-denied", message });
    expect(broker.session("company")).toMatchObject({
      isSignedIn: true,
      state: { kind: "active" },
    });
    await expect(issue("plain")).resolves.toBeDefined();
    world.secrets.set(secretName, good);
    await expect(issue("gateway")).resolves.toBeDefined();
  });
});

test("what is good is handed out to its end also by a daemon that has just started, where the issuer is out of order", async () => {
  await issue("search");
  await broker.close();
  await world.pass(50 * 60_000);
  broker = new Broker(ports);
  await broker.configure([world.source()]);
  const fault = world.cloud.faults.add({ kind: "status", status: 503, path: "/token" });
  for (const name of ["plain", "search", "identity", "plain", "search"]) {
    expect(world.house.isKnown((await issue(name)).token.reveal())).toBe(name !== "identity");
  }
  await world.pass(11 * 60_000);
  await expect(issue("plain")).rejects.toMatchObject({ code: "provider-unavailable" });
  fault.remove();
  await world.pass(6 * 60_000);
  await expect(issue("plain")).resolves.toBeDefined();
});

test("what is in use is renewed for before its last third, each key for itself", async () => {
  const first = { plain: await issue("plain"), search: await issue("search") };
  const before = world.asked("/token");
  await world.pass(42 * 60_000);
  await vi.waitFor(() => expect(world.asked("/token")).toBe(before + 2), { timeout: 10_000 });
  for (const name of ["plain", "search"] as const) {
    // What was asked for is there once it has been answered.
    const { token } = await vi.waitFor(
      async () => {
        const next = await issue(name);
        expect(next.issuedAt).toBeGreaterThan(first[name].issuedAt);
        return next;
      },
      { timeout: 10_000 },
    );
    expect(world.house.isKnown(token.reveal())).toBe(true);
  }
  expect(world.asked("/token")).toBe(before + 2);
});
