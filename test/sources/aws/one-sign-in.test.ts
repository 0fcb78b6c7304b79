import { expect, test } from "vitest";
import type {
  AwsSsoDefinition,
  ConfiguredSource,
} from "../../../electron/sources/aws/definition.ts";
import { readTexts } from "./resolved.ts";

const url = "https://corp.awsapps.com/start";
const session = (name: string, startUrl = url, more = ""): string =>
  `[sso-session ${name}]\nsso_start_url = ${startUrl}\nsso_region = eu-central-1\n${more}`;
const profile = (name: string, of: string): string =>
  `[profile ${name}]\nsso_session = ${of}\nsso_account_id = 111122223333\nsso_role_name = ${name}\n`;
const legacy = (name: string, startUrl = url): string =>
  `[profile ${name}]\nsso_start_url = ${startUrl}\nsso_region = eu-central-1\nsso_account_id = 111122223333\nsso_role_name = ${name}\n`;

const read = (
  config: string,
  configured: readonly ConfiguredSource[] = [],
): readonly AwsSsoDefinition[] => {
  const { organisations, problems } = readTexts({ config }, configured);
  expect(problems).toEqual([]);
  return organisations;
};

test("two sessions of one organisation are one sign-in under the first name, with the profiles of both", () => {
  const config =
    session("one") + session("two", `${url}/#/`) + profile("a", "two") + profile("b", "one");
  expect(read(config)).toMatchObject([
    {
      id: "one",
      title: "one",
      startUrl: url,
      aliases: ["two"],
      cacheNames: ["one", "two"],
      profiles: [{ name: "a" }, { name: "b" }],
    },
  ]);
});

test.each([
  ["scopes", session("two", url, "sso_registration_scopes = sso:account:access,codewhisperer:x\n")],
  ["region", session("two").replace("eu-central-1", "us-east-1")],
  ["start URL", session("two", "https://other.awsapps.com/start")],
])("another %s is another sign-in", (_, other) => {
  expect(read(session("one") + other)).toMatchObject([
    { id: "one", aliases: [] },
    { id: "two", aliases: [] },
  ]);
});

test("the order and the number of scopes make no difference", () => {
  const a = "sso_registration_scopes = b:x, sso:account:access\n";
  const b = "sso_registration_scopes = sso:account:access,b:x,b:x\n";
  expect(read(session("one", url, a) + session("two", url, b))).toMatchObject([{ id: "one" }]);
  expect(read(session("one", url, b) + session("two", url, a))).toMatchObject([{ id: "one" }]);
});

test("of several names the one that Evercred's own configuration has counts, with what it says", () => {
  const own = { id: "two", title: "Corporation", flow: "device" } as const;
  expect(read(session("one") + session("two") + profile("a", "one"), [own])).toMatchObject([
    {
      id: "two",
      title: "Corporation",
      flow: "device",
      aliases: ["one"],
      cacheNames: ["one", "two"],
      profiles: [{ name: "a" }],
    },
  ]);
});

test("two names that Evercred's own configuration has both stay two", () => {
  expect(
    read(session("one") + session("two") + session("three"), [{ id: "one" }, { id: "two" }]),
  ).toMatchObject([
    { id: "one", aliases: ["three"] },
    { id: "two", aliases: [] },
  ]);
});

test("a configured source of the same organisation joins its session", () => {
  const own = {
    id: "mine",
    startUrl: `${url}/`,
    region: "eu-central-1",
    profiles: [{ name: "own", account: "111122223333", role: "R" }],
  };
  expect(read(session("one") + profile("a", "one"), [own])).toMatchObject([
    {
      id: "mine",
      aliases: ["one"],
      cacheNames: ["one", "mine"],
      profiles: [{ name: "own" }, { name: "a" }],
    },
  ]);
});

test("profiles without a session join one that may use the accounts, and can then be renewed", () => {
  const config = legacy("a") + legacy("b", `${url}/#/`) + session("one");
  expect(read(config)).toMatchObject([
    {
      id: "one",
      legacy: false,
      flow: "code",
      scopes: ["sso:account:access"],
      cacheNames: ["one", url, `${url}/#/`],
      aliases: [],
      profiles: [{ name: "a" }, { name: "b" }],
    },
  ]);
});

test("profiles without a session do not join one that may not use the accounts", () => {
  const config = legacy("a") + session("one", url, "sso_registration_scopes = codewhisperer:x\n");
  expect(read(config)).toMatchObject([
    { id: "one", legacy: false, profiles: [] },
    { id: "corp", legacy: true, flow: "device", profiles: [{ name: "a" }] },
  ]);
});

test("profiles without a session that are configured under a name keep it", () => {
  const own = { id: "corp", title: "Corporation" };
  expect(read(legacy("a") + session("one"), [own])).toMatchObject([
    { id: "corp", title: "Corporation", legacy: false, flow: "code", aliases: ["one"] },
  ]);
});

test("a role may be assumed from any name of an organisation", () => {
  const config =
    session("one") +
    session("two") +
    profile("a", "two") +
    "[profile c]\nrole_arn = arn:aws:iam::444455556666:role/c\nsource_profile = a\n";
  expect(read(config)).toMatchObject([
    { id: "one", assumed: [{ name: "c", parent: "111122223333/a" }] },
  ]);
});

test("a profile of the file that says what a configured one of another name of the organisation says is no problem", () => {
  const own = { id: "two", profiles: [{ name: "a", account: "111122223333", role: "a" }] };
  expect(read(session("one") + session("two") + profile("a", "one"), [own])).toMatchObject([
    { id: "two", profiles: [{ name: "a" }] },
  ]);
});
