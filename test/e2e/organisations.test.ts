import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleOrganisation } from "../fakes/cloud/organisation.ts";
import { aws } from "./aws-clients.ts";
import { type House, openHouse } from "./house.ts";

const organisations = [
  ["com", "us-east-1", "https://d-1111111111.awsapps.com/start"],
  ["gov", "us-gov-west-1", "https://start.us-gov-home.awsapps.com/directory/d-2222222222"],
  ["cn", "cn-north-1", "https://d-3333333333.awsapps.cn/start"],
] as const;

/** One to look at, one that hangs, and one for each time that another organisation hangs. */
const roles = ["Developer", "Held", "com", "gov", "cn"];

const names = organisations.map(([name]) => name);

let house: House;

beforeAll(async () => {
  house = await openHouse({
    awsConfig: organisations
      .map(([name, region, startUrl]) =>
        [
          `[sso-session of-${name}]\nsso_start_url = ${startUrl}\nsso_region = ${region}`,
          "sso_registration_scopes = sso:account:access",
          ...roles.map((role) =>
            [
              `[profile ${name}-${role}]\nsso_session = of-${name}\nsso_role_name = ${role}`,
              `sso_account_id = 111122223333\nregion = ${region}`,
            ].join("\n"),
          ),
        ].join("\n"),
      )
      .join("\n"),
    organisations: organisations.map(([, region, startUrl]) => ({
      ...exampleOrganisation,
      region,
      startUrl,
      accounts: [{ id: "111122223333", name: "One", email: "one@example.com", roles }],
    })),
  });
  expect(await house.evercred("login", "--all")).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(3);
});

afterAll(async () => {
  await house.close();
});

test.each([
  ["com", "arn:aws:sts:", "portal.sso.us-east-1.amazonaws.com"],
  ["gov", "arn:aws-us-gov:sts:", "portal.sso.us-gov-west-1.amazonaws.com"],
  ["cn", "arn:aws-cn:sts:", "portal.sso.cn-north-1.amazonaws.com.cn"],
])("%s is asked in its own partition", async (name, arn, portal) => {
  const words = ["exec", "--profile", `${name}-Developer`, "--", ...aws];
  const { code, stdout } = await house.run(house.shim, words);
  expect(code).toBe(0);
  expect(stdout.slice(0, arn.length)).toBe(arn);
  expect(house.cloud.log.count({ host: portal, path: "/federation/credentials" })).not.toBe(0);
});

test.each(names)("while %s hangs, the others are served", async (name) => {
  const region = organisations.find(([each]) => each === name)?.[1] ?? "";
  const host = new RegExp(`^portal\\.sso\\.${region}\\.`);
  const held = house.cloud.faults.add({ host, kind: "hang" });
  const before = house.cloud.log.count({ host });
  const stuck = house.start(house.shim, ["aws", "export", "--profile", `${name}-Held`]);
  await house.cloud.log.waitForArrival({ host }, before + 1);
  const others = names.filter((each) => each !== name);
  const outcomes = await Promise.all(
    others.map((each) => house.evercred("aws", "export", "--profile", `${each}-${name}`)),
  );
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
  expect(stuck.child.exitCode).toBe(null);
  held.remove();
  expect(await stuck.outcome).toMatchObject({ code: 0 });
});
