import { expect, test } from "vitest";
import { type Flavour, parseConfig } from "../../../electron/sources/aws/config-grammar.ts";
import type { AwsProfileDefinition } from "../../../electron/sources/aws/definition.ts";
import { type FileSections, profileTableOf } from "../../../electron/sources/aws/profile-table.ts";
import { type Files, readTexts } from "./resolved.ts";

const keys = (id = "AKIAIOSFODNN7EXAMPLE"): string =>
  `aws_access_key_id = ${id}\naws_secret_access_key = s3cr3t\n`;
const alice = "arn:aws:iam::111122223333:mfa/alice";
const role = (name: string, source: string, more = ""): string =>
  `[profile ${name}]\nrole_arn = arn:aws:iam::111122223333:role/${name}\nsource_profile = ${source}\n${more}`;

const definitionsIn = (files: Files): readonly AwsProfileDefinition[] => readTexts(files).profiles;

/** Ids, devices and names: what is one source and what is another. */
const outline = (files: Files) =>
  definitionsIn(files).map(({ id, mfaSerial, profiles, assumed }) => [
    id,
    mfaSerial,
    [...profiles, ...assumed].map(({ name }) => name),
  ]);

test("long-lived keys are a source of their own", () => {
  const credentials = `[k]\n${keys()}region = eu-west-1\n`;
  expect(definitionsIn({ credentials })).toEqual([
    {
      id: "k",
      title: "k",
      root: {
        kind: "keys",
        accessKeyId: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: expect.anything(),
        sessionToken: undefined,
        endsAt: undefined,
      },
      mfaSerial: undefined,
      profiles: [{ name: "k", region: "eu-west-1" }],
      assumed: [],
      stsRegion: "eu-west-1",
    },
  ]);
});

test("secrets are secrets at once", () => {
  const definitions = definitionsIn({ credentials: `[k]\n${keys()}aws_session_token = t0k3n\n` });
  expect(definitions).toMatchObject([{ root: { kind: "keys" } }]);
  expect(JSON.stringify(definitions)).not.toMatch(/s3cr3t|t0k3n/);
});

test("secrets are no settings of a profile", () => {
  const secrets = `${keys()}aws_session_token = a\naws_security_token = b\n`;
  const sections = (flavour: Flavour, header: string): FileSections => ({
    file: flavour,
    sections: parseConfig(`[${header}]\n${secrets}region = us-east-1\n`, flavour).sections,
  });
  const table = profileTableOf(sections("config", "profile k"), sections("credentials", "k"));
  expect([...(table.get("k")?.settings.keys() ?? [])]).toEqual(["aws_access_key_id", "region"]);
});

test.each([
  ["aws_expiration = 2027-01-04T09:00:00Z", "2027-01-04T09:00:00Z"],
  ["x_security_token_expires = 2027-01-04T10:00:00+01:00", "2027-01-04T09:00:00Z"],
  ["aws_credential_expiration = 2027-01-04T09:00:00.250Z", "2027-01-04T09:00:00.250Z"],
  ["expiration = 2027-01-04 09:00:00", "2027-01-04T09:00:00Z"],
  ["x_security_token_expires = 2027-01-04T10:00:00+0100", "2027-01-04T09:00:00Z"],
  ["aws_expiration = 2027-13-04T09:00:00Z", undefined],
  ["aws_expiration = soon", undefined],
  ["output = json", undefined],
])("the end of short-lived keys: %s", (line, end) => {
  const credentials = `[k]\n${keys()}aws_session_token = t\n${line}\n`;
  const endsAt = end === undefined ? undefined : Date.parse(end);
  expect(definitionsIn({ credentials })).toMatchObject([{ root: { endsAt } }]);
});

test("long-lived keys have no end, whatever stands beside them", () => {
  const credentials = `[k]\n${keys()}aws_expiration = 2027-01-04T09:00:00Z\n`;
  expect(definitionsIn({ credentials })).toMatchObject([{ root: { endsAt: undefined } }]);
});

test("keys with a device are another source than the same keys without: one code serves all who ask", () => {
  const files = {
    config:
      role("plain", "k") +
      role("a", "k", `mfa_serial = ${alice}\n`) +
      role("b", "k", `mfa_serial = ${alice}\n`) +
      role("behind", "a") +
      role("c", "k", "mfa_serial = arn:aws:iam::111122223333:mfa/key\n"),
    credentials: `[k]\n${keys()}`,
  };
  const [first, ...others] = outline(files);
  expect([first, ...others]).toEqual([
    ["k", undefined, ["k", "plain"]],
    ["k-mfa", alice, ["a", "b", "behind"]],
    [expect.stringMatching(/^k-mfa-[0-9a-f]{6}$/), "arn:aws:iam::111122223333:mfa/key", ["c"]],
  ]);
  expect(definitionsIn(files)[1]).toMatchObject({ title: "k with MFA", root: { kind: "keys" } });
});

test("keys whose own profile names a device are asked for with it", () => {
  const credentials = `[k]\n${keys()}mfa_serial = ${alice}\n`;
  expect(outline({ credentials, config: role("a", "k") })).toEqual([
    ["k", undefined, ["a"]],
    ["k-mfa", alice, ["k"]],
  ]);
});

test("a profile that is its own source has a role, and its keys no name", () => {
  const config = role("a", "a", `${keys()}mfa_serial = ${alice}\n`);
  expect(outline({ config })).toEqual([["a-mfa", alice, ["a"]]]);
});

