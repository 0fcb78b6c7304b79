import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAdcFile } from "../../../electron/sources/google/adc-file.ts";
import { newRsaKey } from "../../fakes/cloud/google/jwt.ts";

const person = {
  type: "authorized_user",
  client_id: "client",
  client_secret: "secret",
  refresh_token: "1//0token",
};
const federatedPerson = {
  ...person,
  type: "external_account_authorized_user",
  token_url: "https://sts.googleapis.com/v1/oauthtoken",
};
const { privateKey } = newRsaKey();
const serviceAccount = {
  type: "service_account",
  client_email: "robot@example-project.iam.gserviceaccount.com",
  private_key: privateKey,
  token_uri: "https://oauth2.googleapis.com/token",
};
const become =
  "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@example-project.iam.gserviceaccount.com:generateAccessToken";
const external = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
  credential_source: { file: "/run/token" },
  service_account_impersonation_url: become,
};
const impersonated = {
  type: "impersonated_service_account",
  source_credentials: person,
  service_account_impersonation_url: become,
  delegates: [],
};

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "adc-"));
  file = join(folder, "adc.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = async (content: unknown) => {
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return readAdcFile(file);
};

const sentenceOf = async (content: unknown): Promise<string> => {
  const reading = await read(content);
  if (reading.kind !== "broken") return `not broken: ${reading.kind}`;
  expect(reading.fault.remedy).toMatch(/^[A-Z].*\.$/);
  return reading.fault.sentence.replace(file, "FILE");
};

const pool = "//iam.googleapis.com/locations/global/workforcePools/p/providers/q";
const sources = {
  json: { file: "/run/token", format: { type: "json", subject_token_field_name: "token" } },
  url: { url: "http://169.254.169.254/token", headers: { Metadata: "True" } },
  executable: { executable: { command: "/bin/true", timeout_millis: 5_000 } },
  aws: {
    environment_id: "aws1",
    region_url: "http://169.254.169.254/latest/meta-data/placement/availability-zone",
    url: "http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials",
    regional_cred_verification_url: "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity",
  },
};

test.each<[string, object]>([
  ["a person", person],
  [
    "a person, with an empty account and an unknown field",
    { ...person, account: "", rapt_token: 1 },
  ],
  ["a person of a workforce pool", federatedPerson],
  ["a service account", serviceAccount],
  ["an outside identity", external],
  [
    "an outside identity of another cloud",
    {
      ...external,
      universe_domain: "cloud.example",
      token_url: "https://sts.cloud.example/v1/token",
    },
  ],
  ...Object.entries(sources).map(([name, source]): [string, object] => [
    `an outside identity proved by ${name}`,
    { ...external, credential_source: source },
  ]),
  [
    "a project of a workforce pool",
    { ...external, audience: pool, workforce_pool_user_project: "1" },
  ],
  ["somebody who becomes a service account", impersonated],
  [
    "a service account that becomes another one",
    {
      ...impersonated,
      source_credentials: serviceAccount,
      delegates: ["projects/-/serviceAccounts/middle@example-project.iam.gserviceaccount.com"],
      scopes: ["https://www.googleapis.com/auth/devstorage.read_only"],
    },
  ],
])("%s can be used", async (_, content) => {
  expect(await read(content)).toMatchObject({
    kind: "adc",
    adc: { type: Reflect.get(content, "type") },
  });
});

const whole = (what: string) => `FILE is not whole: it has no usable ${what}.`;
const without = (content: object, name: string) => ({ ...content, [name]: undefined });

