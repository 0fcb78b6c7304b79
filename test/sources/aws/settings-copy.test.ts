import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "../../../electron/sources/aws/config-grammar.ts";
import {
  isCredentialSetting,
  settingsWithoutKeys,
} from "../../../electron/sources/aws/settings-copy.ts";
import { withPython } from "./with-python.ts";

/** What botocore finds where the copy is all that there is. */
interface Found {
  readonly refused?: string;
  readonly keys?: string | null;
  readonly region?: string | null;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly names?: readonly string[];
  readonly sessions?: readonly string[];
}

const readWithBotocore = (
  asked: readonly { readonly config: string; readonly profile: string | null }[],
): readonly Found[] => withPython("settings-with-botocore.py", asked) as readonly Found[];

const copyOf = (profile: string, config: string, credentials = "", region?: string): string =>
  settingsWithoutKeys(
    profile,
    region,
    parseConfig(config).sections,
    parseConfig(credentials, "credentials").sections,
  );

const config = `
[default]
region = us-east-1
output = text
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = default-secret

[profile dev]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-central-1
output = json
retry_mode = adaptive
services = local
ca_bundle = /etc/ssl/corp.pem
s3 =
  addressing_style = path
  max_concurrent_requests = 20

[profile plain]
region = ap-southeast-2

[profile deploy]
role_arn = arn:aws:iam::111122223333:role/Deploy
source_profile = dev
region = sa-east-1

[profile 'two words']
region = us-west-2
credential_process = /bin/keys

[profile keyed]
region = us-west-1

[sso-session corp]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-central-1

[services local]
dynamodb =
  endpoint_url = http://localhost:8000

[plugins]
cli_legacy_plugin_path = /opt/plugins
`;
const credentials = `
[dev]
output = yaml
aws_access_key_id = AKIADEV
aws_secret_access_key = dev-secret
aws_session_token = dev-token
x_security_token_expires = 2030-01-01T00:00:00Z

[keyed]
aws_access_key_id = AKIAKEYED
aws_secret_access_key = keyed-secret

[region-only]
region = me-south-1
`;

test("botocore finds the profile's settings as its default, and no keys anywhere", () => {
  const copy = copyOf("dev", config, credentials);
  const [usual, named] = readWithBotocore([
    { config: copy, profile: null },
    { config: copy, profile: "dev" },
  ]);
  expect(usual).toEqual({
    keys: null,
    region: "eu-central-1",
    settings: {
      region: "eu-central-1",
      output: "yaml",
      retry_mode: "adaptive",
      services: "local",
      ca_bundle: "/etc/ssl/corp.pem",
      s3: { addressing_style: "path", max_concurrent_requests: "20" },
    },
    names: ["default", "dev", "plain", "region-only"],
    sessions: [],
  });
  expect(named).toEqual(usual);
  expect(copy).toContain("[services local]\ndynamodb =\n  endpoint_url = http://localhost:8000\n");
  expect(copy).toContain("[plugins]\ncli_legacy_plugin_path = /opt/plugins\n");
});

test("another profile with keys is not there, so that asking for it fails; one without is", () => {
  const copy = copyOf("dev", config, credentials);
  const found = readWithBotocore(
    ["deploy", "two words", "keyed", "plain", "region-only"].map((profile) => ({
      config: copy,
      profile,
    })),
  );
  const refused = { refused: "ProfileNotFound" };
  expect(found).toMatchObject([
    refused,
    refused,
    refused,
    { keys: null, region: "ap-southeast-2" },
    { keys: null, region: "me-south-1" },
  ]);
});

test("no key, token or name of an organisation stands in the copy", () => {
  for (const profile of ["dev", "default", "deploy", "two words", "keyed", "nobody"]) {
    expect(copyOf(profile, config, credentials)).not.toMatch(
      /AKIA|secret|token|sso_|awsapps|role_arn|source_profile|credential_process/,
    );
  }
});

test("the default profile is there once", () => {
  const copy = copyOf("default", config, credentials);
  expect(copy.match(/default/g)).toHaveLength(1);
  expect(readWithBotocore([{ config: copy, profile: null }])).toMatchObject([
    { keys: null, region: "us-east-1", settings: { output: "text" } },
  ]);
});

