import { expect, test } from "vitest";
import type { ClaudeSettingsFile } from "../../electron/commands/doctor-ports.ts";
import { pathAt, settingsAt } from "../fakes/inspector.ts";
import { World } from "./world.ts";

type Settings = Readonly<Record<string, unknown>>;

interface Finding {
  readonly check: string;
  readonly id: string;
  readonly verdict: string;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly remedy?: string;
}

const shim = "/opt/evercred/bin/evercred";

/** Claude Code as `setup claude` leaves it. */
const bedrock: Settings = {
  awsAuthRefresh: `${shim} aws login --profile dev`,
  awsCredentialExport: `${shim} aws export --profile dev`,
  env: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "us-east-1" },
};

const withEnv = (env: Settings): Settings => ({
  ...bedrock,
  env: { ...(bedrock["env"] as Settings), ...env },
});

const without = (name: string): Settings => ({ ...bedrock, [name]: undefined });

const file = (scope: ClaudeSettingsFile["scope"], settings: Settings): ClaudeSettingsFile => ({
  ...settingsAt(`/${scope}/settings.json`, settings),
  scope,
});

/** What is said of Claude Code with these files, the one that wins first. */
const found = async (
  files: readonly ClaudeSettingsFile[],
  arrange: (world: World) => void = () => undefined,
): Promise<readonly Finding[]> => {
  const world = await World.signedIn();
  world.inspector.claudeFiles = files;
  arrange(world);
  const { stdout } = await world.run(["doctor", "--json", "--no-verify"], { variables: {} });
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return findings.filter(({ check }) => check === "claude");
};

test("as it was set up it is fine, and where each helper stands is said", async () => {
  const findings = await found([file("user", bedrock)]);
  expect(findings).toMatchObject([
    {
      id: "claude.fine",
      verdict: "ok",
      evidence: [
        "awsAuthRefresh: /user/settings.json line 3",
        "awsCredentialExport: /user/settings.json line 3",
      ],
    },
  ]);
});

const base = "Run: evercred setup claude --provider bedrock --yes --profile dev";

const setUp = `${base} --region us-east-1`;

const foreign = { awsCredentialExport: "my-own-keys" };

test.each<[string, readonly ClaudeSettingsFile[], { id: string; verdict: string; remedy: string }]>(
  [
    [
      "nothing is set up",
      [file("user", {})],
      { id: "claude.not-set-up", verdict: "note", remedy: "Run: evercred setup claude" },
    ],
    [
      "the client is not there",
      [file("user", { ...bedrock, awsAuthRefresh: "/gone/evercred aws login --profile dev" })],
      { id: "claude.helper-missing", verdict: "failure", remedy: setUp },
    ],
    [
      "the client is found by PATH",
      [file("user", { ...bedrock, awsAuthRefresh: "evercred aws login --profile dev" })],
      { id: "claude.helper-by-path", verdict: "note", remedy: setUp },
    ],
    [
      "a helper of the project's shared settings: it is written there",
      [file("project", { awsAuthRefresh: "/gone/evercred aws login" }), file("user", bedrock)],
      { id: "claude.helper-missing", verdict: "failure", remedy: `${base} --scope project` },
    ],
    [
      "another helper wins",
      [file("local", foreign), file("user", bedrock)],
      {
        id: "claude.helper-overridden",
        verdict: "warning",
        remedy: "Take awsCredentialExport out of /local/settings.json (line 3).",
      },
    ],
    [
      "another helper of the administrator's wins",
      [file("managed", foreign), file("user", bedrock)],
      {
        id: "claude.helper-overridden",
        verdict: "warning",
        remedy: "Ask your administrator to take awsCredentialExport out of /managed/settings.json.",
      },
    ],
    [
      "managed settings set AWS_PROFILE",
      [file("managed", { env: { AWS_PROFILE: "dev" } }), file("user", bedrock)],
      {
        id: "claude.export-disabled",
        verdict: "failure",
        remedy:
          "Ask your administrator to take AWS_PROFILE out of /managed/settings.json, or to put there what this prints: evercred setup claude --provider bedrock --print",
      },
    ],
    [
      "a helper calls the wrong verb",
      [file("user", { ...bedrock, awsCredentialExport: `${shim} aws login --profile dev` })],
      { id: "claude.helper-verb", verdict: "failure", remedy: setUp },
    ],
    [
      "a helper has a flag that there is not",
      [file("user", { ...bedrock, awsCredentialExport: `${shim} aws export --profil dev` })],
      { id: "claude.helper-words", verdict: "failure", remedy: setUp },
    ],
    [
      "one helper signs in for a profile, the other prints the keys of another",
      [file("user", { ...bedrock, awsAuthRefresh: `${shim} aws login --profile ops` })],
      { id: "claude.two-profiles", verdict: "warning", remedy: setUp },
    ],
    [
      "two providers",
      [file("user", withEnv({ CLAUDE_CODE_USE_VERTEX: "1" }))],
      {
        id: "claude.two-providers",
        verdict: "failure",
        remedy: "Take CLAUDE_CODE_USE_VERTEX out of /user/settings.json (line 3).",
      },
    ],
    [
      "no region",
      [file("user", withEnv({ AWS_REGION: "" }))],
      { id: "claude.no-region", verdict: "warning", remedy: base },
    ],
    [
      "no helper",
      [file("user", without("awsCredentialExport"))],
      { id: "claude.no-helper", verdict: "warning", remedy: setUp },
    ],
    [
      "a secret outranks",
      [file("user", withEnv({ AWS_BEARER_TOKEN_BEDROCK: "planted" }))],
      {
        id: "claude.secret-outranks",
        verdict: "warning",
        remedy: "Take AWS_BEARER_TOKEN_BEDROCK out of /user/settings.json (line 3).",
      },
    ],
    [
      "a helper for the proxy that is not switched on",
      [file("user", { ...bedrock, proxyAuthHelper: `${shim} proxy-auth` })],
      { id: "claude.proxy-helper-off", verdict: "warning", remedy: `${setUp} --proxy-auth` },
    ],
    [
      "a variable that is no text",
      [file("user", withEnv({ MAX_MCP_OUTPUT_TOKENS: 1 }))],
      {
        id: "claude.shape",
        verdict: "failure",
        remedy: "Correct line 3 of /user/settings.json.",
      },
    ],
  ],
)("%s", async (_what, files, expected) => {
  const findings = await found(files);
  expect(findings).toMatchObject([expected]);
  expect(JSON.stringify(findings)).not.toContain("planted");
});

