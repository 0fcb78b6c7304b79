import { afterEach, beforeEach, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import type { Held } from "../../../electron/core/source.ts";
import type { AwsSsoDefinition } from "../../../electron/sources/aws/definition.ts";
import { exampleOrganisation } from "../../fakes/cloud/organisation.ts";
import { corp, deployRole, Issuer, never, startWorld, type World } from "./world.ts";

let world: World;
let grant: Grant;

beforeEach(async () => {
  world = await startWorld();
  grant = await world.signIn(world.source());
  world.cloud.log.clear();
});

afterEach(() => world.close());

const identify = (definition: Partial<AwsSsoDefinition> = {}, of = grant, held?: Held) =>
  world.source(definition).identify(of, never, held);

const paths = (): readonly string[] => world.cloud.log.all().map(({ path }) => path);

test("whoever signed in is known by the name that the organisation gives their sessions", async () => {
  expect(await identify()).toBe(exampleOrganisation.users[0]);
  expect(paths()).toEqual(["/federation/credentials", "/"]);
});

test("a role that is offered and not assigned is no obstacle: another one tells as much", async () => {
  const wrong = { ...corp.profiles[0]!, role: "Nobody" };
  expect(await identify({ profiles: [wrong] })).toBe(exampleOrganisation.users[0]);
  expect(paths()).toEqual([
    "/federation/credentials",
    "/assignment/accounts",
    "/assignment/roles",
    "/federation/credentials",
    "/",
  ]);
});

test("where no profile is there yet, the first role of the first account tells", async () => {
  expect(await identify({ profiles: [] })).toBe(exampleOrganisation.users[0]);
  expect(paths()).toHaveLength(4);
});

test("where the person has no account, nobody knows who it is", async () => {
  const organisation = world.cloud.organisation();
  for (const { id, roles } of organisation.accounts()) {
    for (const role of roles) organisation.denyRole(id, role);
  }
  expect(await identify()).toBeUndefined();
});

test.each([
  ["the portal", { host: /^portal/, kind: "status", status: 503 }],
  ["the portal's patience", { host: /^portal/, kind: "status", status: 429 }],
  ["the token service", { host: /^sts/, kind: "reset" }],
  ["everything", { kind: "unreachable" }],
] as const)("trouble with %s is no answer, and no error", async (_, fault) => {
  world.cloud.faults.add(fault);
  expect(await identify()).toBeUndefined();
});

test("a portal in trouble is asked no more", async () => {
  world.cloud.faults.add({ host: /^portal/, kind: "status", status: 503 });
  await identify();
  expect(paths()).toHaveLength(1);
});

test("an ended session, somebody else's grant and a call that was stopped are no answer", async () => {
  world.cloud.organisation().signOutEverywhere();
  expect(await identify()).toBeUndefined();
  expect(await identify({}, { ...grant, boundTo: "elsewhere" })).toBeUndefined();
  expect(await world.source().identify(grant, AbortSignal.abort(), undefined)).toBeUndefined();
});

test("with a role's keys in hand nobody but the token service is asked", async () => {
  const source = world.source();
  const key = "111122223333/Developer";
  const credential = await new Issuer(source, grant).of("p");
  world.cloud.log.clear();
  expect(await identify({}, grant, { key, credential })).toBe(exampleOrganisation.users[0]);
  expect(paths()).toEqual(["/"]);
});

test("the keys of a role that was assumed with others do not tell, and no others are asked for", async () => {
  const role = { ...deployRole, parent: "111122223333/Developer" };
  const credential = await new Issuer(world.source(), grant).of("p");
  world.cloud.log.clear();
  const held = { key: role.key, credential };
  expect(await identify({ assumed: [role] }, grant, held)).toBeUndefined();
  expect(paths()).toEqual([]);
});
