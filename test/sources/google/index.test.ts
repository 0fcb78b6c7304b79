import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { googleKeyOf } from "../../../electron/core/google.ts";
import { targetOf } from "../../../electron/core/source.ts";
import { type GoogleConfig, GoogleSources } from "../../../electron/sources/google/index.ts";
import type { KeyEntries } from "../../../electron/sources/google/keys.ts";
import { grantOf } from "../../../electron/sources/google/tokens.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { put } from "./world.ts";

let home: string;
let google: GoogleSources;
const adcPath = ".config/gcloud/application_default_credentials.json";

const open = (env: Record<string, string> = {}): GoogleSources =>
  new GoogleSources({
    env,
    home,
    platform: "linux",
    agent: new Agent(),
    clock: new FakeClock(),
    log: new MemoryLog(),
  });

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "home-"));
  google = open();
});
afterEach(() => rm(home, { recursive: true, force: true }));

const rsaKey = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({
  ...{ type: "pkcs8", format: "pem" },
});

const client = (id: string) => ({ clientId: id, clientSecret: "s" });
const own = (more: object = {}) => ({
  kind: "google",
  enabled: true,
  scopes: ["openid"],
  adcFile: false,
  impersonate: [],
  ...client("ours"),
  ...more,
});

const user = (clientId: string): string =>
  JSON.stringify({
    type: "authorized_user",
    client_id: clientId,
    client_secret: "s",
    refresh_token: "1//0x",
  });

const configOf = (
  sources: object,
  keys: KeyEntries = {},
  defaultSource?: string,
): GoogleConfig => ({
  sources: sources as GoogleConfig["sources"],
  keys,
  google: defaultSource === undefined ? {} : { defaultSource },
});

const load = async (
  sources: object = {},
  taken: readonly string[] = [],
): Promise<readonly (readonly [string, string])[]> => {
  const loaded = await google.load(configOf(sources), new Set(taken), false);
  return loaded.map(({ id, kind }) => [id, kind] as const);
};

const sentences = (): readonly string[] => google.problems.map(({ sentence }) => sentence);

test("nothing is there where nothing is", async () => {
  expect(await load()).toEqual([]);
  expect(google.problems).toEqual([]);
  expect(google.adcFile).toBe(join(home, adcPath));
  expect(google.gcloudFolder).toBe(join(home, ".config/gcloud"));
});

test("the ADC file appears by itself, also where it is broken, and goes with the file", async () => {
  const file = await put(home, adcPath, user("gcloud"));
  expect(await load()).toEqual([["adc", "google-adc"]]);
  expect(google.problems).toEqual([]);
  await put(home, adcPath, '{"type":"autho');
  expect(await load()).toEqual([["adc", "google-adc"]]);
  expect(sentences()).toHaveLength(1);
  await rm(file);
  expect(await load()).toEqual([]);
  expect(google.problems).toEqual([]);
  await symlink(join(home, "nowhere"), file);
  expect(await load()).toEqual([["adc", "google-adc"]]);
  expect(sentences()).toHaveLength(1);
});

test("the file that a variable names counts first", async () => {
  const file = await put(home, "other.json", user("gcloud"));
  google = open({ GOOGLE_APPLICATION_CREDENTIALS: file, CLOUDSDK_CONFIG: join(home, "g") });
  expect(await load()).toEqual([["adc", "google-adc"]]);
  expect(google.watched).toEqual(expect.arrayContaining([file, google.adcFile]));
  expect(google.adcFile).toBe(join(home, "g", "application_default_credentials.json"));
});

test("its name gives way to others, and is not used where both are taken", async () => {
  await put(home, adcPath, user("gcloud"));
  expect(await load({}, ["adc"])).toEqual([["google-adc", "google-adc"]]);
  const named = { adc: own() };
  expect(await load(named)).toEqual([
    ["adc", "google"],
    ["google-adc", "google-adc"],
  ]);
  expect(await load({}, ["adc", "google-adc"])).toEqual([]);
});

test("a file of a source of our own is that source's", async () => {
  await put(home, adcPath, user("ours"));
  expect(await load({ google: own() })).toEqual([["google", "google"]]);
  expect(await load({ google: own(client("another")) })).toEqual([
    ["google", "google"],
    ["adc", "google-adc"],
  ]);
});

test("a file of another kind of sign-in is not, whatever its client is called", async () => {
  const more = { audience: "//iam.googleapis.com/locations/global/workforcePools/p/providers/q" };
  const type = "external_account_authorized_user";
  await put(home, adcPath, JSON.stringify({ ...JSON.parse(user("ours")), ...more, type }));
  expect(await load({ google: own() })).toEqual([
    ["google", "google"],
    ["adc", "google-adc"],
  ]);
});