test("a helper that may not be run", async () => {
  const findings = await found([file("user", bedrock)], ({ inspector }) => {
    inspector.paths.set(shim, pathAt(shim));
  });
  expect(findings[0]).toMatchObject({
    id: "claude.helper-not-executable",
    remedy: `Run: chmod +x ${shim}`,
  });
});

const gone = "/gone/evercred";

const gateway = "https://gateway.example.com";

/** What set-ups have written, and the command that repeats it. */
const repeated: Readonly<Record<string, readonly [Settings, string]>> = {
  "bedrock, with all that can be said": [
    {
      awsAuthRefresh: `${gone} aws login --profile ops`,
      awsCredentialExport: `${shim} aws export --profile ops`,
      otelHeadersHelper: `${shim} headers corp`,
      proxyAuthHelper: `${shim} proxy-auth`,
      env: {
        CLAUDE_CODE_USE_BEDROCK: "1",
        AWS_REGION: "eu-west-1",
        ANTHROPIC_BEDROCK_BASE_URL: gateway,
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: "8192",
        MAX_THINKING_TOKENS: "1024",
        ANTHROPIC_MODEL: "m",
        ANTHROPIC_DEFAULT_HAIKU_MODEL: "s",
        ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION: "eu-west-1",
        CLAUDE_CODE_ENABLE_PROXY_AUTH_HELPER: "1",
        MINE: "two words",
      },
    },
    `bedrock --yes --profile ops --region eu-west-1 --base-url ${gateway} --model m --small-model s --headers corp --proxy-auth --env 'CLAUDE_CODE_MAX_OUTPUT_TOKENS=8192' --env 'MINE=two words'`,
  ],
  "bedrock, behind a gateway that signs in": [
    {
      apiKeyHelper: `${gone} api-key gw`,
      env: {
        CLAUDE_CODE_USE_BEDROCK: "1",
        CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
        ANTHROPIC_BEDROCK_BASE_URL: gateway,
        CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "300000",
      },
    },
    `bedrock --yes --base-url ${gateway} --skip-auth`,
  ],
  vertex: [
    {
      gcpAuthRefresh: `${gone} gcp login --account corp`,
      env: {
        CLAUDE_CODE_USE_VERTEX: "1",
        CLOUD_ML_REGION: "global",
        ANTHROPIC_VERTEX_PROJECT_ID: "example-claude",
        ANTHROPIC_VERTEX_BASE_URL: gateway,
      },
    },
    `vertex --yes --region global --project example-claude --base-url ${gateway}`,
  ],
  "a gateway": [
    { apiKeyHelper: `${gone} api-key gw`, env: { ANTHROPIC_BASE_URL: gateway } },
    `gateway --yes --base-url ${gateway}`,
  ],
};

/** All variables of a file, as if a set-up had written them. */
const writtenAll =
  (name: string, { env }: Settings) =>
  ({ inspector }: World): void => {
    inspector.notes = { fault: undefined, variables: { [name]: Object.keys(env as Settings) } };
  };

const remedyOf = (findings: readonly Finding[], id: string): string =>
  findings.find((each) => each.id === id)?.remedy ?? "";

test.each(Object.entries(repeated))("%s: the remedy repeats it all", async (_what, parts) => {
  const [settings, words] = parts;
  const findings = await found(
    [file("user", settings)],
    writtenAll("/user/settings.json", settings),
  );
  expect(remedyOf(findings, "claude.helper-missing")).toBe(
    `Run: evercred setup claude --provider ${words}`,
  );
});

