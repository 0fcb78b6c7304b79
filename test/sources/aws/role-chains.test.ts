import { expect, test } from "vitest";
import type { AssumedRole, ConfiguredSource } from "../../../electron/sources/aws/definition.ts";
import { type Files, readTexts } from "./resolved.ts";

const arn = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
const keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s3cr3t\n";
const role = (name: string, source: string, more = ""): string =>
  `[profile ${name}]\nrole_arn = ${arn(name)}\nsource_profile = ${source}\n${more}`;
const corp =
  "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-central-1\n" +
  "[profile dev]\nsso_session = corp\nsso_account_id = 444455556666\nsso_role_name = Developer\n";

/** The assumed roles by profile, whatever they start from. */
const assumedIn = (files: Files): Readonly<Record<string, AssumedRole>> => {
  const { organisations, profiles } = readTexts(files);
  const all = [...organisations, ...profiles].flatMap(({ assumed }) => assumed);
  return Object.fromEntries(all.map((each) => [each.name, each]));
};

const says = (files: Files): readonly string[] =>
  readTexts(files).problems.map(({ sentence }) => sentence);

test("a role that starts at an organisation belongs to it, with the key of the role before", () => {
  const { organisations, profiles, problems } = readTexts({
    config:
      corp +
      role("a", "dev", "external_id = x:1\nrole_session_name = alice\nduration_seconds = 1800\n") +
      role("b", "a"),
  });
  expect(problems).toEqual([]);
  expect(profiles).toEqual([]);
  const [{ assumed }] = organisations as [(typeof organisations)[0]];
  expect(assumed).toEqual([
    {
      name: "a",
      key: expect.stringMatching(/^arn:aws:iam::111122223333:role\/a#[0-9a-f]{12}$/),
      parent: "444455556666/Developer",
      chained: true,
      roleArn: arn("a"),
      sessionName: "alice",
      externalId: "x:1",
      durationMs: 1_800_000,
      stsRegion: "eu-central-1",
      region: undefined,
    },
    expect.objectContaining({ name: "b", parent: assumed[0]?.key, chained: true }),
  ]);
});

test("the first role from keys is not chained and may last twelve hours, the next one may not", () => {
  const config =
    role("a", "k", "duration_seconds = 43200\n") + role("b", "a", "duration_seconds = 3601\n");
  const files = { config, credentials: `[k]\n${keys}` };
  expect(assumedIn(files)).toMatchObject({
    a: { parent: undefined, chained: false, durationMs: 43_200_000 },
    b: { chained: true, durationMs: 3_600_000 },
  });
  expect(readTexts(files).problems).toMatchObject([
    { file: "/c", line: 8, remedy: "Set duration_seconds to 3600." },
  ]);
});

test.each([
  ["keys", `[profile k]\n${keys}`, false],
  ["keys that are short-lived", `[profile k]\n${keys}aws_session_token = t\n`, false],
  ["a program", "[profile k]\ncredential_process = p\n", false],
  ["a token file", `[profile k]\nrole_arn = ${arn("k")}\nweb_identity_token_file = /t\n`, true],
])("whether a role is chained depends on what it starts from: %s", (_, source, chained) => {
  expect(assumedIn({ config: role("a", "k") + source })).toMatchObject({ a: { chained } });
});

test.each([
  ["Environment", false],
  ["Ec2InstanceMetadata", true],
  ["EcsContainer", true],
])("whether a role is chained depends on what it starts from: %s", (source, chained) => {
  const config = `[profile a]\nrole_arn = ${arn("a")}\ncredential_source = ${source}\n`;
  expect(assumedIn({ config })).toMatchObject({ a: { chained, parent: undefined } });
});

test("profiles that are the same role in the same way share a key; any difference is another one", () => {
  const changes = [
    "external_id = x1\n",
    "role_session_name = s1\n",
    "duration_seconds = 900\n",
    "region = us-west-2\n",
  ];
  const same = (name: string, source: string, more = ""): string =>
    role(name, source, more).replace(arn(name), arn("same"));
  const config =
    same("a", "k") +
    same("b", "k", "output = json\n") +
    same("c", "a") +
    changes.map((change, index) => same(`d${index}`, "k", change)).join("");
  const all = assumedIn({ config, credentials: `[k]\n${keys}` });
  expect(all["b"]?.key).toBe(all["a"]?.key);
  const names = Object.keys(all).filter((name) => name !== "b");
  expect(new Set(names.map((name) => all[name]?.key)).size).toBe(names.length);
  expect(names).toHaveLength(6);
});

test.each([
  ["its own", role("a", "b", "region = us-west-2\n") + role("b", "dev"), "us-west-2"],
  [
    "that of the one before",
    role("a", "b") + role("b", "dev", "region = us-east-2\n"),
    "us-east-2",
  ],
  [
    "that of the root",
    role("a", "b") + role("b", "r") + `[profile r]\n${keys}region = ap-south-1\n`,
    "ap-south-1",
  ],
  ["that of the organisation", role("a", "b") + role("b", "dev"), "eu-central-1"],
  ["that of the partition", role("a", "r") + `[profile r]\n${keys}`, "us-east-1"],
  [
    "that of another partition",
    `${role("a", "r").replace("arn:aws:", "arn:aws-us-gov:")}[profile r]\n${keys}`,
    "us-gov-west-1",
  ],
  [
    "that of yet another partition",
    `${role("a", "r").replace("arn:aws:", "arn:aws-cn:")}[profile r]\n${keys}`,
    "cn-north-1",
  ],
])("the region in which a role is asked for: %s", (_, config, stsRegion) => {
  expect(assumedIn({ config: corp + config })).toMatchObject({ a: { stsRegion } });
});

test("a loop is printed once, whoever leads into it, and takes nobody else along", () => {
  const config =
    role("b", "c") + role("x", "b") + role("c", "a") + role("a", "b") + corp + role("y", "dev");
  const { organisations, problems } = readTexts({ config });
  expect(problems).toEqual([
    {
      file: "/c",
      line: 12,
      sentence: "These profiles take their credentials from each other: a -> b -> c -> a.",
      remedy: "Let one of them end in keys, sso_ settings or a credential_process.",
    },
  ]);
  expect(organisations).toMatchObject([{ assumed: [{ name: "y" }] }]);
});

const asking = (name: string, asked: string): string =>
  `[profile ${name}]\ncredential_process = /usr/bin/evercred aws process --profile ${asked}\n`;

test("programs that ask Evercred for each other are a loop, printed once; who leads into it stays", () => {
  const config =
    asking("x", "a") +
    asking("a", "role") +
    asking("b", "a") +
    role("role", "b") +
    corp +
    asking("y", "dev");
  const { profiles, problems } = readTexts({ config });
  expect(profiles.map(({ id }) => id)).toEqual(["x", "y"]);
  expect(problems).toMatchObject([
    {
      file: "/c",
      sentence:
        "The credential_process of each of these profiles asks Evercred for the next one: a -> b -> a.",
    },
  ]);
});

test("a program that asks Evercred for its own profile is refused when it is run, and there until then", () => {
  expect(readTexts({ config: asking("a", "a") })).toMatchObject({
    profiles: [{ id: "a", profiles: [{ name: "a" }] }],
    problems: [],
  });
});

test("one that leads to itself and has no keys is a loop", () => {
  expect(says({ config: role("a", "a") })).toEqual([
    "These profiles take their credentials from each other: a -> a.",
  ]);
});

test.each([
  [
    "a source that is not there",
    role("a", "kees"),
    3,
    /takes its credential from kees, which is not there/,
    "Did you mean keys?",
  ],
  ["a source like none", role("a", "zzzzzzzz"), 3, /which is not there/, "Add a profile zzzzzzzz."],
  [
    "a source without a credential",
    `${role("a", "b")}[profile b]\nregion = us-east-1\n`,
    3,
    /from b, which has none/,
    "Give b keys, sso_ settings or a credential_process.",
  ],
  [
    "both kinds of source",
    role("a", "keys", "credential_source = Environment\n"),
    4,
    /has both/,
    "Delete one of the two.",
  ],
  [
    "no source",
    `[profile a]\nrole_arn = ${arn("a")}\n`,
    2,
    /neither a source_profile nor a credential_source/,
    "Add source_profile with the name of the profile that may assume the role.",
  ],
  [
    "a source in small letters",
    `[profile a]\nrole_arn = ${arn("a")}\ncredential_source = environment\n`,
    3,
    /"environment" is no credential_source/,
    "Write Environment, Ec2InstanceMetadata or EcsContainer.",
  ],
  [
    "a name in place of an ARN",
    "[profile a]\nrole_arn = Developer\nsource_profile = keys\n",
    2,
    /"Developer" is not the ARN of a role/,
    "Write it like arn:aws:iam::111122223333:role/Developer.",
  ],
])("a role with %s is not there, and one problem says why", (_, config, line, sentence, remedy) => {
  const files = { config, credentials: `[keys]\n${keys}` };
  const { profiles, problems } = readTexts(files);
  expect(profiles).toMatchObject([{ id: "keys", assumed: [] }]);
  expect(problems).toMatchObject([{ file: "/c", line, remedy }]);
  expect(problems[0]?.sentence).toMatch(sentence);
});

test("roles behind one that cannot be go with it, and are not said to be wrong themselves", () => {
  const config = role("a", "b") + role("b", "k").replace(arn("b"), "b");
  expect(readTexts({ config, credentials: `[k]\n${keys}` })).toMatchObject({
    profiles: [{ assumed: [] }],
    problems: [{ line: 5 }],
  });
});

test("a source that signs in with aws login is not ours, and nothing is said", () => {
  const config = `${role("a", "b")}[profile b]\nlogin_session = arn:aws:iam::111122223333:user/x\n`;
  expect(readTexts({ config })).toEqual({ organisations: [], profiles: [], problems: [] });
});

test("no external id and no secret is repeated in a problem", () => {
  const config = role("a", "k", "external_id = hush hush\n");
  const files = { config, credentials: `[k]\n${keys}\n[half]\naws_secret_access_key = hush\n` };
  expect(says(files)).toHaveLength(2);
  expect(JSON.stringify(says(files))).not.toMatch(/hush|s3cr3t/);
});

const clientB: ConfiguredSource = {
  id: "client-b",
  startUrl: "https://client-b.awsapps.com/start",
  region: "eu-central-1",
  profiles: [{ name: "base", account: "777788889999", role: "Ops", region: "eu-north-1" }],
};

test("a chain may start at a profile of Evercred's own configuration, which wins over the file's", () => {
  const config = `${role("a", "base")}[profile base]\ncredential_process = p\n`;
  const { organisations, profiles, problems } = readTexts({ config }, [clientB]);
  expect(organisations).toMatchObject([
    {
      id: "client-b",
      profiles: [{ name: "base" }],
      assumed: [{ name: "a", parent: "777788889999/Ops", stsRegion: "eu-north-1" }],
    },
  ]);
  expect(profiles).toEqual([]);
  expect(problems).toMatchObject([
    { line: 4, sentence: expect.stringContaining("sources.client-b") },
  ]);
});
