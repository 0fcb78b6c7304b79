import { expect, test } from "vitest";
import { claudeStanding } from "../../electron/commands/claude-standing.ts";
import type { ClaudeFacts, ClaudeSettingsFile } from "../../electron/commands/doctor-ports.ts";
import { nothingAt, settingsAt } from "../fakes/inspector.ts";

const file = "/home/ann/.claude/settings.json";
const here = { claude: "2.1.331", hasClaude: true };
const nowhere = { claude: undefined, hasClaude: false };

const user = (settings: Readonly<Record<string, unknown>>): ClaudeSettingsFile => ({
  ...settingsAt(file, settings),
  scope: "user",
});

const factsOf = (...files: readonly ClaudeSettingsFile[]): ClaudeFacts => ({
  files,
  isTrusted: undefined,
  notes: { fault: undefined, variables: {} },
});

const none: ClaudeSettingsFile = {
  ...user({}),
  path: nothingAt(file),
  state: "missing",
};

test("nothing of it is there", () => {
  expect(claudeStanding(factsOf(none), nowhere)).toEqual({ kind: "absent" });
});

test("the program is there, or only its settings: it is not connected", () => {
  expect(claudeStanding(factsOf(none), here)).toEqual({ kind: "unconnected", version: "2.1.331" });
  expect(claudeStanding(factsOf(user({ model: "opus" })), nowhere)).toEqual({
    kind: "unconnected",
    version: undefined,
  });
  const others = user({ awsCredentialExport: "/usr/bin/other export" });
  expect(claudeStanding(factsOf(others), here).kind).toBe("unconnected");
});

test("a program whose files tell no version is there all the same", () => {
  const found = { claude: undefined, hasClaude: true };
  expect(claudeStanding(factsOf(none), found)).toEqual({ kind: "unconnected", version: undefined });
});

test.each([
  [
    "bedrock",
    {
      awsAuthRefresh: "/usr/bin/evercred aws login --profile dev",
      awsCredentialExport: "/usr/bin/evercred aws export --profile dev",
      env: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "us-east-1" },
    },
    { provider: "bedrock", place: "us-east-1", identity: "dev" },
  ],
  [
    "vertex",
    {
      gcpAuthRefresh: "/usr/bin/evercred gcp login --account google",
      env: {
        CLAUDE_CODE_USE_VERTEX: "1",
        CLOUD_ML_REGION: "global",
        ANTHROPIC_VERTEX_PROJECT_ID: "example-claude",
      },
    },
    { provider: "vertex", place: "example-claude, global", identity: "google" },
  ],
  [
    "gateway",
    {
      apiKeyHelper: "/usr/bin/evercred api-key litellm",
      env: { ANTHROPIC_BASE_URL: "https://gateway.example.com/v1" },
    },
    { provider: "gateway", place: "gateway.example.com", identity: "litellm" },
  ],
])("connected by %s: where, and as whom", (_provider, settings, expected) => {
  expect(claudeStanding(factsOf(user(settings)), here)).toEqual({
    kind: "connected",
    version: "2.1.331",
    scope: "user",
    file,
    ...expected,
  });
});

test("an organisation's settings are named as such", () => {
  const managed: ClaudeSettingsFile = {
    ...settingsAt("/etc/claude-code/managed-settings.json", {
      apiKeyHelper: "/usr/bin/evercred api-key litellm",
    }),
    scope: "managed",
  };
  expect(claudeStanding(factsOf(managed, none), here)).toMatchObject({
    kind: "connected",
    provider: undefined,
    scope: "managed",
    file: "/etc/claude-code/managed-settings.json",
  });
});
