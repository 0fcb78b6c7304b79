import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Files,
  type Made,
  readTexts,
  type Resolved,
  resolveOurs,
  resolveWithBotocore,
} from "./resolved.ts";

const arn = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
const keys = (id = "AKIAIOSFODNN7EXAMPLE"): string =>
  `aws_access_key_id = ${id}\naws_secret_access_key = secret-of-${id}\n`;
const role = (name: string, source: string, more = ""): string =>
  `[profile ${name}]\nrole_arn = ${arn(name)}\nsource_profile = ${source}\n${more}`;
const corp =
  "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-central-1\n";
const sso = "sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Developer\n";
const legacy =
  "sso_start_url = https://old.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = Admin\n";

/** Files of which botocore and we make the same. */
const alike: Readonly<Record<string, Files>> = {
  "keys in the credentials file": { credentials: `[a]\n${keys()}` },
  "keys in the config file": { config: `[profile a]\n${keys()}region = eu-west-1\n` },
  "keys in both: those of the credentials file": {
    config: `[profile a]\n${keys("CONFIG")}`,
    credentials: `[a]\n${keys("SHARED")}`,
  },
  "keys with a session token": { credentials: `[a]\n${keys()}aws_session_token = t\n` },
  "the older name of the token is taken first": {
    credentials: `[a]\n${keys()}aws_session_token = t\naws_security_token = old\n`,
  },
  "a token in the other file is none of these keys": {
    config: "[profile a]\naws_session_token = t\n",
    credentials: `[a]\n${keys()}`,
  },
  "a key id here and its secret there": {
    config: "[profile a]\naws_access_key_id = A\n",
    credentials: "[a]\naws_secret_access_key = s\n",
  },
  "a secret here and its key id there": {
    config: "[profile a]\naws_secret_access_key = s\n",
    credentials: "[a]\naws_access_key_id = A\n",
  },
  "half of the keys in the credentials file, whole ones in the config file": {
    config: `[profile a]\n${keys()}`,
    credentials: "[a]\naws_access_key_id = A\n",
  },
  "a secret without a key id": { credentials: "[a]\naws_secret_access_key = s\n" },
  "a program": { config: '[profile a]\ncredential_process = /bin/p --x "a b" c=d\n' },
  "a program in the credentials file": { credentials: "[a]\ncredential_process = p\n" },
  "a program over two lines": { config: "[profile a]\ncredential_process = p\n  --flag\n" },
  "a program and keys in the config file: the program": {
    config: `[profile a]\ncredential_process = p\n${keys()}`,
  },
  "a program and keys in the credentials file: the keys": {
    config: "[profile a]\ncredential_process = p\n",
    credentials: `[a]\n${keys()}`,
  },
  "an sso-session": { config: `${corp}[profile a]\n${sso}region = eu-west-1\n` },
  "an sso-session after its profile": { config: `[profile a]\n${sso}${corp}` },
  "a profile without an sso-session": { config: `[profile a]\n${legacy}` },
  "an organisation and keys: the organisation": {
    config: `${corp}[profile a]\n${sso}`,
    credentials: `[a]\n${keys()}`,
  },
  "an organisation and a program: the organisation": {
    config: `${corp}[profile a]\n${sso}credential_process = p\n`,
  },
  "an sso-session without a role, and keys: the keys": {
    config: `${corp}[profile a]\nsso_session = corp\n${keys()}`,
  },
  "an sso-session without a role": { config: `${corp}[profile a]\nsso_session = corp\n` },
  "an sso-session that is not there": { config: `[profile a]\n${sso}` },
  "another region than the sso-session": {
    config: `${corp}[profile a]\n${sso}sso_region = us-east-1\n`,
  },
  "an account without a role": {
    config: `${corp}[profile a]\nsso_session = corp\nsso_account_id = 111122223333\n`,
  },
  "sso settings in the credentials file": { config: corp, credentials: `[a]\n${sso}` },
  "a role from keys": { config: role("a", "b"), credentials: `[b]\n${keys()}` },
  "a role from an organisation": { config: `${corp}[profile b]\n${sso}${role("a", "b")}` },
  "a role from a profile without an sso-session": {
    config: `[profile b]\n${legacy}region = us-west-2\n${role("a", "b")}`,
  },
  "a role from a program": { config: `[profile b]\ncredential_process = p\n${role("a", "b")}` },
  "a role from a token file": {
    config: `[profile b]\nrole_arn = ${arn("b")}\nweb_identity_token_file = /t\n${role("a", "b")}`,
  },
  "a role from a role": { config: role("a", "b") + role("b", "c"), credentials: `[c]\n${keys()}` },
  "three roles from an organisation": {
    config: `${corp}${role("a", "b", "region = us-east-2\n")}${role("b", "c")}${role("c", "d")}[profile d]\n${sso}`,
  },
  "all that a role may have": {
    config: role(
      "a",
      "b",
      "external_id = x:1\nrole_session_name = alice\nduration_seconds = 7200\nmfa_serial = arn:aws:iam::111122223333:mfa/alice\n",
    ),
    credentials: `[b]\n${keys()}`,
  },
  "two roles with one device, and one without": {
    config:
      role("a", "k", "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n") +
      role("b", "k", "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n") +
      role("c", "k"),
    credentials: `[k]\n${keys()}`,
  },
  "a role behind a role with a device": {
    config: role("a", "b") + role("b", "k", "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n"),
    credentials: `[k]\n${keys()}`,
  },
  "the environment as the source": {
    config: `[profile a]\nrole_arn = ${arn("a")}\ncredential_source = Environment\n`,
  },
  "an EC2 instance as the source, and a role behind it": {
    config: `[profile a]\nrole_arn = ${arn("a")}\ncredential_source = Ec2InstanceMetadata\n${role("b", "a")}`,
  },
  "a container as the source": {
    config: `[profile a]\nrole_arn = ${arn("a")}\ncredential_source = EcsContainer\n`,
  },
  "a source that is none": {
    config: `[profile a]\nrole_arn = ${arn("a")}\ncredential_source = Ec2\n`,
  },
  "a source in small letters": {
    config: `[profile a]\nrole_arn = ${arn("a")}\ncredential_source = environment\n`,
  },
  "both kinds of source": {
    config: `${role("a", "b", "credential_source = Environment\n")}[profile b]\n${keys()}`,
  },
  "a role without a source": { config: `[profile a]\nrole_arn = ${arn("a")}\n` },
  "a role without a source, and keys": {
    config: `[profile a]\nrole_arn = ${arn("a")}\n${keys()}`,
  },
  "a role without a source, and an organisation": {
    config: `${corp}[profile a]\nrole_arn = ${arn("a")}\n${sso}`,
  },
  "a role with a source, and an organisation: the role": {
    config: `${corp}${role("a", "b", sso)}`,
    credentials: `[b]\n${keys()}`,
  },
  "a source that is not there": { config: role("a", "b") },
  "a source in other letters": { config: role("a", "B"), credentials: `[b]\n${keys()}` },
  "a source without a credential": { config: `${role("a", "b")}[profile b]\nregion = us-east-1\n` },
  "a source with an sso-session and no role": {
    config: `${corp}${role("a", "b")}[profile b]\nsso_session = corp\n`,
  },
  "a source with half of the keys": {
    config: role("a", "b"),
    credentials: "[b]\naws_access_key_id = A\n",
  },
  "two that lead to each other": { config: role("a", "b") + role("b", "a") },
  "three that lead to each other, and one that leads there": {
    config: role("a", "b") + role("b", "c") + role("c", "a") + role("x", "b"),
  },
  "one that leads to itself": { config: role("a", "a") },
  "one that leads to itself, and has keys": { config: role("a", "a", keys()) },
  "one that leads to itself, with keys in the other file": {
    config: role("a", "a"),
    credentials: `[a]\n${keys()}`,
  },
  "a source with keys and a role: its keys": {
    config: role("a", "b") + role("b", "c") + `[profile c]\n${keys("C")}`,
    credentials: `[b]\n${keys("B")}`,
  },
  "a source with keys, a role and an organisation: the organisation": {
    config: `${corp}${role("a", "b")}${role("b", "c", sso + keys("B"))}[profile c]\n${keys("C")}`,
  },
  "two that lead to each other, one of them with keys": {
    config: role("a", "b", keys()) + role("b", "a"),
  },
  "the default profile as the source": {
    config: `[default]\nregion = us-east-1\n${role("a", "default")}`,
    credentials: `[default]\n${keys()}`,
  },
  "a role in one file, its source in the other": {
    config: `[profile a]\nrole_arn = ${arn("a")}\n`,
    credentials: `[a]\nsource_profile = b\n[b]\n${keys()}`,
  },
  "setting by setting the credentials file wins": {
    config: `${role("a", "x", "region = us-east-1\nexternal_id = one\n")}[profile b]\n${keys()}`,
    credentials: "[a]\nregion = eu-west-1\nsource_profile = b\n",
  },
  "a token file": {
    config: `[profile a]\nrole_arn = ${arn("a")}\nweb_identity_token_file = /t\nrole_session_name = s1\n`,
  },
  "a token file without a role": { config: "[profile a]\nweb_identity_token_file = /t\n" },
  "a token file and a source: the token file": {
    config: `${role("a", "b", "web_identity_token_file = /t\n")}[profile b]\n${keys()}`,
  },
  "a token file and keys: the token file": {
    config: `[profile a]\nrole_arn = ${arn("a")}\nweb_identity_token_file = /t\n${keys()}`,
  },
  "an empty token file, and a program": {
    config: `[profile a]\nrole_arn = ${arn("a")}\nweb_identity_token_file =\ncredential_process = p\n`,
  },
  "a duration that is no number": {
    config: role("a", "b", "duration_seconds = 1h\n"),
    credentials: `[b]\n${keys()}`,
  },
  "names with spaces": {
    config: `[profile "my role"]\nrole_arn = ${arn("x")}\nsource_profile = my keys\n`,
    credentials: `[my keys]\n${keys()}`,
  },
  "names with other signs": {
    config: role("a.b@c+d/e", "k:1"),
    credentials: `[k:1]\n${keys()}`,
  },
  "names in quotes in the credentials file": {
    config: `[profile '"q"']\nrole_arn = ${arn("x")}\nsource_profile = "q"\n`,
    credentials: `["q"]\n${keys()}`,
  },
  "settings in capitals": {
    config: `[profile a]\nROLE_ARN = ${arn("a")}\nSource_Profile = b\n`,
    credentials: `[b]\n${keys().toUpperCase()}`,
  },
  "colons for equals signs": {
    credentials: "[a]\naws_access_key_id: A\naws_secret_access_key: s\n",
  },
  "equals signs in a secret": {
    credentials: "[a]\naws_access_key_id=A\naws_secret_access_key=a=b=\n",
  },
  "a comment behind a secret is a part of it": {
    credentials: "[a]\naws_access_key_id = A\naws_secret_access_key = s # mine\n",
  },
  "comments and blocks between the settings": {
    config: `[profile a]\n# x\ns3 =\n  max_concurrent_requests = 2\n; y\nrole_arn = ${arn("a")}\n\nsource_profile = b\n`,
    credentials: `# z\n[b]\n${keys()}`,
  },
  "windows line ends": {
    config: role("a", "b").replaceAll("\n", "\r\n"),
    credentials: `[b]\n${keys()}`.replaceAll("\n", "\r\n"),
  },
  "[profile default] after [default]": {
    config: `[default]\ncredential_process = one\n[profile default]\ncredential_process = two\n`,
  },
  "[default] after [profile default]": {
    config: `[profile default]\ncredential_process = one\n[default]\ncredential_process = two\n`,
  },
  "a section of the config file without the word profile": {
    config: `[a]\n${keys()}[profile b]\n${keys()}`,
  },
  nothing: {},
};

