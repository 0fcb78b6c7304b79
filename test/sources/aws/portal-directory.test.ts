import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { Directory } from "../../../electron/core/source.ts";
import type { OrganisationOptions } from "../../fakes/cloud/organisation.ts";
import { exampleOrganisation } from "../../fakes/cloud/organisation.ts";
import { never, startWorld, type World } from "./world.ts";

const accountsPath = "/assignment/accounts";
const rolesPath = "/assignment/roles";
const roles = Array.from({ length: 120 }, (_, index) => `Role${index}`);
const accounts = Array.from({ length: 250 }, (_, index) => ({
  id: String(100_000_000_000 + index),
  name: `Account ${index}`,
  email: `aws-${index}@example.com`,
  roles: index === 0 ? roles : ["Reader"],
}));
const large: OrganisationOptions = { ...exampleOrganisation, accounts };

let world: World;
let grant: Grant;
let directory: Directory;

beforeEach(async () => {
  world = await startWorld({ organisations: [large] });
  // Chance is at its middle.
  const source = world.source({}, { random: () => 0.5 });
  grant = await world.signIn(source);
  directory = source.directory;
});

afterEach(() => world.close());

test("all accounts are listed, a hundred at a time, one request after the other", async () => {
  const found = await directory.accounts(grant, never);
  expect(found).toEqual(accounts.map(({ id, name, email }) => ({ id, name, email })));
  const requests = world.cloud.log.all({ path: accountsPath });
  expect(requests.map(({ query }) => [query["max_result"], "next_token" in query])).toEqual([
    ["100", false],
    ["100", true],
    ["100", true],
  ]);
});

test("all roles of an account are listed", async () => {
  expect(await directory.roles(grant, accounts[0]!.id, never)).toEqual(roles);
  expect(world.cloud.log.count({ path: rolesPath })).toBe(2);
});

test("an account that the person has nothing in is access-denied, with its number in the sentence", async () => {
  await expect(directory.roles(grant, "999999999999", never)).rejects.toMatchObject({
    code: "access-denied",
    message: "corp gives you no role in account 999999999999.",
  });
});

test("an ended session is token-rejected", async () => {
  world.cloud.organisation().signOutEverywhere();
  const rejected = { code: "token-rejected" };
  await expect(directory.accounts(grant, never)).rejects.toMatchObject(rejected);
  await expect(directory.roles(grant, accounts[0]!.id, never)).rejects.toMatchObject(rejected);
});

test("an account without a name or an address is listed all the same", async () => {
  const body = JSON.stringify({ accountList: [{ accountId: "111122223333" }], nextToken: null });
  world.cloud.faults.add({ path: accountsPath, kind: "status", status: 200, body });
  expect(await directory.accounts(grant, never)).toEqual([
    { id: "111122223333", name: "", email: "" },
  ]);
});

test.each([
  ["no list", {}],
  ["an account without a number", { accountList: [{ accountName: "x" }] }],
  ["a list of something else", { accountList: "x" }],
])("%s is reply-invalid", async (_, reply) => {
  const body = JSON.stringify(reply);
  world.cloud.faults.add({ path: accountsPath, kind: "status", status: 200, body });
  await expect(directory.accounts(grant, never)).rejects.toMatchObject({ code: "reply-invalid" });
});

test("a list that leads back to its own pages is reply-invalid", async () => {
  const body = JSON.stringify({ accountList: [], nextToken: "again" });
  world.cloud.faults.add({ path: accountsPath, kind: "status", status: 200, body });
  await expect(directory.accounts(grant, never)).rejects.toMatchObject({
    code: "reply-invalid",
    message: "The list that the portal gives has no end.",
  });
  expect(world.cloud.log.count({ path: accountsPath })).toBe(2);
});

describe("a portal that asks us to wait", () => {
  /** Answers 429 so many times, each with these headers. */
  const throttle = (times: number, headers: Record<string, string> = {}) =>
    world.cloud.faults.add({
      ...{ path: accountsPath, kind: "status", status: 429, times },
      ...{ body: "{}", headers },
    });

  /** Lets the pauses pass; gives how long each was, in milliseconds. */
  const passPauses = async (count: number): Promise<readonly number[]> => {
    const pauses: number[] = [];
    while (pauses.length < count) {
      await world.clock.armed(60_000);
      const pause = world.clock.pending[0]! - world.clock.now();
      pauses.push(pause);
      await world.clock.advance(pause);
    }
    return pauses;
  };

  test("is asked again after the time that it says", async () => {
    throttle(2, { "retry-after": "7" });
    const listed = directory.accounts(grant, never);
    expect(await passPauses(2)).toEqual([7_000, 7_000]);
    expect(await listed).toHaveLength(250);
  });

  test("and does not say how long is asked again after longer and longer pauses, by chance", async () => {
    throttle(4);
    const listed = directory.accounts(grant, never);
    expect(await passPauses(4)).toEqual([750, 1_500, 3_000, 6_000]);
    expect(await listed).toHaveLength(250);
  });

  test("again and again is throttled in the end", async () => {
    throttle(9, { "retry-after": "1" });
    const failed = expect(directory.accounts(grant, never)).rejects.toMatchObject({
      code: "throttled",
      retryAfterMs: 1_000,
    });
    await passPauses(4);
    await failed;
    expect(world.cloud.log.count({ path: accountsPath })).toBe(5);
  });

  test("for longer than anybody waits is throttled at once", async () => {
    throttle(1, { "retry-after": "31" });
    await expect(directory.accounts(grant, never)).rejects.toMatchObject({
      code: "throttled",
      retryAfterMs: 31_000,
    });
  });

  test("is not asked again by somebody who has gone", async () => {
    throttle(1);
    const stop = new AbortController();
    const reason = new EvercredError("cancelled");
    const failed = expect(directory.accounts(grant, stop.signal)).rejects.toBe(reason);
    await world.clock.armed(60_000);
    stop.abort(reason);
    await failed;
    expect(world.clock.pending).toEqual([]);
  });
});