test.each<[string, unknown, string]>([
  ["half a file", '{"type": "authorized_u', "FILE is not whole: it holds no JSON object."],
  [
    "one that is nested too deeply",
    `{"type":"authorized_user","x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
    "FILE is not whole: it holds no JSON object.",
  ],
  ["an empty file", "", "FILE is not whole: it holds no JSON object."],
  ["a list", "[]", "FILE is not whole: it holds no JSON object."],
  ["no type", {}, "FILE holds no credentials that Evercred knows: their type is not named."],
  [
    "an unknown type",
    { type: "magic\u001b[2J" },
    'FILE holds no credentials that Evercred knows: their type is "magic [2J".',
  ],
  [
    "a type that every object has",
    { type: "constructor" },
    'FILE holds no credentials that Evercred knows: their type is "constructor".',
  ],
  [
    "the file of a client",
    { installed: {} },
    "FILE is the file of an OAuth client, and holds no credentials.",
  ],
  [
    "an air-gapped cloud",
    { type: "gdch_service_account" },
    "FILE is of an air-gapped cloud (gdch_service_account), which Evercred does not know.",
  ],
  ["no client", without(person, "client_id"), whole("client_id")],
  ["no secret", without(person, "client_secret"), whole("client_secret")],
  ["an empty refresh token", { ...person, refresh_token: "" }, whole("refresh_token")],
  ["a domain that is none", { ...person, universe_domain: "a/b" }, whole("universe_domain")],
  [
    "a token address elsewhere",
    { ...person, token_uri: "https://oauth2.example.com/token" },
    "FILE has a token_uri that is not Google's (oauth2.example.com).",
  ],
  [
    "a token address that only looks like Google's",
    { ...person, token_uri: "https://oauth2.notgoogleapis.com/token" },
    "FILE has a token_uri that is not Google's (oauth2.notgoogleapis.com).",
  ],
  [
    "a token address in clear",
    { ...person, token_uri: "http://oauth2.googleapis.com" },
    whole("token_uri"),
  ],
  [
    "a workforce sign-in without secret",
    without(federatedPerson, "client_secret"),
    whole("client_secret"),
  ],
  [
    "a workforce sign-in elsewhere",
    { ...federatedPerson, token_info_url: "https://sts.example.com/v1/introspect" },
    "FILE has a token_info_url that is not Google's (sts.example.com).",
  ],
  [
    "a workforce revocation elsewhere",
    { ...federatedPerson, revoke_url: "https://sts.example.com/v1/revoke" },
    "FILE has a revoke_url that is not Google's (sts.example.com).",
  ],
  [
    "a service account without name",
    without(serviceAccount, "client_email"),
    whole("client_email"),
  ],
  [
    "a key that is none",
    {
      ...serviceAccount,
      private_key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    },
    "The private_key in FILE is no RSA key in PEM form.",
  ],
  [
    "a key of another cloud",
    { ...serviceAccount, universe_domain: "cloud.example" },
    "FILE is the key of another cloud than Google's own (cloud.example).",
  ],
  ["an outside identity without audience", without(external, "audience"), whole("audience")],
  [
    "an exchange elsewhere",
    { ...external, token_url: "https://sts.example.com/v1/token" },
    "FILE has a token_url that is not Google's (sts.example.com).",
  ],
  ["no proof", without(external, "credential_source"), whole("credential_source")],
  [
    "a proof by certificate",
    { ...external, credential_source: { certificate: {} } },
    whole("credential_source"),
  ],
  [
    "a JSON proof without a field",
    { ...external, credential_source: { file: "/t", format: { type: "json" } } },
    whole("credential_source.format.subject_token_field_name"),
  ],
  [
    "a proof at no address",
    { ...external, credential_source: { url: "ftp://a" } },
    whole("credential_source.url"),
  ],
  [
    "a program with no time",
    { ...external, credential_source: { executable: { command: "a", timeout_millis: 1 } } },
    whole("credential_source.executable.timeout_millis"),
  ],
  [
    "AWS keys from anywhere",
    { ...external, credential_source: { ...sources.aws, url: "http://10.0.0.1/keys" } },
    whole("credential_source.url"),
  ],
  [
    "an impersonation of another kind",
    {
      ...external,
      service_account_impersonation_url: become.replace("generateAccessToken", "signBlob"),
    },
    whole("service_account_impersonation_url"),
  ],
  [
    "an impersonation elsewhere",
    { ...impersonated, service_account_impersonation_url: become.replace("googleapis", "example") },
    "FILE has a service_account_impersonation_url that is not Google's (iamcredentials.example.com).",
  ],
  [
    "an address that is too long",
    {
      ...impersonated,
      service_account_impersonation_url: become.replace("robot", "r".repeat(200)),
    },
    whole("service_account_impersonation_url"),
  ],
  [
    "a project of a pool that is none of people",
    { ...external, workforce_pool_user_project: "1" },
    whole("workforce_pool_user_project"),
  ],
  [
    "nobody who becomes it",
    without(impersonated, "source_credentials"),
    whole("source_credentials"),
  ],
  [
    "an unknown one who becomes it",
    { ...impersonated, source_credentials: impersonated },
    'FILE holds no credentials that Evercred knows: their type is "impersonated_service_account".',
  ],
  [
    "one who becomes it and lacks something",
    { ...impersonated, source_credentials: without(person, "client_id") },
    whole("client_id"),
  ],
  [
    "one who becomes it by way of a stranger",
    { ...impersonated, source_credentials: { ...person, token_uri: "https://example.com" } },
    "FILE has a token_uri that is not Google's (example.com).",
  ],
])("%s is told, with what to do", async (_, content, sentence) => {
  expect(await sentenceOf(content)).toBe(sentence);
});

test("a file that cannot be read is told by how it is", async () => {
  expect(await readAdcFile(file)).toEqual({ kind: "absent" });
  const sentenceAt = async (path: string): Promise<string> => {
    const reading = await readAdcFile(path);
    return reading.kind === "broken" ? reading.fault.sentence : reading.kind;
  };
  await symlink(join(folder, "nowhere"), file);
  expect(await sentenceAt(file)).toBe(`${file} is a link that leads nowhere.`);
  await mkdir(join(folder, "place"));
  expect(await sentenceAt(join(folder, "place"))).toBe(`${join(folder, "place")} is not a file.`);
  const large = join(folder, "large");
  await writeFile(large, JSON.stringify({ ...person, more: "x".repeat(65 * 1024) }));
  expect(await sentenceAt(large)).toBe(`${large} is larger than any file of its kind.`);
  const linked = join(folder, "linked");
  await writeFile(join(folder, "whole"), JSON.stringify(person));
  await symlink("whole", linked);
  expect(await readAdcFile(linked)).toMatchObject({ kind: "adc" });
});

test.skipIf(process.getuid?.() === 0)("a file that is not ours to read is told", async () => {
  await writeFile(file, JSON.stringify(person));
  await chmod(file, 0);
  expect(await readAdcFile(file)).toMatchObject({
    fault: { sentence: `${file} cannot be read.` },
  });
});