test("what others have written beside it stays out of the remedy", async () => {
  const settings = { ...withEnv({ MINE: "1" }), awsAuthRefresh: `${gone} aws login --profile dev` };
  const findings = await found([file("user", settings)]);
  expect(remedyOf(findings, "claude.helper-missing")).toBe(setUp);
});

test("a secret is not repeated: then it is said that something is not", async () => {
  for (const [name, value] of [
    ["MY_TOKEN", "planted"],
    ["ANTHROPIC_BEDROCK_BASE_URL", "https://ann:planted@gateway.example.com"],
    ["ANTHROPIC_BEDROCK_BASE_URL", "https://gateway.example.com/?k=planted"],
  ] as const) {
    const settings = withEnv({ [name]: value });
    const broken = { ...settings, awsAuthRefresh: `${gone} aws login --profile dev` };
    const findings = await found(
      [file("user", broken)],
      writtenAll("/user/settings.json", settings),
    );
    const remedy = remedyOf(findings, "claude.helper-missing");
    expect(remedy).toContain(`what /user/settings.json has of ${name} is not repeated here`);
    expect(JSON.stringify(findings)).not.toContain("planted");
  }
});

test("nothing of a project's comes into the user's settings, nor out of a folder without trust", async () => {
  const evil = { ANTHROPIC_BEDROCK_BASE_URL: "https://evil.example.com", AWS_REGION: "eu-west-1" };
  const project = file("project", { env: { ...evil, CLAUDE_CODE_USE_VERTEX: "1" } });
  const user = { ...bedrock, awsAuthRefresh: `${gone} aws login --profile dev` };
  expect(remedyOf(await found([project, file("user", user)]), "claude.helper-missing")).toBe(setUp);
  const broken = {
    apiKeyHelper: `${gone} api-key gw`,
    env: { ANTHROPIC_BASE_URL: "https://evil.example.com" },
  };
  const findings = await found([file("project", broken)], ({ inspector }) => {
    inspector.isTrusted = false;
  });
  expect(remedyOf(findings, "claude.helper-missing")).toMatch(/^Where you trust the author of/);
  expect(JSON.stringify(findings)).not.toContain("evil");
});

test("notes of set-ups that cannot be read are named", async () => {
  const fault = { sentence: "They cannot be read.", remedy: "Move that file away." };
  const findings = await found([file("user", bedrock)], ({ inspector }) => {
    inspector.notes = { fault, variables: {} };
  });
  expect(findings).toMatchObject([{ id: "claude.notes-broken", remedy: fault.remedy }]);
});

test.each([
  ["dangling", "is a link that leads nowhere", "Put there what it leads to"],
  ["directory", "is no file", "Run: mv /user/settings.json /user/settings.json.old"],
  ["hidden", "Nobody may look at", "Make /user a folder that you may enter."],
  ["file", "cannot be read", "Run: chmod u+r /user/settings.json"],
] as const)("settings that are %s are named as what they are", async (kind, message, remedy) => {
  const path = pathAt("/user/settings.json", { kind });
  const [first] = await found([{ ...file("user", {}), state: "unreadable", path }]);
  expect(first).toMatchObject({
    id: "claude.unreadable",
    message: expect.stringContaining(message),
  });
  expect(first?.remedy).toContain(remedy);
});

test("a file with comments is not used, and the line is said", async () => {
  const invalid: ClaudeSettingsFile = {
    ...file("user", {}),
    state: "invalid",
    fault: { line: 2, sentence: "comments are not taken there" },
  };
  const [first] = await found([invalid]);
  expect(first).toMatchObject({
    id: "claude.invalid",
    message: "Claude Code does not use /user/settings.json: comments are not taken there.",
    remedy: "Correct line 2 of /user/settings.json: nothing but plain JSON may stand there.",
  });
});

test("helpers of a project wait for trust, those of the user do not", async () => {
  const distrust = ({ inspector }: World): void => {
    inspector.isTrusted = false;
  };
  const helper = { awsAuthRefresh: bedrock["awsAuthRefresh"] };
  const ids = (await found([file("project", helper), file("user", bedrock)], distrust)).map(
    ({ id }) => id,
  );
  expect(ids).toEqual(["claude.not-trusted"]);
  expect(await found([file("user", bedrock)], distrust)).toMatchObject([{ id: "claude.fine" }]);
});

test("with a gateway that signs in nobody wants keys of the profile", async () => {
  const skips = {
    CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
    ANTHROPIC_BEDROCK_BASE_URL: "https://g.example.com",
  };
  const { env } = withEnv(skips);
  expect(await found([file("user", { env })])).toMatchObject([{ id: "claude.not-set-up" }]);
  const key = { env, apiKeyHelper: `${shim} api-key gateway` };
  const [first] = await found([file("user", key)]);
  expect(first).toMatchObject({ id: "claude.helper-unknown-name", verdict: "failure" });
});
