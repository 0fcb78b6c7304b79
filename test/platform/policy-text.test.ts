import { describe, expect, test } from "vitest";
import { type PolicyReading, readPolicyText } from "../../electron/platform/policy-text.ts";

const read = (text: string): PolicyReading => readPolicyText(text, "policy.json", "/home/ann");

const places = ({ problems }: PolicyReading): readonly string[] =>
  problems.map(
    ({ severity, line, column, sentence, remedy }) =>
      `${line}:${column}: ${severity}: ${sentence} ${remedy}`,
  );

const closing = "Correct it: until then nothing is served.";

/** The example of the documentation, with comments. */
const example = `{
  // Example Corp
  "version": 1,
  "organization": "Example Corp",
  "contact": "https://help.example.com/evercred",
  "force": {
    "sources": {
      "corp": { "kind": "aws-sso", "startUrl": "https://example.awsapps.com/start", "region": "us-east-1" }
    },
    "network": { "caFiles": ["/etc/ssl/certs/example-root.pem"] }
  },
  "default": { "aws": { "defaultProfile": "bedrock" }, "signIn": { "schedule": ["0 9 * * 1-5"] } },
  "allow": {
    "sourceKinds": ["aws-sso", "google", "google-adc", "oidc"],
    "keyKinds": ["oidc", "static", "aws-bedrock"],
    "awsStartUrls": ["https://example.awsapps.com/start"],
    "awsAccounts": ["111122223333"],
    "issuers": ["https://login.example.com/"],
    "googleDomains": ["Example.com"],
    "commands": ["/usr/bin/gcloud", "shell"],
    "keychain": ["os"],
    "doors": [],
    "bridges": true,
  },
}`;

test("a policy is read with comments, and a forced source is there to stay", () => {
  const { policy, organization, contact, problems } = read(example);
  expect(problems).toEqual([]);
  expect({ organization, contact }).toEqual({
    organization: "Example Corp",
    contact: "https://help.example.com/evercred",
  });
  expect(policy?.limits).toEqual({
    sourceKinds: ["aws-sso", "google", "google-adc", "oidc"],
    keyKinds: ["oidc", "static", "aws-bedrock"],
    awsStartUrls: ["https://example.awsapps.com/start"],
    awsAccounts: ["111122223333"],
    issuers: ["https://login.example.com/"],
    googleDomains: ["example.com"],
    commands: ["/usr/bin/gcloud", "shell"],
    keychain: ["os"],
    doors: [],
    bridges: true,
  });
  expect(policy?.force).toHaveProperty("sources.corp.enabled", true);
  expect(policy?.fallback).toHaveProperty("aws.defaultProfile", "bedrock");
});

test("an organisation may give a source that is off", () => {
  const { policy } = read(
    '{"force": {"sources": {"v": {"kind": "command", "signIn": ["/x"], "enabled": false}}}}',
  );
  expect(policy?.force).toHaveProperty("sources.v.enabled", false);
});

test("a policy that says nothing limits nothing", () => {
  expect(read("{}")).toEqual({
    policy: { force: {}, fallback: {}, limits: {} },
    organization: undefined,
    contact: undefined,
    problems: [],
  });
});

describe("closes", () => {
  test.each<[string, string]>([
    ["", `1:1: error: The policy is not valid JSON: value expected. ${closing}`],
    ['{\n "allow": ', `2:11: error: The policy is not valid JSON: value expected. ${closing}`],
    ["[]", `1:1: error: The whole must be an object. ${closing}`],
    [
      '{"version": 2}',
      `1:2: error: version must be 1: a newer Evercred may know others. ${closing}`,
    ],
    [
      '{"allow": {\n  "awsAcounts": []\n}}',
      "2:3: error: allow.awsAcounts is not a name that Evercred knows. Did you mean awsAccounts?",
    ],
    ['{"alow": {}}', "1:2: error: alow is not a name that Evercred knows. Did you mean allow?"],
    [
      '{"allow": {"bridges": "no"}}',
      `1:12: error: allow.bridges must be true or false. ${closing}`,
    ],
    [
      '{"allow": {"awsAccounts": ["1"]}}',
      `1:28: error: allow.awsAccounts[0] must be an account number of 12 digits. ${closing}`,
    ],
    [
      '{"allow": {"issuers": ["https://login.example.com"]}}',
      `1:24: error: allow.issuers[0] must be an address that ends in "/". ${closing}`,
    ],
    [
      '{"allow": {"commands": ["gcloud"]}}',
      `1:25: error: allow.commands[0] must be the absolute path of a program, or "shell". ${closing}`,
    ],
    [
      '{"allow": {"bridges": true}, "allow": {}}',
      "1:2: error: allow stands here more than once. Remove all but one.",
    ],
    [
      '{"force": {"log": "loud"}}',
      `1:12: error: force.log must be one of "error", "warn", "info", "debug". ${closing}`,
    ],
    [
      '{"force": {"sources": {"a": {"title": "A"}}}}',
      `1:24: error: force.sources.a.kind must be one of`,
    ],
    [
      '{"force": {"headers": {"h": {"A": "Bearer 0123456789abcdef0123"}}}}',
      "1:30: error: force.headers.h.A holds what looks like a secret. Take it out, and have it replaced",
    ],
    [
      `{"force": {"sources": {"g": {"kind": "google", "clientId": "a", "clientSecret": "b"}}},
        "default": {"sources": {"g": {"kind": "google", "clientFile": "/c"}}}}`,
      "2:9: error: default and force do not go together. Say all of a source or a key in one of them.",
    ],
    [
      '{"organization": "a\\nb"}',
      `1:2: error: organization must be a text in one line. ${closing}`,
    ],
  ])("%s", (text, problem) => {
    const reading = read(text);
    expect(reading.policy).toBeUndefined();
    expect(places(reading).map((each) => each.slice(0, problem.length))).toContain(problem);
  });

  test("and says whose it is where that can be told", () => {
    const reading = read('{"organization": "Example Corp", "contact": 7, "allow": []}');
    expect(reading).toMatchObject({ organization: "Example Corp", contact: undefined });
    expect(reading.policy).toBeUndefined();
  });
});

test("a setting that nobody knows is said, and the rest is in force", () => {
  const reading = read(
    '{\n"force": { "netwrok": {}, "network": { "proxy": "none", "prxy": 1 } }\n}',
  );
  expect(places(reading)).toEqual([
    "2:12: warning: force.netwrok is not a name that Evercred knows. Did you mean network?",
    "2:57: warning: force.network.prxy is not a name that Evercred knows. Did you mean proxy?",
  ]);
  expect(reading.policy?.force).toEqual({ network: { proxy: "none" } });
});

test("a setting of the format that this version does not use is said to be one", () => {
  expect(places(read('{"force": {"aws": {"writeProfiles": true}}}'))).toEqual([
    "1:20: warning: force.aws.writeProfiles is not used by this version. Leave it or remove it.",
  ]);
});