test("a configured file is there whatever stands in it, once", async () => {
  const adc = { kind: "google-adc", enabled: true, impersonate: [], allowExecutables: false };
  const timeout = 165_000;
  expect(await load({ mine: { ...adc, timeout } })).toEqual([["mine", "google-adc"]]);
  await put(home, adcPath, user("gcloud"));
  expect(await load({ mine: { ...adc, timeout } })).toEqual([["mine", "google-adc"]]);
  const file = await put(home, "robot.json", user("gcloud"));
  expect(await load({ robot: { ...adc, timeout, file } })).toEqual([
    ["robot", "google-adc"],
    ["adc", "google-adc"],
  ]);
  expect(google.watched).toEqual(expect.arrayContaining([file, join(home, adcPath)]));
});

test("what is switched off is not there", async () => {
  await put(home, adcPath, user("gcloud"));
  const adc = { kind: "google-adc", enabled: false, impersonate: [], timeout: 1 };
  expect(await load({ adc, google: own({ enabled: false }) })).toEqual([]);
});

test("entries of other kinds are somebody else's", async () => {
  const others = {
    corp: { kind: "aws-sso", enabled: true },
    v: { kind: "command", enabled: true },
    company: { kind: "oidc", enabled: true },
  };
  expect(await load(others)).toEqual([]);
});

test("a name that another source has is a problem, of that source only", async () => {
  expect(await load({ corp: own(), google: own() }, ["corp"])).toEqual([["google", "google"]]);
  expect(sentences()).toEqual(["sources.corp has the name of another source, and is left out."]);
  const adc = { kind: "google-adc", enabled: true, impersonate: [], timeout: 1 };
  expect(await load({ corp: adc }, ["corp"])).toEqual([]);
  expect(sentences()).toEqual(["sources.corp has the name of another source, and is left out."]);
});

test("a client's file is read, watched, and named where it is no use", async () => {
  const clientFile = join(home, "client.json");
  expect(await load({ google: own({ clientFile, clientId: undefined }) })).toEqual([]);
  expect(google.watched).toContain(clientFile);
  expect(google.problems).toMatchObject([
    { file: undefined, sentence: `sources.google: ${clientFile} does not exist.` },
  ]);
  expect(await load({ google: own({ clientSecret: undefined }) })).toEqual([]);
  expect(sentences()).toEqual(["sources.google names no OAuth client."]);
  await writeFile(
    clientFile,
    JSON.stringify({ installed: { client_id: "a", client_secret: "b" } }),
  );
  expect(await load({ google: own({ clientFile, clientId: undefined }) })).toHaveLength(1);
  expect(google.problems).toEqual([]);
  expect(google.givers.map(({ id }) => id)).toEqual(["google"]);
});

const login = {
  type: "external_account_authorized_user_login_config",
  audience: "//iam.googleapis.com/locations/global/workforcePools/staff/providers/okta",
  auth_url: "https://auth.cloud.google/authorize",
  token_url: "https://sts.googleapis.com/v1/oauthtoken",
  token_info_url: "https://sts.googleapis.com/v1/introspect",
};

test("a workforce pool needs a client, which its file names", async () => {
  const loginConfigFile = await put(home, "login.json", JSON.stringify(login));
  const workforce = own({ kind: "google-workforce", loginConfigFile });
  expect(await load({ workforce })).toEqual([]);
  expect(google.watched).toContain(loginConfigFile);
  expect(google.problems).toMatchObject([
    {
      sentence: `sources.workforce: ${loginConfigFile} names no OAuth client, and Google's token service wants one.`,
      remedy: expect.stringContaining("docs/google.md"),
    },
  ]);
  await put(home, "login.json", JSON.stringify({ ...login, client_id: "staff-cli" }));
  expect(await load({ workforce })).toEqual([["workforce", "google-workforce"]]);
  expect(google.problems).toEqual([]);
  await put(home, "login.json", "{");
  expect(await load({ workforce })).toEqual([]);
  expect(sentences()).toEqual([
    `sources.workforce: ${loginConfigFile} is not whole: it holds no JSON object.`,
  ]);
});

test("of two that want the ADC file the first one has it", async () => {
  await load({ a: own({ adcFile: true }), b: own({ adcFile: true }) });
  expect(google.problems).toMatchObject([
    {
      sentence: "sources.b and sources.a both want the ADC file.",
      remedy: "Take adcFile out of one of them; until then a has it.",
    },
  ]);
});

test("a stranger's sign-in where the ADC file is to be is a problem, and stays", async () => {
  const file = await put(home, adcPath, user("gcloud"));
  expect(await load({ google: own({ adcFile: true }) })).toEqual([
    ["google", "google"],
    ["adc", "google-adc"],
  ]);
  expect(google.problems).toMatchObject([
    { file, remedy: "To have google there: evercred gcp adc --account google --yes" },
  ]);
  await load({ google: own() });
  expect(google.problems).toEqual([]);
});