test.each(["two words", "it's", 'a "b"', "a\\b", "müller", "$(x)"])(
  "a profile called %s has its own section",
  (name) => {
    const quoted = `'${name.replaceAll("'", `'"'"'`)}'`;
    const copy = copyOf(name, `[profile ${quoted}]\nregion = us-west-2\nsso_session = x\n`);
    expect(readWithBotocore([{ config: copy, profile: name }])).toMatchObject([
      { keys: null, region: "us-west-2", names: ["default", name].sort() },
    ]);
  },
);

test("a profile that only Evercred's own configuration has comes with its region", () => {
  const copy = copyOf("own", "[default]\nregion = us-east-1\n", "", "eu-west-3");
  expect(readWithBotocore([{ config: copy, profile: null }])).toMatchObject([
    { keys: null, region: "eu-west-3", names: ["default", "own"] },
  ]);
  expect(copyOf("dev", config, credentials, "eu-west-3")).toContain("region = eu-central-1");
});

test("setting by setting the credentials file wins, be it a value or a block", () => {
  const copy = copyOf(
    "a",
    "[profile a]\noutput = json\nregion = x\ns3 =\n  b = c\nkey = d\n",
    "[a]\noutput = text\ns3 = e\nkey =\n  f = g\n",
  );
  expect(readWithBotocore([{ config: copy, profile: null }])).toMatchObject([
    { settings: { output: "text", region: "x", s3: "e", key: { f: "g" } } },
  ]);
});

test("[DEFAULT], which botocore adds to every profile, stays only without keys", () => {
  const own = "[profile a]\noutput = json\n";
  expect(copyOf("a", `[DEFAULT]\nregion = x\n${own}`)).toContain("[DEFAULT]\nregion = x\n");
  expect(copyOf("a", `[DEFAULT]\naws_access_key_id = AKIA\n${own}`)).not.toContain("DEFAULT");
});

test.each(["sso_anything", "mfa_serial", "login_session", "aws_security_token", "external_id"])(
  "%s has to do with keys",
  (name) => {
    expect(isCredentialSetting(name)).toBe(true);
  },
);

test.each(["region", "output", "ca_bundle", "endpoint_url", "s3", "cli_pager", "role"])(
  "%s has nothing to do with keys",
  (name) => {
    expect(isCredentialSetting(name)).toBe(false);
  },
);

const line = fc.constantFrom(
  ...["[profile a]", "[profile b]", "[default]", "[services x]", "[sso-session s]", "# c", ""],
  ...["region = r1", "region = r2", "output = json", "s3 =", "  k = v", "  more", "key = a ; b"],
  ...["sso_session = s", "aws_access_key_id = AKIA", "aws_secret_access_key = y", "role_arn = arn"],
  ...[
    "source_profile = b",
    "sso_account_id = 1",
    "sso_role_name = R",
    "  # c",
    "credential_process = x",
  ],
);
// botocore refuses a file where one stands twice.
const file = fc
  .uniqueArray(line, { maxLength: 14 })
  .map((lines) => ["[profile a]", ...lines.filter((each) => each !== "[profile a]")].join("\n"));

/** As `line` says it, without what has to do with keys. */
const plain = (settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !isCredentialSetting(name)));

test("of any file that botocore reads the copy has the profile's settings and no keys", () => {
  const texts = fc.sample(file, { numRuns: 200, seed: 5 });
  const before = withPython("read-with-botocore.py", texts) as readonly ({
    readonly profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  } | null)[];
  const found = readWithBotocore(
    texts.map((text) => ({ config: copyOf("a", text), profile: null })),
  );
  let read = 0;
  texts.forEach((text, index) => {
    const was = before[index];
    if (was === null) return;
    read += 1;
    const { keys, settings, sessions } = found[index]!;
    expect({ text, keys, settings, sessions }).toEqual({
      text,
      keys: null,
      settings: plain(was!.profiles["a"]!),
      sessions: [],
    });
  });
  expect(read).toBeGreaterThan(100);
});
