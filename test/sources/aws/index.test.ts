import { afterEach, beforeEach, expect, test } from "vitest";
import type { Source } from "../../../electron/core/source.ts";
import { type AwsConfig, AwsSources } from "../../../electron/sources/aws/index.ts";
import { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { never, put, startWorld, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

const config = (sources: AwsConfig["sources"] = {}, mirrorSsoCache = true): AwsConfig => ({
  sources,
  keys: {},
  aws: { mirrorSsoCache },
});

const awsOf = (env: Record<string, string> = {}): AwsSources => {
  const { home, agent, clock, log } = world;
  return new AwsSources({ env, home, agent, clock, log });
};

const organisationOf = (source: Source | undefined): AwsSsoSource => {
  if (!(source instanceof AwsSsoSource)) throw new TypeError("That is no organisation.");
  return source;
};

const noOther = (): Promise<never> => Promise.reject(new Error("Nothing else is needed."));

const text = `
[sso-session corp]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1
[profile p]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-west-1
[profile q]
sso_session = none
`;

test("without any configuration there are no sources and no problems", async () => {
  const aws = awsOf();
  expect(aws.load(config())).toEqual([]);
  expect(aws.problems).toEqual([]);
});

test("the sources of ~/.aws/config appear by themselves", async () => {
  const file = await put(world.home, ".aws/config", text);
  const aws = awsOf();
  const sources = aws.load(config());
  expect(sources.map(({ id }) => id)).toEqual(["corp"]);
  expect(sources[0]).toMatchObject({ organisation: "d-1234567890.awsapps.com", title: "corp" });
  expect([...sources[0]!.offers.keys()]).toEqual(["aws:p"]);
  expect(aws.problems).toMatchObject([{ file, line: 11 }]);
  expect(aws.configFile).toBe(file);
  expect(aws.cacheFolder).toBe(world.cacheFolder);
});

test("each load reads the file anew", async () => {
  const aws = awsOf();
  expect(aws.load(config())).toEqual([]);
  await put(world.home, ".aws/config", text);
  expect(aws.load(config())).toHaveLength(1);
  await put(world.home, ".aws/config", "");
  expect(aws.load(config())).toEqual([]);
  expect(aws.problems).toEqual([]);
});

test.each(["~/elsewhere/config", "/HOME/elsewhere/config"])(
  "AWS_CONFIG_FILE leads elsewhere: %s",
  async (path) => {
    const file = await put(world.home, "elsewhere/config", text);
    const aws = awsOf({ AWS_CONFIG_FILE: path.replace("/HOME", world.home) });
    expect(aws.configFile).toBe(file);
    expect(aws.load(config())).toHaveLength(1);
  },
);

test.each(["~/elsewhere/keys", "/HOME/elsewhere/keys"])(
  "AWS_SHARED_CREDENTIALS_FILE leads elsewhere: %s",
  async (path) => {
    await put(world.home, ".aws/credentials", "[not-this-one]\ncredential_process = p\n");
    const file = await put(world.home, "elsewhere/keys", "[tool]\ncredential_process = p\n");
    const aws = awsOf({ AWS_SHARED_CREDENTIALS_FILE: path.replace("/HOME", world.home) });
    expect(aws.credentialsFile).toBe(file);
    expect(aws.load(config())).toMatchObject([{ id: "tool", kind: "aws-profile" }]);
  },
);

test("keys in ~/.aws/credentials are a source, and what is wrong there has its place", async () => {
  await put(world.home, ".aws/config", text.replace(/\[profile q\][^]*/, ""));
  const file = await put(
    world.home,
    ".aws/credentials",
    "[k]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s3cr3t\nnonsense\n",
  );
  const aws = awsOf();
  const sources = aws.load(config());
  expect(sources.map(({ id, kind }) => [id, kind])).toEqual([
    ["corp", "aws-sso"],
    ["k", "aws-profile"],
  ]);
  expect([...sources[1]!.offers.keys()]).toEqual(["aws:k"]);
  expect(aws.problems).toMatchObject([{ file, line: 4 }]);
  expect(aws.credentialsFile).toBe(file);
});

test("an empty AWS_CONFIG_FILE is none", async () => {
  const file = await put(world.home, ".aws/config", text);
  expect(awsOf({ AWS_CONFIG_FILE: "" }).configFile).toBe(file);
});

test("a source that is switched off is not there, wherever it comes from", async () => {
  await put(world.home, ".aws/config", text);
  const other = { enabled: false, startUrl: "https://x.awsapps.com/start", region: "us-east-1" };
  expect(awsOf().load(config({ corp: { enabled: false }, other }))).toEqual([]);
});

test("configured sources are there, with their profiles", async () => {
  const profiles = [{ name: "b", account: "111122223333", role: "R", region: "eu-central-1" }];
  const startUrl = "https://b.awsapps.com/start";
  const aws = awsOf();
  const sources = aws.load(
    config({ b: { enabled: true, startUrl, region: "us-east-1", profiles } }),
  );
  expect(sources).toMatchObject([{ id: "b" }]);
  expect([...sources[0]!.offers.keys()]).toEqual(["aws:b"]);
});

const bedrock = (more: object = {}) =>
  ({ kind: "aws-bedrock", profile: "p", lifetime: 12 * 60 * 60_000, ...more }) as const;

test("a Bedrock key is one more thing that its profile's source offers", async () => {
  const others =
    "[profile tool]\ncredential_process = p\n[profile deploy]\nsource_profile = p\nrole_arn = arn:aws:iam::444455556666:role/Deploy\n";
  await put(world.home, ".aws/config", text + others);
  const aws = awsOf();
  const keys: AwsConfig["keys"] = {
    ...{ "of-p": bedrock(), other: { kind: "static" }, gateway: { kind: "oidc" } },
    ...{ "of-tool": bedrock({ profile: "tool", region: "us-east-1" }) },
    elsewhere: bedrock({ region: "us-west-2" }),
    deployed: bedrock({ profile: "deploy", region: "us-west-2" }),
  };
  const [corp, tool] = aws.load({ ...config(), keys });
  expect([...corp!.offers].map(([target, { title, region }]) => [target, title, region])).toEqual([
    ["aws:p", "Developer in 111122223333", "eu-west-1"],
    ["aws:deploy", "role/Deploy in 444455556666 via p", undefined],
    ["api-key:of-p", "Bedrock key of p in eu-west-1", "eu-west-1"],
    ["api-key:elsewhere", "Bedrock key of p in us-west-2", "us-west-2"],
    ["api-key:deployed", "Bedrock key of deploy in us-west-2", "us-west-2"],
  ]);
  expect(new Set([...corp!.offers.values()].map(({ key }) => key)).size).toBe(5);
  expect([...tool!.offers.keys()]).toEqual(["aws:tool", "api-key:of-tool"]);
  // The one of profile q, which has nothing to do with keys.
  expect(aws.problems).toHaveLength(1);
});

test.each([
  [
    bedrock({ profile: "tol" }),
    "keys.bedrock is of the profile tol, which is none that can be used.",
    "Did you mean tool?",
  ],
  [
    bedrock({ profile: "some-other" }),
    "keys.bedrock is of the profile some-other, which is none that can be used.",
    "Name an AWS profile: evercred status",
  ],
  [
    bedrock({ profile: "tool" }),
    "keys.bedrock has no region, and its profile tool has none either.",
    "Add region to one of them.",
  ],
])("a Bedrock key that cannot be is a problem: %j", async (key, sentence, remedy) => {
  await put(world.home, ".aws/config", "[profile tool]\ncredential_process = p\n");
  const aws = awsOf();
  const [tool] = aws.load({ ...config(), keys: { bedrock: key } });
  expect([...tool!.offers.keys()]).toEqual(["aws:tool"]);
  expect(aws.problems).toEqual([{ file: undefined, line: undefined, sentence, remedy }]);
});

test("the profiles of an organisation that is switched off have no keys", async () => {
  await put(world.home, ".aws/config", text.replace(/\[profile q\][^[]*/, ""));
  const aws = awsOf();
  const keys = { bedrock: bedrock() };
  expect(aws.load({ ...config({ corp: { enabled: false } }), keys })).toEqual([]);
  expect(aws.problems).toMatchObject([
    { sentence: "keys.bedrock is of the profile p, which is none that can be used." },
  ]);
});

test("of two profiles of one name that of the first source counts, whatever the sources are called", async () => {
  const entry = (account: string) => ({
    enabled: true,
    startUrl: `https://${account}.awsapps.com/start`,
    region: "us-east-1",
    profiles: [{ name: "bedrock", account, role: "ClaudeCode" }],
  });
  const sources = { corp: entry("111122223333"), "1": entry("444455556666") };
  const aws = awsOf();
  const loaded = aws.load({ ...config(sources), isFirst: (id) => id === "corp" });
  const offered = loaded.map(({ id, offers }) => [id, [...offers.keys()]]);
  expect(Object.fromEntries(offered)).toEqual({ corp: ["aws:bedrock"], "1": [] });
  expect(aws.problems).toMatchObject([
    { sentence: "sources.1 and sources.corp both have a profile bedrock; the latter counts." },
  ]);
});

test("what is known of the provider's clock outlives a new reading", async () => {
  await put(world.home, ".aws/config", text);
  const aws = awsOf();
  const [before] = aws.load(config());
  world.clock.jump(-10 * 60_000);
  await world.signIn(organisationOf(before));
  const [after] = aws.load(config());
  expect(after!.offsetMs()).toBe(before!.offsetMs());
  expect(after!.offsetMs()).toBeGreaterThan(9 * 60_000);
});

test("with the mirror off nothing may be written for other tools", async () => {
  await put(world.home, ".aws/config", text);
  const [on] = awsOf().load(config());
  expect(on!.shared?.writable).toBe(true);
  const [off] = awsOf().load(config({}, false));
  expect(off!.shared?.writable).toBe(false);
});

test("a source that was read from the file signs in and hands out keys", async () => {
  await put(world.home, ".aws/config", text);
  const [source] = awsOf().load(config());
  const grant = await world.signIn(organisationOf(source));
  const [offer] = source!.offers.values();
  await expect(source!.issue(grant, offer!.key, never, noOther)).resolves.toMatchObject({
    accountId: "111122223333",
  });
});