test("where nothing may lie about, no ADC file is wanted, and none is missed", async () => {
  await put(home, adcPath, user("gcloud"));
  const sources = { a: own({ adcFile: true }), b: own({ adcFile: true }), c: own() };
  const loaded = await google.load(configOf(sources), new Set(), true);
  expect(google.problems).toEqual([]);
  const writable = loaded.map(({ id, shared }) => [id, shared?.writable]);
  expect(Object.fromEntries(writable)).toMatchObject({ a: false, b: false, c: true });
});

test("what is known of the ADC file outlives a reading", async () => {
  const config = configOf({ google: own({ adcFile: true }) });
  const [before] = await google.load(config, new Set(), false);
  const grant = grantOf({
    version: 1,
    kind: "google",
    boundTo: before!.boundTo,
    refreshToken: "1//0x",
    scopes: [],
    signedInAt: 1,
    issuedAt: 1,
    expiresAt: 2,
  });
  await before!.shared!.publish(grant);
  await expect(readFile(google.adcFile, "utf8")).resolves.toContain("1//0x");
  const [after] = await google.load(config, new Set(), false);
  expect(after).not.toBe(before);
  await after!.shared!.withdraw(undefined);
  await expect(readFile(google.adcFile)).rejects.toMatchObject({ code: "ENOENT" });
});

