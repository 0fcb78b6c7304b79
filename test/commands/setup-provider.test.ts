import { expect, test } from "vitest";
import { type Extras, type Provider, wishesFor } from "../../electron/commands/setup-provider.ts";

const none: Extras = {
  model: undefined,
  smallModel: undefined,
  headers: undefined,
  proxyAuth: false,
  env: {},
};
const key = { name: "gateway", holdMs: 100_000 };
const region = "eu-central-1";
const baseUrl = "https://gateway.example.com";
const dev = { by: "caller", name: "dev" } as const;

const bedrockEnv = {
  CLAUDE_CODE_USE_BEDROCK: "1",
  AWS_REGION: region,
  CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
  MAX_THINKING_TOKENS: "1024",
};
const bedrockHelpers = {
  awsAuthRefresh: "ev aws login --profile dev",
  awsCredentialExport: "ev aws export --profile dev",
};
const vertexEnv = {
  CLAUDE_CODE_USE_VERTEX: "1",
  CLOUD_ML_REGION: "global",
  ANTHROPIC_VERTEX_PROJECT_ID: "example-claude",
};
const keyEnv = { CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "100000" };
const keyHelper = { apiKeyHelper: "ev api-key gateway" };
const vertex = { kind: "vertex", region: "global", project: "example-claude" } as const;

const shapes: Readonly<
  Record<string, readonly [Provider, Partial<Extras>, helpers: object, env: object]>
> = {
  bedrock: [
    { kind: "bedrock", shown: dev, region, baseUrl: undefined },
    {},
    bedrockHelpers,
    bedrockEnv,
  ],
  "bedrock with models": [
    { kind: "bedrock", shown: dev, region, baseUrl: undefined },
    { model: "eu.big", smallModel: "eu.small" },
    bedrockHelpers,
    {
      ...bedrockEnv,
      ANTHROPIC_MODEL: "eu.big",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "eu.small",
      ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION: region,
    },
  ],
  "bedrock through a gateway": [
    { kind: "bedrock", shown: dev, region, baseUrl },
    {},
    bedrockHelpers,
    { ...bedrockEnv, ANTHROPIC_BEDROCK_BASE_URL: baseUrl },
  ],
  "bedrock by a gateway with a key": [
    { kind: "bedrock", shown: { by: "gateway", key }, region: undefined, baseUrl },
    {},
    keyHelper,
    {
      CLAUDE_CODE_USE_BEDROCK: "1",
      CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
      ANTHROPIC_BEDROCK_BASE_URL: baseUrl,
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
      MAX_THINKING_TOKENS: "1024",
      ...keyEnv,
    },
  ],
  vertex: [
    { ...vertex, shown: { by: "caller", name: "google" }, baseUrl: undefined },
    { smallModel: "small" },
    { gcpAuthRefresh: "ev gcp login --account google" },
    { ...vertexEnv, ANTHROPIC_DEFAULT_HAIKU_MODEL: "small" },
  ],
  "vertex through a gateway": [
    { ...vertex, shown: { by: "caller", name: "google" }, baseUrl },
    {},
    { gcpAuthRefresh: "ev gcp login --account google" },
    { ...vertexEnv, ANTHROPIC_VERTEX_BASE_URL: baseUrl },
  ],
  "vertex by a gateway without a key": [
    { ...vertex, shown: { by: "gateway", key: undefined }, baseUrl },
    {},
    {},
    { ...vertexEnv, CLAUDE_CODE_SKIP_VERTEX_AUTH: "1", ANTHROPIC_VERTEX_BASE_URL: baseUrl },
  ],
  "a gateway": [
    { kind: "gateway", key, baseUrl },
    {},
    keyHelper,
    { ANTHROPIC_BASE_URL: baseUrl, ...keyEnv },
  ],
  "a gateway with all else": [
    { kind: "gateway", key, baseUrl },
    {
      headers: "otel",
      proxyAuth: true,
      env: { A: "1", ANTHROPIC_BASE_URL: "https://mine.example.com" },
    },
    { ...keyHelper, otelHeadersHelper: "ev headers otel", proxyAuthHelper: "ev proxy-auth" },
    {
      ANTHROPIC_BASE_URL: "https://mine.example.com",
      ...keyEnv,
      CLAUDE_CODE_ENABLE_PROXY_AUTH_HELPER: "1",
      A: "1",
    },
  ],
};

test.each(Object.entries(shapes))("%s", (_, [provider, extras, helpers, env]) => {
  const wishes = wishesFor(provider, { ...none, ...extras }, (...words) => `ev ${words.join(" ")}`);
  expect(wishes).toEqual({ helpers, env });
});
