import { afterEach, beforeEach, expect, test } from "vitest";
import { exampleOrganisation } from "../fakes/cloud/organisation.ts";
import { type House, oneProfile, openHouse, otherProfile, type Running } from "./house.ts";

let house: House;

beforeEach(async () => {
  house = await openHouse({
    awsConfig: `${oneProfile}\n${otherProfile}`,
    person: "nothing",
    organisations: [{ ...exampleOrganisation, users: ["dev@example.com", "admin@example.com"] }],
  });
  const { outcome } = await signInAs("dev@example.com", house.start(house.shim, ["login"]));
  expect(await outcome).toMatchObject({ code: 0 });
  expect(await servedUser("p")).toBe("dev@example.com");
  // Who it is, is learnt beside everything else.
  await statusSays("dev@example.com");
  // The session ends, and somebody notices.
  house.cloud.organisation().signOutEverywhere();
  expect(await house.evercred("aws", "export", "--profile", "other")).toMatchObject({ code: 3 });
});

afterEach(async () => {
  await house.close();
});

/** Answers the page that a login shows, as this user. */
const signInAs = async (user: string, login: Running): Promise<Running> => {
  await house.cloud.approve(await login.line(/^https:/), { user });
  return login;
};

/** Whose keys a profile is handed. */
const servedUser = async (profile: string): Promise<string | undefined> => {
  const { stdout, stderr } = await house.evercred("aws", "export", "--profile", profile);
  expect(stderr).toBe("");
  const { Credentials: keys } = JSON.parse(stdout) as { Credentials: { AccessKeyId: string } };
  return house.cloud.keyRing.find(keys.AccessKeyId)?.user;
};

const statusSays = (text: string): Promise<void> =>
  expect.poll(async () => (await house.evercred("status", "--json")).stdout).toContain(text);

const fact = "You signed in to corp as admin@example.com; before it was dev@example.com.";

test("--yes goes on as somebody else, and only that one's keys are served from then on", async () => {
  const login = house.start(house.shim, ["login", "corp", "--yes"]);
  const { code, stderr } = await (await signInAs("admin@example.com", login)).outcome;
  expect(code).toBe(0);
  expect(stderr).toContain(fact);
  expect(await servedUser("p")).toBe("admin@example.com");
  expect(await servedUser("other")).toBe("admin@example.com");
});

test("without a terminal a login waits; another one with --yes ends both", async () => {
  const login = house.start(house.shim, ["login", "corp"]);
  await signInAs("admin@example.com", login);
  await statusSays("admin@example.com");
  expect(login.child.exitCode).toBe(null);
  expect(await servedUser("p")).toBe("dev@example.com");
  expect(await house.evercred("login", "corp", "--yes")).toMatchObject({ code: 0 });
  expect(await login.outcome).toMatchObject({ code: 0, stderr: expect.stringContaining(fact) });
  expect(await servedUser("p")).toBe("admin@example.com");
});

test("on a terminal it is asked; who says no keeps what there was", async () => {
  const login = house.terminal(["login", "corp"]);
  await login.shown("/authorize?");
  const url = /https:\S+/.exec(await login.line(/^https:.*authorize/))?.[0] ?? "";
  await house.cloud.approve(url.trim(), { user: "admin@example.com" });
  await login.shown("Go on as admin@example.com? [y/N]");
  login.type("n\n");
  expect((await login.outcome).code).not.toBe(0);
  expect(await servedUser("p")).toBe("dev@example.com");
  expect(await house.evercred("aws", "export", "--profile", "other")).toMatchObject({ code: 3 });
});