describe("keys", () => {
  const gateway = "gateway@example-claude.iam.gserviceaccount.com";
  const audience = "https://gateway.example.com";
  const idToken = (more: object = {}) =>
    ({ kind: "gcp-id-token", audience, impersonate: [gateway], ...more }) as const;
  const accessToken = (more: object = {}) =>
    ({ kind: "gcp-access-token", scopes: [], impersonate: [], ...more }) as const;
  const adc = {
    ...{ kind: "google-adc", enabled: true, timeout: 1 },
    ...{ impersonate: [], allowExecutables: false },
  };

  /** What each source offers beside its own token: by its id, the names of keys. */
  const offered = async (
    keys: KeyEntries,
    sources: object,
    defaultSource?: string,
  ): Promise<Readonly<Record<string, readonly string[]>>> => {
    const loaded = await google.load(configOf(sources, keys, defaultSource), new Set(), false);
    return Object.fromEntries(
      loaded.map(({ id, offers }) => {
        const [own, ...others] = offers.keys();
        expect(own).toBe(`gcp:${id}`);
        return [id, others];
      }),
    );
  };

  const problem = (sentence: string, remedy: string) => [
    { file: undefined, line: undefined, sentence, remedy },
  ];

  test("are more that their source offers, those of other kinds are not", async () => {
    const sources = { google: own({ account: "dev@example.com" }), other: own() };
    const keys: KeyEntries = {
      iap: idToken({ source: "google" }),
      vertex: accessToken({ source: "google" }),
      robot: accessToken({ source: "other", scopes: ["a"], impersonate: ["b@c.d", gateway] }),
      litellm: { kind: "static" },
      bedrock: { kind: "aws-bedrock" },
    };
    expect(await offered(keys, sources)).toEqual({
      google: ["api-key:iap", "api-key:vertex"],
      other: ["api-key:robot"],
    });
    const loaded = await google.load(configOf(sources, keys), new Set(), false);
    const offers = new Map(loaded.flatMap((source) => [...source.offers]));
    expect(offers.get(targetOf("api-key", "iap"))).toEqual({
      key: googleKeyOf({ form: "id", scopes: [], impersonate: [gateway], audience }),
      title: `Google identity token of ${gateway} for ${audience}`,
      keyKind: "gcp-id-token",
    });
    // The same as the source's own: one credential under two names.
    expect(offers.get(targetOf("api-key", "vertex"))).toEqual({
      key: offers.get(targetOf("gcp", "google"))!.key,
      title: "Google access token of dev@example.com",
      keyKind: "gcp-access-token",
    });
    expect(offers.get(targetOf("api-key", "robot"))).toEqual({
      key: googleKeyOf({
        ...{ form: "access", scopes: ["a"], impersonate: ["b@c.d", gateway], audience: undefined },
      }),
      title: `Google access token of ${gateway}`,
      keyKind: "gcp-access-token",
    });
    expect(google.problems).toEqual([]);
  });

  test("may be of a file's source, and of a workforce pool", async () => {
    await put(home, adcPath, user("gcloud"));
    const loginConfigFile = await put(
      home,
      "login.json",
      JSON.stringify({ ...login, client_id: "staff-cli" }),
    );
    const workforce = own({ kind: "google-workforce", loginConfigFile });
    const keys = { a: accessToken({ source: "adc" }), w: idToken({ source: "workforce" }) };
    expect(await offered(keys, { workforce })).toEqual({
      adc: ["api-key:a"],
      workforce: ["api-key:w"],
    });
  });

  test.each([
    [{ google: own() }, undefined, "google"],
    [{ a: own(), b: own() }, "b", "b"],
    [{ google: own(), robot: { ...adc, file: "robot.json" } }, undefined, "google"],
    [{ google: own(), robot: { ...adc, file: "robot.json" } }, "robot", "robot"],
    [{ robot: { ...adc, file: "robot.json" } }, undefined, "robot"],
  ])("that name no source are of the usual one: %j, %s", async (sources, defaultSource, id) => {
    const keys = { iap: idToken() };
    expect(await offered(keys, sources, defaultSource)).toMatchObject({ [id]: ["api-key:iap"] });
    expect(google.problems).toEqual([]);
  });

  test.each([
    [
      { a: own(), b: own() },
      {},
      "keys.iap does not say which Google source it is of.",
      "Name one as its source: a, b.",
    ],
    [
      {},
      {},
      "keys.iap needs a Google source, and there is none.",
      'Name one that you add under "sources", of kind google or google-adc.',
    ],
    [
      { google: own() },
      { source: "gogle" },
      "keys.iap is of the source gogle, which is no Google source that can be used.",
      "Did you mean google?",
    ],
    [
      { google: own(), corp: { kind: "aws-sso", enabled: true } },
      { source: "corp" },
      "keys.iap is of the source corp, which is no Google source that can be used.",
      "Name one as its source: google.",
    ],
    [
      { google: own({ enabled: false }) },
      { source: "google" },
      "keys.iap is of the source google, which is no Google source that can be used.",
      'Name one that you add under "sources", of kind google or google-adc.',
    ],
  ])("of %j that differ so have no source: %j", async (sources, more, sentence, remedy) => {
    for (const key of [idToken(more), accessToken(more)]) {
      const offers = await offered({ iap: key }, sources);
      expect(Object.values(offers).flat()).toEqual([]);
      expect(google.problems).toEqual(problem(sentence, remedy));
    }
  });

  test("that are an identity token need somebody who can choose an audience", async () => {
    const robot = {
      type: "service_account",
      client_email: "robot@example-claude.iam.gserviceaccount.com",
      private_key: rsaKey,
    };
    const federated = {
      type: "external_account",
      audience:
        "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      credential_source: { file: "/token" },
    };
    const become = {
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${gateway}:generateAccessToken`,
    };
    const bound: readonly (readonly [object | undefined, object, string | undefined])[] = [
      [robot, {}, undefined],
      [{ ...federated, ...become }, {}, undefined],
      [federated, {}, "a federated identity"],
      [federated, { impersonate: [gateway] }, undefined],
      [JSON.parse(user("gcloud")) as object, {}, "a person's own sign-in"],
      [JSON.parse(user("gcloud")) as object, { impersonate: [gateway] }, undefined],
      [
        {
          ...{ type: "impersonated_service_account", ...become },
          source_credentials: JSON.parse(user("gcloud")) as object,
        },
        {},
        undefined,
      ],
      // Nobody knows yet.
      [undefined, {}, undefined],
    ];
    for (const [content, more, what] of bound) {
      if (content === undefined) await rm(join(home, "f.json"));
      else await put(home, "f.json", JSON.stringify(content));
      const sources = { file: { ...adc, file: "f.json", ...more } };
      for (const source of ["file", undefined]) {
        const keys = {
          ...{ iap: idToken({ impersonate: [], ...(source && { source }) }) },
          ...{ become: idToken(), vertex: accessToken() },
        };
        const others = ["api-key:become", "api-key:vertex"];
        const file = what === undefined ? ["api-key:iap", ...others] : others;
        expect(await offered(keys, sources)).toEqual({ file });
        expect(google.problems).toEqual(
          what === undefined
            ? []
            : problem(
                `keys.iap is of file, ${what}, which cannot choose an audience.`,
                "Add impersonate to it: the service account that the token is to be of.",
              ),
        );
      }
    }
  });

  test("that are an identity token need no more of a source of ours that becomes a service account", async () => {
    const keys = { iap: idToken({ impersonate: [] }) };
    expect(await offered(keys, { google: own() })).toEqual({ google: [] });
    expect(sentences()).toEqual([
      "keys.iap is of google, a person's own sign-in, which cannot choose an audience.",
    ]);
    const becoming = { google: own({ impersonate: [gateway] }) };
    expect(await offered(keys, becoming)).toEqual({ google: ["api-key:iap"] });
    expect(google.problems).toEqual([]);
  });
});
