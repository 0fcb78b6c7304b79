import { ListAccountRolesCommand, ListAccountsCommand, SSOClient } from "@aws-sdk/client-sso";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readGrant } from "../../electron/sources/aws/grant.ts";
import { startWorld, type World } from "../sources/aws/world.ts";
import { exampleOrganisation, manyAccounts } from "./cloud/organisation.ts";

const accounts = [
  ...manyAccounts(250),
  {
    ...manyAccounts(1)[0]!,
    id: "999999999999",
    roles: Array.from({ length: 45 }, (_, index) => `Role${String(index)}`),
  },
];

let world: World;
let client: SSOClient;
let accessToken: string;

beforeEach(async () => {
  world = await startWorld({ organisations: [{ ...exampleOrganisation, accounts }] });
  accessToken = readGrant((await world.signIn(world.source())).saved)!.accessToken;
  const requestHandler = new NodeHttpHandler({ httpsAgent: world.agent });
  client = new SSOClient({ region: "us-east-1", maxAttempts: 1, requestHandler });
});

afterEach(() => world.close());

const page = (maxResults: number | undefined, nextToken?: string) =>
  client.send(
    new ListAccountsCommand({
      accessToken,
      ...(maxResults !== undefined && { maxResults }),
      ...(nextToken !== undefined && { nextToken }),
    }),
  );

test.each([
  [100, 3],
  [undefined, 13],
])("251 accounts in pages of %j are %i pages, each account once", async (size, pages) => {
  const found: (string | undefined)[] = [];
  const sizes: number[] = [];
  let next: string | undefined;
  do {
    const { accountList = [], nextToken } = await page(size, next);
    found.push(...accountList.map(({ accountId }) => accountId));
    sizes.push(accountList.length);
    next = nextToken ?? undefined;
  } while (next !== undefined);
  expect(found).toEqual(accounts.map(({ id }) => id));
  expect(sizes).toHaveLength(pages);
  expect(Math.max(...sizes)).toBe(size ?? 20);
});

test("the token of one list is none of another list, and tells nothing", async () => {
  const roles = (accountId: string, nextToken?: string) =>
    client.send(
      new ListAccountRolesCommand({
        ...{ accessToken, accountId, maxResults: 20 },
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
  const { nextToken } = await roles("999999999999");
  expect(nextToken).toMatch(/^[\w-]{40,}$/);
  expect((await roles("999999999999", nextToken)).roleList![0]!.roleName).toBe("Role20");
  const invalid = { name: "InvalidRequestException" };
  await expect(page(20, nextToken)).rejects.toMatchObject(invalid);
  await expect(roles("100000000000", nextToken)).rejects.toMatchObject(invalid);
  await expect(page(20, `${nextToken!}x`)).rejects.toMatchObject(invalid);
});

test("throttled lists say when to come back, or nothing", async () => {
  const { log } = world.cloud;
  for (const [said, header] of [
    [7, "7"],
    ["unsaid", undefined],
  ] as const) {
    world.cloud.organisation().retryAfterSeconds = said;
    const thrown = await page(undefined).catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      name: "TooManyRequestsException",
      $response: { statusCode: 429 },
    });
    const { headers } = (thrown as { $response: { headers: Record<string, string> } }).$response;
    expect(headers["retry-after"]).toBe(header);
  }
  world.cloud.organisation().retryAfterSeconds = undefined;
  const path = "/assignment/roles";
  world.cloud.faults.add({ path, times: 1, kind: "status", status: 429, body: "{}" });
  await expect(page(1)).resolves.toMatchObject({ accountList: [{ accountId: "100000000000" }] });
  expect(log.count({ path: "/assignment/accounts" })).toBe(3);
});
