import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "./cloud/cloud.ts";
import {
  authorizedUserFile,
  externalAccountAuthorizedUserFile,
  installedClientFile,
  workforceLoginConfig,
} from "./cloud/google/files.ts";
import { gcloudClients, gcloudEnv, gcloudPath, hasGcloud } from "./cloud/google/gcloud.ts";
import { principalOf } from "./cloud/google/pools.ts";
import type { Answer } from "./cloud/person.ts";

let cloud: Cloud;
let home: string;

beforeEach(async () => {
  cloud = await startCloud();
  home = await mkdtemp(join(tmpdir(), "gcloud-"));
});

afterEach(async () => {
  expect(cloud.refusedHosts).toEqual([]);
  await cloud.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs gcloud in the private home. Pages that it opens are answered so. */
const gcloud = async (
  args: readonly string[],
  { answer, env = {} }: { readonly answer?: Answer; readonly env?: Record<string, string> } = {},
): Promise<Ended> => {
  const all = { ...gcloudEnv(cloud, home, await cloud.browser(answer)), ...env };
  return new Promise((resolve) => {
    execFile(gcloudPath, args, { env: all, timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
};

const adcFile = (): string => join(home, "application_default_credentials.json");
const adc = async (): Promise<unknown> => JSON.parse(await readFile(adcFile(), "utf8"));
const login = ["auth", "application-default", "login"];
const printToken = ["auth", "application-default", "print-access-token"];

const put = async (name: string, text: string): Promise<string> => {
  await writeFile(join(home, name), text);
  return join(home, name);
};

describe.runIf(hasGcloud)("gcloud", () => {
  test("signs in with its own client, and writes the file that we write too", async () => {
    const client = cloud.google.addClient(gcloudClients().adc);
    expect(await gcloud(login)).toMatchObject({ code: 0 });
    const { refresh_token: refreshToken } = (await adc()) as { refresh_token: string };
    const grant = { ...cloud.google.grant(client), refreshToken };
    expect(await readFile(adcFile(), "utf8")).toBe(authorizedUserFile(grant).trimEnd());
    const { stdout } = await gcloud(printToken);
    expect(cloud.google.whose(stdout.trim())).toBe("dev@example.com");
    expect(cloud.google.presentations()).toEqual([
      { refreshToken, clientId: client.id, at: expect.any(Number), outcome: "renewed" },
    ]);
  });

  test("signs in with somebody's own client", async () => {
    const client = cloud.google.addClient();
    const file = await put("client.json", installedClientFile(client));
    expect(await gcloud([...login, `--client-id-file=${file}`])).toMatchObject({ code: 0 });
    expect(await adc()).toMatchObject({ type: "authorized_user", client_id: client.id });
    const { query } = cloud.log.all({ host: "accounts.google.com" })[0]!;
    expect(query["redirect_uri"]).toMatch(/^http:\/\/localhost:\d+\/$/);
  });

  test("hears that the person denies, or withholds what it needs", async () => {
    cloud.google.addClient(gcloudClients().adc);
    const denied = await gcloud(login, { answer: { deny: true } });
    expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining("(missing_code)")]);
    const withhold = ["https://www.googleapis.com/auth/cloud-platform"];
    const withheld = await gcloud(login, { answer: { withhold } });
    expect(withheld.stderr).toContain("scope is required but not consented");
  });

  test("is told when the organisation asks again, and when the grant is gone", async () => {
    const grant = cloud.google.grant(cloud.google.addClient());
    await put("application_default_credentials.json", authorizedUserFile(grant));
    cloud.google.expireSessions();
    expect((await gcloud(printToken)).stderr).toMatch(/[Rr]eauth/);
    cloud.google.revokeAll();
    expect((await gcloud(printToken)).stderr).toContain("Token has been expired or revoked.");
  });

  test("signs in to a workforce pool, and renews", async () => {
    const pool = cloud.google.addPool({ users: ["eve@partner.example"] });
    const client = cloud.google.addClient(gcloudClients().cli);
    const file = await put("login.json", workforceLoginConfig(pool));
    const { code } = await gcloud([...login, `--login-config=${file}`]);
    expect(code).toBe(0);
    const { refresh_token: refreshToken } = (await adc()) as { refresh_token: string };
    const grant = { ...cloud.google.workforceGrant(pool, client), refreshToken };
    const written = externalAccountAuthorizedUserFile(grant).trimEnd();
    expect(await readFile(adcFile(), "utf8")).toBe(written);
    const { stdout } = await gcloud(printToken);
    expect(cloud.google.whose(stdout.trim())).toBe(principalOf(pool, "eve@partner.example"));
    expect(cloud.google.count("workforce-refresh")).toBe(1);
  });

  test("uses a token from a file for itself", async () => {
    const token = cloud.google.accessToken(cloud.google.grant(cloud.google.addClient()));
    const env = { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: await put("token", token) };
    const list = ["projects", "list", "--format=value(projectId)"];
    expect(await gcloud(list, { env })).toEqual({
      code: 0,
      stdout: "example-project\n",
      stderr: "",
    });
    expect(cloud.google.apiCalls()).toMatchObject([{ principal: "dev@example.com", token }]);
    cloud.google.revokeAll();
    expect((await gcloud(list, { env })).stderr).toContain("invalid authentication credentials");
  });

  test("signs in for itself, and revokes", async () => {
    const client = cloud.google.addClient(gcloudClients().cli);
    expect((await gcloud(["auth", "login"])).stderr).toContain("logged in as [dev@example.com]");
    expect((await gcloud(["projects", "list"])).stdout).toContain("example-project");
    expect((await gcloud(["auth", "revoke"])).code).toBe(0);
    expect(cloud.google.count("revoke")).toBe(1);
    const { principal, token } = cloud.google.apiCalls()[0]!;
    expect([principal, cloud.google.whose(token)]).toEqual(["dev@example.com", undefined]);
    expect(client.name).toBe("Google Cloud SDK");
  });
});
