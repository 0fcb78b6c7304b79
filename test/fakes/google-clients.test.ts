import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodeChallengeMethod, OAuth2Client } from "google-auth-library";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { proxyAgent } from "../sources/aws/world.ts";
import { type Cloud, startCloud } from "./cloud/cloud.ts";
import {
  authorizedUserFile,
  externalAccountAuthorizedUserFile,
  externalAccountFile,
  impersonatedFile,
  serviceAccountFile,
} from "./cloud/google/files.ts";
import { hasGcloud } from "./cloud/google/gcloud.ts";
import { principalOf } from "./cloud/google/pools.ts";
import { askNodeGoogle } from "./node-google.ts";
import { askPythonGoogle } from "./python-google.ts";

let cloud: Cloud;
let home: string;

beforeEach(async () => {
  cloud = await startCloud();
  home = await mkdtemp(join(tmpdir(), "home-"));
});

afterEach(async () => {
  await cloud.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** The environment of a program whose default credentials are this text. */
const withAdc = async (text: string): Promise<Record<string, string>> => {
  const file = join(home, "adc.json");
  await writeFile(file, text);
  return { ...cloud.env(), HOME: home, GOOGLE_APPLICATION_CREDENTIALS: file };
};

const audience = "https://gateway.example.com";

describe("the sign-in of google-auth-library", () => {
  const redirectUri = "http://127.0.0.1:4567/back";

  const client = (): OAuth2Client => {
    const { id: clientId, secret: clientSecret } = cloud.google.addClient();
    const agent = proxyAgent(cloud.proxyUrl, cloud.ca);
    onTestFinished(() => agent.destroy());
    return new OAuth2Client({ clientId, clientSecret, redirectUri, transporterOptions: { agent } });
  };

  /** The address that the browser is led back to: nobody listens there. */
  const led = async (url: string): Promise<URL> => {
    const failure: unknown = await cloud.approve(url).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ECONNREFUSED" });
    const { reply, headers } = cloud.log.all({ path: "/signin/oauth/consent" }).at(-1)!;
    expect([reply, headers["content-type"]]).toEqual(["", "application/x-www-form-urlencoded"]);
    return new URL(cloud.google.lastRedirect!);
  };

  test("gives tokens that it can renew, look up and revoke", async () => {
    const own = client();
    const { codeVerifier, codeChallenge } = await own.generateCodeVerifierAsync();
    const url = own.generateAuthUrl({
      access_type: "offline",
      prompt: "consent",
      scope: ["openid", "email", "https://www.googleapis.com/auth/cloud-platform"],
      state: "s1",
      login_hint: "dev@example.com",
      code_challenge_method: CodeChallengeMethod.S256,
      code_challenge: codeChallenge!,
    });
    const back = await led(url);
    expect(back.searchParams.get("state")).toBe("s1");
    const { tokens } = await own.getToken({ code: back.searchParams.get("code")!, codeVerifier });
    expect(tokens).toMatchObject({
      token_type: "Bearer",
      scope: expect.stringContaining("https://www.googleapis.com/auth/userinfo.email"),
      refresh_token: expect.stringMatching(/^1\/\/0/),
    });
    const life = tokens.expiry_date! - Date.now();
    expect(Math.abs(life - 3_599_000)).toBeLessThan(30_000);
    expect(cloud.google.claimsOf(tokens.id_token!)).toMatchObject({
      email: "dev@example.com",
      hd: "example.com",
      aud: own._clientId,
    });

    own.setCredentials({ refresh_token: tokens.refresh_token! });
    const { token } = await own.getAccessToken();
    expect(token).not.toBe(tokens.access_token);
    expect(cloud.google.whose(token!)).toBe("dev@example.com");
    expect(await own.getTokenInfo(token!)).toMatchObject({
      email: "dev@example.com",
      aud: own._clientId,
      access_type: "offline",
    });
    await own.revokeToken(tokens.refresh_token!);
    await expect(own.refreshAccessToken()).rejects.toThrow("invalid_grant");
    expect(cloud.google.presentations().map(({ outcome }) => outcome)).toEqual([
      "renewed",
      "invalid_grant",
    ]);
  });

  test("learns that the organisation asks again", async () => {
    const own = client();
    const grant = cloud.google.grant(cloud.google.client(own._clientId!));
    own.setCredentials({ refresh_token: grant.refreshToken });
    cloud.google.expireSessions();
    const failure: unknown = await own.refreshAccessToken().catch((error: unknown) => error);
    expect(JSON.parse((failure as Error).message)).toEqual({
      error: "invalid_grant",
      error_description: "reauth related error (invalid_rapt)",
      error_uri: "https://support.google.com/a/answer/9368756",
      error_subtype: "invalid_rapt",
    });
  });
});

interface Library {
  readonly name: string;
  readonly isHere: boolean;
  ask(
    env: Readonly<Record<string, string>>,
    ask?: { readonly scopes?: readonly string[]; readonly audience?: string },
  ): Promise<{ readonly token?: string; readonly error?: string }>;
}

const libraries: readonly Library[] = [
  { name: "google-auth-library", isHere: true, ask: askNodeGoogle },
  { name: "google-auth for Python", isHere: hasGcloud, ask: askPythonGoogle },
];

for (const { name, isHere, ask } of libraries) {
  describe.runIf(isHere)(`default credentials with ${name}`, () => {
    const whose = async (text: string): Promise<string | undefined> => {
      const { token, error } = await ask(await withAdc(text));
      expect(error).toBeUndefined();
      return cloud.google.whose(token!);
    };

    test("of a person", async () => {
      const grant = cloud.google.grant(cloud.google.addClient());
      expect(await whose(authorizedUserFile(grant))).toBe("dev@example.com");
      cloud.google.revokeAll();
      const { error } = await ask(await withAdc(authorizedUserFile(grant)));
      expect(error).toContain("invalid_grant");
    });

    test("of a service account", async () => {
      const robot = cloud.google.addServiceAccount();
      expect(await whose(serviceAccountFile(robot))).toBe(robot.email);
      const env = await withAdc(serviceAccountFile(robot));
      const { token } = await ask(env, { audience });
      expect(cloud.google.claimsOf(token!)).toMatchObject({ aud: audience, email: robot.email });
    });

    test("of a service account on a computer whose clock is wrong", async () => {
      cloud.advance(-20 * 60_000);
      const robot = cloud.google.addServiceAccount();
      const { error } = await ask(await withAdc(serviceAccountFile(robot)), { audience });
      expect(error).toMatch(/short-lived token/);
    });

    test("of an outside identity, from a file", async () => {
      const pool = cloud.google.addPool({ kind: "workload" });
      const file = join(home, "token");
      await writeFile(file, cloud.google.subjectToken(pool, "job-1"));
      expect(await whose(externalAccountFile(pool, { file }))).toBe(principalOf(pool, "job-1"));
    });

    test("of an outside identity that becomes a service account", async () => {
      const pool = cloud.google.addPool({ kind: "workload" });
      const robot = cloud.google.addServiceAccount();
      const file = join(home, "token");
      await writeFile(file, JSON.stringify({ jwt: cloud.google.subjectToken(pool, "job-1") }));
      const format = { type: "json", subject_token_field_name: "jwt" };
      const adc = externalAccountFile(pool, { file, format }, robot.email);
      const { error } = await ask(await withAdc(adc));
      expect(error).toMatch(/iam.serviceAccounts.getAccessToken/);
      cloud.google.allowImpersonation(principalOf(pool, "job-1"), robot);
      expect(await whose(adc)).toBe(robot.email);
    });

    test("of a workforce", async () => {
      const pool = cloud.google.addPool({ rotation: "always" });
      const grant = cloud.google.workforceGrant(pool, cloud.google.addClient());
      const adc = externalAccountAuthorizedUserFile(grant);
      expect(await whose(adc)).toBe(principalOf(pool, "dev@example.com"));
      // The file still has the spent token: presented again, it ends the sign-in.
      expect((await ask(await withAdc(adc))).error).toMatch(/invalid_grant/);
    });

    test("of a service account that a person becomes by way of another", async () => {
      const [via, last] = ["via", "last"].map((each) => cloud.google.addServiceAccount(each));
      const person = authorizedUserFile(cloud.google.grant(cloud.google.addClient()));
      const adc = impersonatedFile(person, last!.email, [via!.email]);
      cloud.google.allowImpersonation("dev@example.com", via!);
      expect((await ask(await withAdc(adc))).error).toMatch(/denied on resource/);
      cloud.google.allowImpersonation(via!.email, last!);
      expect(await whose(adc)).toBe(last!.email);
      const { token, error } = await ask(await withAdc(adc), { audience });
      expect(error).toBeUndefined();
      expect(cloud.google.claimsOf(token!)).toMatchObject({ aud: audience, sub: last!.uniqueId });
    });
  });
}