interface Difference {
  readonly files: Files;
  /** Undefined where it refuses the files as a whole. */
  readonly theirs: Resolved | undefined;
  readonly ours: Resolved;
  /** What we say of it, if anything. */
  readonly says?: RegExp;
}

const madeOfKeys = (id = "AKIAIOSFODNN7EXAMPLE"): Made => ({
  kind: "keys",
  id,
  secret: `secret-of-${id}`,
  token: null,
  region: null,
});
const madeOfRole = (name: string, from: Made, more: Made = {}): Made => {
  const { region, ...source } = from;
  return {
    kind: "role",
    arn: arn(name),
    session: null,
    externalId: null,
    seconds: null,
    device: null,
    from: source,
    region: region ?? null,
    ...more,
  };
};
const madeOfSso: Made = {
  kind: "sso",
  startUrl: "https://corp.awsapps.com/start",
  ssoRegion: "eu-central-1",
  account: "111122223333",
  role: "Developer",
  region: null,
};
const device = "arn:aws:iam::111122223333:mfa/alice";
const all = { a: madeOfKeys() };

/** Where we make something else of them, and why. */
const different: Readonly<Record<string, Difference>> = {
  "one broken line shall not take every profile away": {
    files: { credentials: `[a]\n${keys()}nonsense\n` },
    theirs: undefined,
    ours: all,
    says: /Line 4 is neither/,
  },
  "nor shall a section that stands twice": {
    files: { credentials: `[a]\n${keys()}[a]\n${keys("OTHER")}` },
    theirs: undefined,
    ours: all,
    says: /stands twice, on lines 1 and 4/,
  },
  "a name of the config file in the credentials file is a slip, and for no other tool a profile": {
    files: { credentials: `[profile a]\n${keys()}` },
    theirs: { "profile a": madeOfKeys() },
    ours: {},
    says: /Section \[profile a\] stands in the credentials file/,
  },
  "[DEFAULT] is for no other tool a part of every profile": {
    files: { credentials: `[DEFAULT]\nregion = us-east-1\n[a]\n${keys()}` },
    theirs: { a: { ...madeOfKeys(), region: "us-east-1" } },
    ours: all,
  },
  "what is no region would become a part of a host name": {
    files: { credentials: `[a]\n${keys()}region = us-east-1 # home\n` },
    theirs: { a: { ...madeOfKeys(), region: "us-east-1 # home" } },
    ours: all,
    says: /not the name of an AWS region/,
  },
  "an empty program cannot be run": {
    files: { config: "[profile a]\ncredential_process =\n" },
    theirs: { a: { kind: "process", command: "", region: null } },
    ours: {},
    says: /empty credential_process/,
  },
  "AWS knows no such role": {
    files: { config: role("a", "k").replace("iam::1", "s3::1"), credentials: `[k]\n${keys()}` },
    theirs: {
      a: madeOfRole("a", madeOfKeys(), { arn: "arn:aws:s3::111122223333:role/a" }),
      k: madeOfKeys(),
    },
    ours: { k: madeOfKeys() },
    says: /is not the ARN of a role/,
  },
  "AWS takes no such session name, and then it is better to have another one": {
    files: {
      config: role("a", "k", "role_session_name = a b\n"),
      credentials: `[k]\n${keys()}`,
    },
    theirs: { a: madeOfRole("a", madeOfKeys(), { session: "a b" }), k: madeOfKeys() },
    ours: { a: madeOfRole("a", madeOfKeys()), k: madeOfKeys() },
    says: /cannot be the name of a role's session/,
  },
  "AWS takes no such external id, and refuses the role without it": {
    files: { config: role("a", "k", "external_id = a b\n"), credentials: `[k]\n${keys()}` },
    theirs: { a: madeOfRole("a", madeOfKeys(), { externalId: "a b" }), k: madeOfKeys() },
    ours: { k: madeOfKeys() },
    says: /external_id has a form/,
  },
  "AWS gives a role that is reached from a role an hour at most": {
    files: { config: `${corp}[profile s]\n${sso}${role("a", "s", "duration_seconds = 43200\n")}` },
    theirs: { a: madeOfRole("a", madeOfSso, { seconds: 43_200 }), s: madeOfSso },
    ours: { a: madeOfRole("a", madeOfSso, { seconds: 3_600 }), s: madeOfSso },
    says: /an hour at most, so Evercred asks for 3600/,
  },
  "AWS gives a quarter of an hour at least": {
    files: { config: role("a", "k", "duration_seconds = 60\n"), credentials: `[k]\n${keys()}` },
    theirs: { a: madeOfRole("a", madeOfKeys(), { seconds: 60 }), k: madeOfKeys() },
    ours: { a: madeOfRole("a", madeOfKeys(), { seconds: 900 }), k: madeOfKeys() },
    says: /AWS takes 900 to 43200 seconds, so Evercred asks for 900/,
  },
  "only keys can present a device's code": {
    files: {
      config: role("a", "b", `mfa_serial = ${device}\n`) + role("b", "k"),
      credentials: `[k]\n${keys()}`,
    },
    theirs: {
      a: madeOfRole("a", madeOfRole("b", madeOfKeys()), { device, from: fromOf("b") }),
      b: madeOfRole("b", madeOfKeys()),
      k: madeOfKeys(),
    },
    ours: {
      a: madeOfRole("a", madeOfKeys(), { from: fromOf("b") }),
      b: madeOfRole("b", madeOfKeys()),
      k: madeOfKeys(),
    },
    says: /only long-lived keys can present its code/,
  },
};

