import { describe, expect, test } from "vitest";
import type { GoogleDoor } from "../../electron/commands/ports.ts";
import { adc, doorsOf, type GoogleWorld, googleWorld, outputOf } from "./metadata-rig.ts";
import { makeDirectory } from "./rig.ts";

/** The Python and the libraries that gcloud brings along. */
const sdk = "/usr/lib/google-cloud-sdk";
const python = `${sdk}/platform/bundledpythonunix/bin/python3`;

interface Run {
  readonly built: GoogleWorld;
  readonly given: GoogleDoor;
}

const running = async (): Promise<Run> => {
  const built = await googleWorld({ account: "dev@example.com" });
  const facts = { project: "example-claude" };
  const given = await doorsOf(built).door.forRun(adc, facts, new AbortController().signal);
  return { built, given };
};

const run = async (
  { given }: Run,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> => {
  const variables = { GCE_METADATA_HOST: given.host, GCE_METADATA_IP: given.host, ...env };
  const { stdout, stderr, code } = await outputOf(program, args, variables);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return JSON.parse(stdout);
};

const node = (all: Run, lines: readonly string[], env?: Record<string, string>): Promise<unknown> =>
  run(all, process.execPath, ["--input-type=module", "-e", lines.join("\n")], env);

const pythonSays = (all: Run, lines: readonly string[]): Promise<unknown> =>
  run(all, python, ["-c", lines.join("\n")], { PYTHONPATH: `${sdk}/lib/third_party` });

describe("google-auth-library", () => {
  const program = [
    "import { GoogleAuth } from 'google-auth-library';",
    "const scopes = ['https://www.googleapis.com/auth/cloud-platform'];",
    "const auth = new GoogleAuth({ scopes });",
    "const client = await auth.getClient();",
    "const { token } = await client.getAccessToken();",
    "const { client_email: email } = await auth.getCredentials();",
    "const identity = await (await auth.getIdTokenClient('https://gateway.example.com')).idTokenProvider.fetchIdToken('https://gateway.example.com');",
    "const universe = await auth.getUniverseDomain();",
    "console.log(JSON.stringify([client.constructor.name, token, await auth.getProjectId(), email, universe, identity.split('.').length]));",
  ];
  test.each([
    ["is told that it is there", { METADATA_SERVER_DETECTION: "assume-present" }],
    ["looks for it", {}],
  ])("takes its tokens here where it %s", async (_what, env) => {
    const all = await running();
    expect(await node(all, program, env)).toEqual([
      "Compute",
      "ya29.token-2",
      "example-claude",
      "dev@example.com",
      "googleapis.com",
      3,
    ]);
    expect(all.built.source.fetched.at(-1)).toMatchObject({
      form: "id",
      audience: "https://gateway.example.com",
    });
  });
});

test("gcp-metadata finds what it knows by name", async () => {
  const program = [
    "import * as metadata from 'gcp-metadata';",
    "const none = await metadata.project('numeric-project-id').catch(({ status }) => status);",
    "console.log(JSON.stringify([",
    "  await metadata.isAvailable(),",
    "  await metadata.instance('service-accounts/'),",
    "  (await metadata.instance('service-accounts/default/token')).access_token,",
    "  await metadata.instance({ property: 'service-accounts/default/', params: { recursive: 'true' } }),",
    "  none,",
    "]));",
  ];
  expect(await node(await running(), program)).toEqual([
    true,
    "default/\ndev@example.com/\n",
    "ya29.token-1",
    {
      aliases: ["default"],
      email: "dev@example.com",
      scopes: ["openid", "https://www.googleapis.com/auth/cloud-platform"],
    },
    404,
  ]);
});

describe("Python's google-auth", () => {
  test("takes its default credentials here, and asks for no other token than the plain one", async () => {
    const all = await running();
    const program = [
      "import google.auth, json",
      "from google.auth.transport.requests import Request",
      "found, project = google.auth.default()",
      "found.refresh(Request())",
      "print(json.dumps([type(found).__module__, project, found.token, found.service_account_email, found.universe_domain, found.valid]))",
    ];
    expect(await pythonSays(all, program)).toEqual([
      "google.auth.compute_engine.credentials",
      "example-claude",
      "ya29.token-1",
      "dev@example.com",
      "googleapis.com",
      true,
    ]);
    expect(all.built.source.fetched).toHaveLength(1);
  });

  test("takes its default credentials here where nobody knows whose they are", async () => {
    const built = await googleWorld();
    const facts = { project: "example-claude" };
    const given = await doorsOf(built).door.forRun(adc, facts, new AbortController().signal);
    const program = [
      "import google.auth, json",
      "from google.auth.transport.requests import Request",
      "found, project = google.auth.default(scopes=['a', 'b'])",
      "found.refresh(Request())",
      "print(json.dumps(found.token))",
    ];
    expect(await pythonSays({ built, given }, program)).toBe("ya29.token-2");
    expect(built.source.fetched[1]).toMatchObject({ scopes: ["a", "b"] });
  });

  test("takes an identity token here", async () => {
    const program = [
      "import json",
      "from google.auth import jwt",
      "from google.auth.transport.requests import Request",
      "from google.oauth2.id_token import fetch_id_token",
      "token = fetch_id_token(Request(), 'https://gateway.example.com')",
      "print(json.dumps(jwt.decode(token, verify=False)['aud']))",
    ];
    expect(await pythonSays(await running(), program)).toBe("https://gateway.example.com");
  });
});

test("gcloud takes the token that stands in the file", async () => {
  const { given } = await running();
  const { stdout, code } = await outputOf("gcloud", ["auth", "print-access-token"], {
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: given.tokenFile,
    CLOUDSDK_CONFIG: await makeDirectory(),
    CLOUDSDK_CORE_CHECK_GCE_METADATA: "false",
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
  });
  expect({ stdout, code }).toEqual({ stdout: "ya29.token-1\n", code: 0 });
});
