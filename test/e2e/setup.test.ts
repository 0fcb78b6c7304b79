import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listen } from "../fakes/cloud/listening.ts";
import { type House, openHouse, type Outcome } from "./house.ts";
import { enterKey } from "./key-home.ts";

const key = "sk-gateway-0123456789";

/** Claude Code's settings, as far as they are about credentials. */
interface Settings {
  readonly env: Readonly<Record<string, string>>;
  readonly apiKeyHelper?: string;
  readonly awsAuthRefresh?: string;
  readonly awsCredentialExport?: string;
}

let house: House;
let file: string;
let baseUrl: string;
/** What reached the gateway. */
const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
const gateway = createServer((request, response) => {
  asked.push({ path: request.url ?? "", headers: request.headers });
  response.end("{}");
});

beforeAll(async () => {
  baseUrl = `http://127.0.0.1:${await listen(gateway)}`;
  house = await openHouse();
  file = join(house.home, ".claude", "settings.json");
  await house.config({ keys: { gateway: { kind: "static" } } });
  await enterKey(house, "gateway", key);
});

afterAll(async () => {
  await house.close();
  gateway.close();
  await once(gateway, "close");
});

beforeEach(async () => {
  asked.length = 0;
  expect(await house.evercred("setup", "claude", "--undo")).toMatchObject({ code: 0 });
});

/** Sets Claude Code up, and gives what it then reads. */
const setUp = async (...flags: readonly string[]): Promise<Settings> => {
  const outcome = await house.evercred("setup", "claude", "--no-verify", ...flags);
  expect(outcome).toMatchObject({ code: 0 });
  return JSON.parse(await readFile(file, "utf8")) as Settings;
};

/** Runs a helper as Claude Code does: by the shell, with the variables of its settings. */
const helped = ({ env }: Settings, command: string | undefined): Promise<Outcome> =>
  house.run("/bin/sh", ["-c", command ?? "exit 99"], env);

/** Asks the gateway for a path as Claude Code does, with what its helper gives. */
const ask = async (settings: Settings, url: string | undefined, path: string): Promise<void> => {
  const { code, stdout } = await helped(settings, settings.apiKeyHelper);
  expect(code).toBe(0);
  const token = stdout.trim();
  const headers = { authorization: `Bearer ${token}`, "x-api-key": token };
  await fetch(`${url}${path}`, { method: "POST", headers });
};

test("bedrock: its helpers sign in, and give keys", async () => {
  const settings = await setUp("--provider", "bedrock");
  expect(settings.env).toMatchObject({ CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "us-east-1" });
  expect(await helped(settings, settings.awsAuthRefresh)).toMatchObject({ code: 0 });
  const { code, stdout } = await helped(settings, settings.awsCredentialExport);
  expect(code).toBe(0);
  const { Credentials } = JSON.parse(stdout) as { Credentials: Record<string, string> };
  expect(Object.keys(Credentials).sort()).toEqual([
    "AccessKeyId",
    "Expiration",
    "SecretAccessKey",
    "SessionToken",
  ]);
});

test("a gateway is asked at its own path, with the key and nothing else", async () => {
  const settings = await setUp("--provider", "gateway", "--base-url", baseUrl);
  await ask(settings, settings.env["ANTHROPIC_BASE_URL"], "/v1/messages");
  expect(asked).toMatchObject([
    { path: "/v1/messages", headers: { authorization: `Bearer ${key}`, "x-api-key": key } },
  ]);
});

test.each([
  ["bedrock", "ANTHROPIC_BEDROCK_BASE_URL", "/model/m/invoke", []],
  [
    "vertex",
    "ANTHROPIC_VERTEX_BASE_URL",
    "/projects/example-claude/locations/global/publishers/anthropic/models/m:rawPredict",
    ["--region", "global", "--project", "example-claude"],
  ],
])("%s by a gateway that signs in: it gets the key", async (provider, variable, path, more) => {
  const settings = await setUp(
    ...["--provider", provider, "--base-url", baseUrl, "--skip-auth", "--key", "gateway"],
    ...more,
  );
  expect(settings.awsCredentialExport).toBeUndefined();
  await ask(settings, settings.env[variable], path);
  expect(asked).toMatchObject([{ path, headers: { authorization: `Bearer ${key}` } }]);
});