/** A role as the source of another one, made of the usual keys. */
function fromOf(name: string): Made {
  const { region, ...made } = madeOfRole(name, madeOfKeys());
  return region === null ? made : { ...made, region };
}

const fullOf = (theirs: Readonly<Record<string, Made>>): Resolved =>
  Object.fromEntries(
    Object.entries(theirs).filter(([, { kind }]) => kind !== "none" && kind !== "refused"),
  );

test("what botocore makes of two files we make of them, and what it refuses is a problem", () => {
  const rows = Object.entries(alike);
  const theirs = resolveWithBotocore(rows.map(([, files]) => files));
  expect(rows.length).toBeGreaterThan(60);
  for (const [index, [name, files]] of rows.entries()) {
    const ours = readTexts(files);
    const their = theirs[index];
    if (their === undefined) throw new Error(`botocore refuses ${name}`);
    expect({ name, ...resolveOurs(ours) }).toEqual({ name, ...fullOf(their) });
    const refused = Object.values(their).some(({ kind }) => kind === "refused");
    if (refused) {
      expect({ name, problems: ours.problems.length > 0 }).toEqual({ name, problems: true });
    }
  }
});

test("what we make otherwise is as little as this, and nothing but what no tool can use goes unsaid", () => {
  const rows = Object.entries(different);
  const theirs = resolveWithBotocore(rows.map(([, { files }]) => files));
  for (const [index, [name, row]] of rows.entries()) {
    const ours = readTexts(row.files);
    const their = theirs[index];
    expect({ name, theirs: their && fullOf(their) }).toEqual({ name, theirs: row.theirs });
    expect({ name, ours: resolveOurs(ours) }).toEqual({ name, ours: row.ours });
    const says = ours.problems.map(({ sentence }) => sentence);
    expect({ name, says }).toEqual({
      name,
      says: row.says === undefined ? [] : [expect.stringMatching(row.says)],
    });
  }
});

