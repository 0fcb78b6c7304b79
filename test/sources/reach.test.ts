import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import { type Reach, type Source, type Target, targetOf } from "../../electron/core/source.ts";
import { AwsSources } from "../../electron/sources/aws/index.ts";
import { GoogleSources } from "../../electron/sources/google/index.ts";
import { KeySources } from "../../electron/sources/keys/index.ts";
import { OidcSources } from "../../electron/sources/oidc/index.ts";
import { CommandSources } from "../../electron/sources/programs/index.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";

let home: string;
let bin: string;
const usualPath = process.env["PATH"];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "reach-"));
  bin = join(home, "bin");
  await mkdir(bin);
  for (const name of ["tool", "gcloud"]) {
    await writeFile(join(bin, name), "#!/bin/sh\n");
    await chmod(join(bin, name), 0o755);
  }
  process.env["PATH"] = bin;
});

afterEach(async () => {
  process.env["PATH"] = usualPath;
  await rm(home, { recursive: true });
});

const ports = () => ({
  agent: new Agent(),
  clock: new FakeClock(),
  log: new MemoryLog(),
  env: { PATH: bin },
  home,
  platform: process.platform,
});

const put = async (name: string, text: string): Promise<void> => {
  const path = join(home, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
};

const programsOf = ({ reach }: { readonly reach?: Reach }) => ({
  serving: reach?.programs?.(undefined) ?? [],
  signingIn: reach?.signInPrograms?.() ?? [],
});

const offerOf = (sources: readonly Source[], target: Target) =>
  sources.flatMap(({ offers }) => offers.get(target) ?? [])[0];

const usualSource = { enabled: true, timeout: 1_000 } as const;

test("a sign-in of another program is that program, and the one that checks it", () => {
  const [source] = new CommandSources(new FakeClock()).load({
    sources: {
      vault: { kind: "command", ...usualSource, signIn: ["tool", "login"], check: ["none"] },
    },
  });
  expect(programsOf(source!)).toEqual({ serving: [join(bin, "tool"), "none"], signingIn: [] });
});

test("a key that is printed is its program, where that is in the environment that it is run in", () => {
  const usual = { kind: "command", ttl: 1, timeout: 1 } as const;
  const sources = new KeySources(ports()).load(
    {
      keys: {
        found: { ...usual, command: ["tool"], signIn: ["gcloud"] },
        elsewhere: { ...usual, command: ["tool"], env: { PATH: "/nowhere" } },
        line: { ...usual, command: "tool | cat" },
        entered: { kind: "static", remindBefore: 1 },
      },
    },
    new Set(),
  );
  expect(sources.map(programsOf)).toEqual([
    { serving: [join(bin, "tool")], signingIn: [join(bin, "gcloud")] },
    { serving: ["tool"], signingIn: [] },
    { serving: ["shell"], signingIn: [] },
    { serving: [], signingIn: [] },
  ]);
});

describe("what is of AWS", () => {
  const load = async (): Promise<readonly Source[]> => {
    await put(
      ".aws/config",
      `[profile own]
credential_process = tool --profile own
[profile web]
role_arn = arn:aws:iam::111122223333:role/R
web_identity_token_file = /run/token
[profile far]
role_arn = arn:aws:iam::444455556666:role/R
source_profile = p
`,
    );
    const corp = {
      startUrl: "https://corp.awsapps.com/start/#/",
      region: "eu-central-1",
      profiles: [{ name: "p", account: "111122223333", role: "R" }],
      enabled: true,
    };
    return new AwsSources(ports()).load({
      sources: { corp: { ...corp, signIn: ["tool"] } },
      keys: {
        bedrock: { kind: "aws-bedrock", profile: "far", region: "eu-central-1", lifetime: 1 },
      },
      aws: { mirrorSsoCache: false },
    });
  };

  test("leads to a start URL, without what people copy along, and signs in by what is configured", async () => {
    const [corp] = await load();
    expect(corp?.reach?.startUrl).toBe("https://corp.awsapps.com/start");
    expect(programsOf(corp!)).toEqual({ serving: [], signingIn: [join(bin, "tool")] });
  });

  test("runs the credential_process of a profile", async () => {
    const own = (await load()).find(({ id }) => id === "own");
    expect(programsOf(own!)).toEqual({ serving: [join(bin, "tool")], signingIn: [] });
  });

  test("says which account each thing leads into, as far as the configuration tells", async () => {
    const sources = await load();
    const accounts = ["p", "far", "web", "own"].map(
      (name) => offerOf(sources, targetOf("aws", name))?.account,
    );
    expect(accounts).toEqual(["111122223333", "444455556666", "111122223333", undefined]);
    expect(offerOf(sources, targetOf("api-key", "bedrock"))).toMatchObject({
      account: "444455556666",
      keyKind: "aws-bedrock",
    });
  });
});

test("a company's sign-in leads to its issuer, and its keys are of their kind", () => {
  const entry = {
    kind: "oidc",
    enabled: true,
    issuer: "https://login.example.com/realms/dev",
    clientId: "evercred",
    scopes: ["openid"],
    redirectUri: "http://127.0.0.1:0/oauth/callback",
    authorizeParams: {},
  } as const;
  const sources = new OidcSources({
    ...ports(),
    secretOf: () => Promise.resolve(new Secret("")),
  }).load({
    sources: {
      company: { ...entry, flow: "code" },
      machine: { ...entry, flow: "client-credentials", clientSecretKey: "secret" },
    },
    keys: {
      secret: { kind: "static" },
      token: { kind: "oidc", source: "company", token: "access" },
    },
  });
  const issuers = sources.map(({ reach }) => reach?.issuer);
  expect(issuers).toEqual([entry.issuer, entry.issuer]);
  expect(offerOf(sources, targetOf("api-key", "token"))?.keyKind).toBe("oidc");
});

describe("a file of Google's", () => {
  const load = async (file: object, signIn?: readonly [string]): Promise<Source> => {
    await put("adc.json", JSON.stringify(file));
    const entry = { kind: "google-adc", ...usualSource, file: join(home, "adc.json") } as const;
    const adc = { ...entry, impersonate: [], allowExecutables: true, ...(signIn && { signIn }) };
    const sources = await new GoogleSources(ports()).load(
      { sources: { adc }, keys: {}, google: {} },
      new Set(),
      false,
    );
    return sources[0]!;
  };
  const person = {
    ...{ type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" },
  };

  test("of a person is signed in to by gcloud, or by what is configured", async () => {
    const source = await load(person, ["tool"]);
    expect(source.reach?.isGoogle).toBe(true);
    expect(programsOf(source)).toEqual({ serving: [], signingIn: [join(bin, "tool")] });
    expect(programsOf(await load(person)).signingIn).toEqual([join(bin, "gcloud")]);
  });

  test("of an outside identity runs the program that proves it, also of a later version of the file", async () => {
    const outside = (command: string) => ({
      type: "external_account",
      audience:
        "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      credential_source: { executable: { command, timeout_millis: 5_000 } },
    });
    const source = await load(outside("tool --token"));
    expect(programsOf(source)).toEqual({ serving: [join(bin, "tool")], signingIn: [] });
    await put("adc.json", JSON.stringify(outside("/home/ann/evil")));
    const found = await source.shared?.look(undefined, true);
    const grant = found?.kind === "foreign" ? found.grant : undefined;
    expect(source.reach?.programs?.(grant)).toEqual(["/home/ann/evil"]);
  });
});