test.each([
  ["short-lived keys", `[profile k]\n${keys()}aws_session_token = t\n`],
  ["a program", "[profile k]\ncredential_process = p\n"],
])("a device is of no use with %s, and a problem says so", (_, source) => {
  const { profiles, problems } = readTexts({
    config: source + role("a", "k", `mfa_serial = ${alice}\n`),
  });
  expect(profiles).toMatchObject([{ id: "k", mfaSerial: undefined, assumed: [{ name: "a" }] }]);
  expect(problems).toMatchObject([{ sentence: expect.stringContaining("only long-lived keys") }]);
});

test("a device that cannot be is left out, and a problem says so", () => {
  const { profiles, problems } = readTexts({
    config: role("a", "k", "mfa_serial = my phone\n"),
    credentials: `[k]\n${keys()}`,
  });
  expect(profiles).toMatchObject([{ id: "k", mfaSerial: undefined, assumed: [{ name: "a" }] }]);
  expect(problems).toMatchObject([
    { line: 4, sentence: 'Profile a: "my phone" is not the serial number of an MFA device.' },
  ]);
});

test("what the machine itself has is one source for each kind", () => {
  const from = (name: string, source: string): string =>
    `[profile ${name}]\nrole_arn = arn:aws:iam::111122223333:role/${name}\ncredential_source = ${source}\n`;
  const config =
    from("a", "Ec2InstanceMetadata") +
    from("b", "Environment") +
    from("c", "Ec2InstanceMetadata") +
    from("d", "EcsContainer") +
    role("e", "a");
  expect(outline({ config })).toEqual([
    ["ec2", undefined, ["a", "c", "e"]],
    ["environment", undefined, ["b"]],
    ["ecs", undefined, ["d"]],
  ]);
  expect(definitionsIn({ config }).map(({ title }) => title)).toEqual([
    "EC2 instance",
    "Environment",
    "ECS container",
  ]);
});

test("a token file is its profile's own credential, with the name and the duration that it says", () => {
  const config =
    "[profile w]\nrole_arn = arn:aws:iam::111122223333:role/w\nweb_identity_token_file = /t\nrole_session_name = ci-1\nduration_seconds = 7200\nregion = eu-west-1\n";
  expect(definitionsIn({ config })).toMatchObject([
    {
      id: "w",
      root: {
        kind: "web-identity",
        tokenFile: "/t",
        roleArn: "arn:aws:iam::111122223333:role/w",
        sessionName: "ci-1",
        durationMs: 7_200_000,
      },
      profiles: [{ name: "w", region: "eu-west-1" }],
      stsRegion: "eu-west-1",
    },
  ]);
});

test.each([
  [
    "a device's ARN",
    role("a", "k", "mfa_serial = arn:aws-us-gov:iam::111122223333:mfa/x\n").replace(
      "arn:aws:iam::111122223333:role",
      "arn:aws-us-gov:iam::111122223333:role",
    ),
    "us-gov-west-1",
  ],
  ["a role's ARN", role("a", "k").replace("arn:aws:", "arn:aws-cn:"), "cn-north-1"],
  ["a role's region", role("a", "k", "region = eu-south-1\n"), "eu-south-1"],
])(
  "where the token service is asked follows from %s where the keys' profile says nothing",
  (_, config, stsRegion) => {
    const definitions = definitionsIn({ config, credentials: `[k]\n${keys()}` });
    expect(definitions.find(({ assumed }) => assumed.length > 0)).toMatchObject({ stsRegion });
  },
);

test("ids of organisations and configured ones come first; names are made to fit", () => {
  const corp =
    "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n";
  const credentials = ["corp", "client-b", "My Keys", "my-keys"]
    .map((name) => `[${name}]\n${keys()}`)
    .join("");
  const own = { id: "client-b", startUrl: "https://b.awsapps.com/start", region: "us-east-1" };
  const { organisations, profiles } = readTexts({ config: corp, credentials }, [own]);
  expect(organisations.map(({ id }) => id)).toEqual(["corp", "client-b"]);
  expect(profiles.map(({ id }) => id)).toEqual([
    expect.stringMatching(/^corp-[0-9a-f]{6}$/),
    expect.stringMatching(/^client-b-[0-9a-f]{6}$/),
    expect.stringMatching(/^my-keys-[0-9a-f]{6}$/),
    "my-keys",
  ]);
});

test.each([
  [
    "keys and an organisation",
    `${keys()}sso_account_id = 111122223333\nsso_role_name = R\n`,
    "its sso_ settings",
    "its keys",
  ],
  ["keys and a program", `${keys()}credential_process = p\n`, "credential_process", "its keys"],
  [
    "a program and an organisation",
    "credential_process = p\nsso_account_id = 111122223333\nsso_role_name = R\n",
    "its sso_ settings",
    "credential_process",
  ],
  [
    "a token file and a source",
    "role_arn = arn:aws:iam::111122223333:role/R\nsource_profile = x\nweb_identity_token_file = /t\n",
    "web_identity_token_file",
    "role_arn with its source",
  ],
])(
  "a profile with %s is two things for two tools, and a problem says which",
  (_, settings, ours, theirs) => {
    const config = `[sso-session s]\nsso_start_url = https://s.awsapps.com/start\nsso_region = us-east-1\n[profile x]\nsso_session = s\n${settings}`;
    expect(readTexts({ config }).problems).toMatchObject([
      {
        line: 4,
        sentence: `Profile x is two things: the AWS CLI and Evercred go by ${ours}, the AWS SDK for JavaScript by ${theirs}.`,
        remedy: "Keep one of the two, or make two profiles.",
      },
    ]);
  },
);

test("a section without the word profile that has keys is a problem", () => {
  expect(readTexts({ config: `[dev]\n${keys()}` }).problems).toMatchObject([
    {
      line: 1,
      sentence: "Section [dev] is not a profile, so no tool uses its aws_access_key_id.",
      remedy: "Write [profile dev].",
    },
  ]);
});