const name = fc.constantFrom("a", "b", "c", "d");
const setting = fc.oneof(
  fc.tuple(fc.constant("source_profile"), name).map((pair) => pair.join(" = ")),
  name.map((each) => `role_arn = ${arn(each)}`),
  fc.constantFrom(
    "credential_source = Environment",
    "credential_source = Nowhere",
    "web_identity_token_file = /t",
    "web_identity_token_file =",
    "credential_process = p",
    "sso_session = corp",
    "sso_session = none",
    "sso_account_id = 111122223333",
    "sso_role_name = Developer",
    "sso_start_url = https://corp.awsapps.com/start",
    "sso_region = eu-central-1",
    "sso_region = us-east-1",
    "aws_access_key_id = ID",
    "aws_secret_access_key = SECRET",
    "aws_session_token = TOKEN",
    "region = eu-west-1",
    "external_id = x1",
    "role_session_name = s1",
  ),
);
const profiles = fc.dictionary(
  name,
  fc.uniqueArray(setting, { maxLength: 6, selector: (line) => line.split(" ")[0] }),
);
const fileOf = (sections: Readonly<Record<string, readonly string[]>>, word: string): string =>
  Object.entries(sections)
    .map(([each, lines]) => [`[${word}${each}]`, ...lines, ""].join("\n"))
    .join("");
const pair = fc.tuple(profiles, profiles).map(([config, shared]) => ({
  config: corp + fileOf(config, "profile "),
  credentials: fileOf(shared, ""),
}));

// It takes seconds, on a busy machine a minute.
test("generated files are made alike, profile by profile", { timeout: 120_000 }, () => {
  const files = fc.sample(pair, { numRuns: 1_500, seed: 7 });
  const theirs = resolveWithBotocore(files);
  let roles = 0;
  for (const [index, each] of files.entries()) {
    const full = fullOf(theirs[index] ?? {});
    const read = readTexts(each);
    expect({ ...each, made: resolveOurs(read) }).toEqual({ ...each, made: full });
    const all = [...read.organisations, ...read.profiles];
    const names = all.flatMap(({ profiles: own, assumed }) => [...own, ...assumed]);
    expect(new Set(names.map(({ name: one }) => one)).size).toBe(names.length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    roles += Object.values(full).filter(({ kind }) => kind === "role").length;
  }
  expect(roles).toBeGreaterThan(100);
});