test("bedrock through a gateway: it gets requests that are signed with the keys", async () => {
  const settings = await setUp("--provider", "bedrock", "--base-url", baseUrl);
  expect(settings.env["CLAUDE_CODE_SKIP_BEDROCK_AUTH"]).toBeUndefined();
  expect(settings.apiKeyHelper).toBeUndefined();
  expect(await helped(settings, settings.awsAuthRefresh)).toMatchObject({ code: 0 });
  const { stdout } = await helped(settings, settings.awsCredentialExport);
  const { Credentials } = JSON.parse(stdout) as { Credentials: Record<string, string> };
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials;
  const url = `${settings.env["ANTHROPIC_BEDROCK_BASE_URL"]}/model/m/invoke`;
  const signed = ["--aws-sigv4", "aws:amz:us-east-1:bedrock"];
  const shown = ["--user", `${AccessKeyId}:${SecretAccessKey}`];
  const token = ["-H", `x-amz-security-token: ${SessionToken}`];
  const curl = await house.run("curl", [
    "--noproxy",
    "*",
    ...signed,
    ...shown,
    ...token,
    "-d",
    "{}",
    url,
  ]);
  expect(curl).toMatchObject({ code: 0 });
  expect(asked).toMatchObject([
    {
      path: "/model/m/invoke",
      headers: {
        authorization: expect.stringContaining(`Credential=${AccessKeyId}/`) as unknown,
        "x-amz-security-token": SessionToken,
      },
    },
  ]);
  expect(asked[0]?.headers["x-api-key"]).toBeUndefined();
});

test("the last step asks the gateway what may be used, and shows the key and nothing else", async () => {
  const words = ["--provider", "gateway", "--base-url", baseUrl];
  const { code, stdout, stderr } = await house.evercred("setup", "claude", ...words);
  expect(code).toBe(0);
  expect(stderr).toContain("not checked");
  expect(stdout + stderr).not.toContain(key);
  expect(asked).toMatchObject([
    { path: "/v1/models", headers: { authorization: `Bearer ${key}`, "x-api-key": key } },
  ]);
});

test("an undo gives the bytes back, also after two providers", async () => {
  const before = '\ufeff{\r\n\t// mine\r\n\t"model": "opus",\r\n}\r\n';
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, before, { mode: 0o640 });
  await house.evercred("setup", "claude", "--provider", "bedrock");
  await house.evercred("setup", "claude", "--provider", "gateway", "--base-url", baseUrl);
  const between = await readFile(file, "utf8");
  expect(between).toContain("// mine");
  expect(between).not.toContain("CLAUDE_CODE_USE_BEDROCK");
  expect(await house.evercred("setup", "claude", "--undo")).toMatchObject({ code: 0 });
  expect(await readFile(file, "utf8")).toBe(before);
  expect((await stat(file)).mode & 0o777).toBe(0o640);
});

test("a project's settings are those of the folder in which it was asked for", async () => {
  const project = join(house.home, "project");
  await mkdir(project);
  const line = `'${house.shim}' setup claude --provider bedrock --scope project`;
  const { code, stderr } = await house.run("/bin/sh", ["-c", `cd '${project}' && ${line}`]);
  expect(code).toBe(0);
  expect(stderr).toContain("only once you trust that folder");
  expect(await readFile(join(project, ".claude", "settings.json"), "utf8")).toContain("aws export");
});

test("in a cloud sandbox nothing is written", async () => {
  const more = { CLAUDE_CODE_REMOTE: "true" };
  const { code } = await house.run(house.shim, ["setup", "claude", "--provider", "bedrock"], more);
  expect(code).toBe(5);
});
