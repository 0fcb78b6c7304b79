import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readClientFile } from "../../../electron/sources/google/client-file.ts";
import { readWorkforceFile } from "../../../electron/sources/google/workforce-file.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "files-"));
  file = join(folder, "file.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = async (content: unknown): Promise<void> =>
  writeFile(file, typeof content === "string" ? content : JSON.stringify(content));

const installed = {
  client_id: "1-a.apps.googleusercontent.com",
  client_secret: "GOCSPX-example",
  project_id: "example-claude",
  auth_uri: "https://accounts.google.com/o/oauth2/auth",
  token_uri: "https://oauth2.googleapis.com/token",
  redirect_uris: ["http://localhost"],
};

describe("the file of an OAuth client", () => {
  test("gives the client; its secret is kept out of sight", async () => {
    await write({ installed });
    const client = await readClientFile(file);
    expect(client).toMatchObject({ id: installed.client_id });
    expect("secret" in client && client.secret.reveal()).toBe(installed.client_secret);
    expect(JSON.stringify(client)).not.toContain("GOCSPX");
  });

  test("need not name Google's addresses, and may begin with a byte order mark", async () => {
    const { client_id, client_secret } = installed;
    await write(`\uFEFF${JSON.stringify({ installed: { client_id, client_secret } })}`);
    expect(await readClientFile(file)).toMatchObject({ id: client_id });
  });

  test.each([
    ["of another type", { web: installed }, "is of a client of type Web application."],
    ["with two clients", { installed, web: installed }, "is of a client of type Web application."],
    [
      "of credentials",
      { type: "authorized_user", client_id: "x" },
      "holds credentials (authorized_user), and no client.",
    ],
    ["of something else", { a: 1 }, "is not the file of a client of type Desktop app."],
    ["empty", "", "is not whole: it holds no JSON object."],
    ["cut off", '{"installed":{"client_id":"1-a.ap', "is not whole: it holds no JSON object."],
    ["nothing", "null", "is not whole: it holds no JSON object."],
    ["a list", [installed], "is not whole: it holds no JSON object."],
    ["without a client", { installed: "x" }, "says nothing of a client."],
    ["without a name", { installed: { ...installed, client_id: "" } }, "has no usable client_id."],
    [
      "without a secret",
      { installed: { ...installed, client_secret: undefined } },
      "has no usable client_secret.",
    ],
    [
      "with an unencrypted address",
      { installed: { ...installed, token_uri: "http://oauth2.googleapis.com/token" } },
      "has no usable token_uri.",
    ],
    [
      "with a stranger's page",
      { installed: { ...installed, auth_uri: "https://accounts.google.com.example.net/auth" } },
      "names a host in auth_uri that is not Google's: accounts.google.com.example.net.",
    ],
    [
      "with a stranger's token endpoint",
      { installed: { ...installed, token_uri: "https://evilgoogleapis.com/token" } },
      "names a host in token_uri that is not Google's: evilgoogleapis.com.",
    ],
  ])("%s is refused in one sentence", async (_, content, sentence) => {
    await write(content);
    const fault = await readClientFile(file);
    expect(fault).toMatchObject({
      sentence: `${file} ${sentence}`,
      remedy: expect.stringMatching(/Google's console/),
    });
    expect(JSON.stringify(fault)).not.toContain("GOCSPX");
  });
});

const login = {
  type: "external_account_authorized_user_login_config",
  audience: "//iam.googleapis.com/locations/global/workforcePools/staff/providers/okta",
  auth_url: "https://auth.cloud.google/authorize",
  token_url: "https://sts.googleapis.com/v1/oauthtoken",
  token_info_url: "https://sts.googleapis.com/v1/introspect",
};

describe("the login configuration of a workforce pool", () => {
  test("says where and how people sign in", async () => {
    await write({ ...login, universe_domain: "googleapis.com" });
    expect(await readWorkforceFile(file)).toEqual({
      audience: login.audience,
      provider: "locations/global/workforcePools/staff/providers/okta",
      authUrl: login.auth_url,
      tokenUrl: login.token_url,
      tokenInfoUrl: login.token_info_url,
      universeDomain: "googleapis.com",
      client: undefined,
    });
  });

  test("may be of another universe, and name a client", async () => {
    await write({
      ...login,
      universe_domain: "apis.example.goog",
      universe_cloud_web_domain: "cloud.example.goog",
      auth_url: "https://auth.cloud.example.goog/authorize",
      token_url: "https://sts.apis.example.goog/v1/oauthtoken",
      token_info_url: "https://sts.apis.example.goog/v1/introspect",
      client_id: "staff-cli",
    });
    const read = await readWorkforceFile(file);
    expect(read).toMatchObject({
      universeDomain: "apis.example.goog",
      client: { id: "staff-cli" },
    });
    expect("client" in read && read.client?.secret.reveal()).toBe("");
  });

  test.each([
    ["cut off", '{"type":"external', "is not whole: it holds no JSON object."],
    [
      "of another type",
      { ...login, type: "external_account" },
      "is not the login configuration of a workforce pool (external_account).",
    ],
    ["without a type", { a: 1 }, "is not the login configuration of a workforce pool."],
    ["without an audience", { ...login, audience: undefined }, "has no audience."],
    [
      "of a workload pool",
      { ...login, audience: login.audience.replace("workforcePools", "workloadIdentityPools") },
      "has an odd audience.",
    ],
    ["without a page", { ...login, auth_url: undefined }, "has no auth_url."],
    [
      "with an unencrypted page",
      { ...login, auth_url: "http://auth.cloud.google/authorize" },
      "has an odd auth_url.",
    ],
    [
      "with a stranger's page",
      { ...login, auth_url: "https://auth.cloud.google.example.net/authorize" },
      "names a host in auth_url that is not under cloud.google.",
    ],
    [
      "with a stranger's token endpoint",
      { ...login, token_url: "https://sts.example.net/v1/oauthtoken" },
      "names a host in token_url that is not under googleapis.com.",
    ],
    [
      "with another stranger's endpoint",
      { ...login, token_info_url: "https://evilgoogleapis.com/v1/introspect" },
      "names a host in token_info_url that is not under googleapis.com.",
    ],
    ["of an odd universe", { ...login, universe_domain: "x y" }, "has an odd universe_domain."],
  ])("%s is refused in one sentence", async (_, content, sentence) => {
    await write(content);
    expect(await readWorkforceFile(file)).toEqual({
      sentence: `${file} ${sentence}`,
      remedy: "Make it anew: gcloud iam workforce-pools create-login-config",
    });
  });
});

describe.each([
  ["client", readClientFile],
  ["login configuration", readWorkforceFile],
] as const)("a file of a %s that cannot be read", (_, read) => {
  test("is not there", async () => {
    expect(await read(file)).toMatchObject({ sentence: `${file} does not exist.` });
    await write("x");
    expect(await read(join(file, "x"))).toMatchObject({
      sentence: `${file}/x does not exist.`,
    });
  });

  test("is a link that leads nowhere", async () => {
    await symlink(join(folder, "nowhere"), file);
    expect(await read(file)).toMatchObject({
      sentence: `${file} is a link that leads nowhere.`,
    });
  });

  test("is a folder, or a pipe", async () => {
    await mkdir(file);
    expect(await read(file)).toMatchObject({ sentence: `${file} is not a file.` });
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(await read(pipe)).toMatchObject({ sentence: `${pipe} is not a file.` });
  });

  test("is too large", async () => {
    await write("{}");
    await truncate(file, 64 * 1024 + 1);
    expect(await read(file)).toMatchObject({
      sentence: `${file} is larger than any file of its kind.`,
    });
  });

  test("leads round in a circle", async () => {
    await symlink(file, file);
    expect(await read(file)).toMatchObject({ sentence: `${file} cannot be read.` });
  });
});
