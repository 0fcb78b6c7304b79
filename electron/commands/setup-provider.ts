import type { ClaudeWishes } from "./ports.ts";

/** A key, and for how long Claude Code may hold it. */
export interface HeldKey {
  readonly name: string;
  readonly holdMs: number;
}

/** Who shows the provider that the caller may: Claude Code, by what we give it, or the gateway, which may want a key. */
export type Shown =
  | { readonly by: "caller"; readonly name: string }
  | { readonly by: "gateway"; readonly key: HeldKey | undefined };

/** Where Claude Code is to find its models, and how. */
export type Provider =
  | {
      readonly kind: "bedrock";
      /** By the caller, this is a profile. */
      readonly shown: Shown;
      readonly region: string | undefined;
      readonly baseUrl: string | undefined;
    }
  | {
      readonly kind: "vertex";
      /** By the caller, this is a Google source. */
      readonly shown: Shown;
      readonly region: string;
      readonly project: string;
      readonly baseUrl: string | undefined;
    }
  | { readonly kind: "gateway"; readonly key: HeldKey; readonly baseUrl: string };

/** What may be set with any provider. */
export interface Extras {
  readonly model: string | undefined;
  readonly smallModel: string | undefined;
  /** The name of a set of headers. */
  readonly headers: string | undefined;
  readonly proxyAuth: boolean;
  /** Variables that the caller names; they count most. */
  readonly env: Readonly<Record<string, string>>;
}

/** Variables; what is undefined is not set. */
type Some = Readonly<Record<string, string | undefined>>;

/** What has to stand in Claude Code's settings. `helper` is a verb of ours with its arguments, as a command line. */
export const wishesFor = (
  provider: Provider,
  extras: Extras,
  helper: (...words: readonly string[]) => string,
): ClaudeWishes => {
  const { headers, proxyAuth } = extras;
  const key = keyOf(provider);
  return {
    helpers: defined({
      ...signInHelpers(provider, helper),
      apiKeyHelper: key && helper("api-key", key.name),
      otelHeadersHelper: headers === undefined ? undefined : helper("headers", headers),
      proxyAuthHelper: proxyAuth ? helper("proxy-auth") : undefined,
    }),
    env: defined({
      ...providerEnv(provider),
      ...modelEnv(provider, extras),
      CLAUDE_CODE_API_KEY_HELPER_TTL_MS: key && String(key.holdMs),
      CLAUDE_CODE_ENABLE_PROXY_AUTH_HELPER: proxyAuth ? "1" : undefined,
      ...extras.env,
    }),
  };
};

/** The key that Claude Code shows. */
const keyOf = (provider: Provider): HeldKey | undefined => {
  if (provider.kind === "gateway") return provider.key;
  return provider.shown.by === "gateway" ? provider.shown.key : undefined;
};

const signInHelpers = (
  provider: Provider,
  helper: (...words: readonly string[]) => string,
): Some => {
  if (provider.kind === "gateway" || provider.shown.by === "gateway") return {};
  const { name } = provider.shown;
  if (provider.kind === "vertex") {
    return { gcpAuthRefresh: helper("gcp", "login", "--account", name) };
  }
  return {
    awsAuthRefresh: helper("aws", "login", "--profile", name),
    awsCredentialExport: helper("aws", "export", "--profile", name),
  };
};

const providerEnv = (provider: Provider): Some => {
  switch (provider.kind) {
    case "gateway":
      return { ANTHROPIC_BASE_URL: provider.baseUrl };
    case "bedrock":
      return {
        CLAUDE_CODE_USE_BEDROCK: "1",
        CLAUDE_CODE_SKIP_BEDROCK_AUTH: provider.shown.by === "gateway" ? "1" : undefined,
        ANTHROPIC_BEDROCK_BASE_URL: provider.baseUrl,
        AWS_REGION: provider.region,
        // Bedrock counts 4,096 tokens against the quota even for shorter answers: Claude Code's manual names both.
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
        MAX_THINKING_TOKENS: "1024",
      };
    case "vertex":
      return {
        CLAUDE_CODE_USE_VERTEX: "1",
        CLAUDE_CODE_SKIP_VERTEX_AUTH: provider.shown.by === "gateway" ? "1" : undefined,
        ANTHROPIC_VERTEX_BASE_URL: provider.baseUrl,
        CLOUD_ML_REGION: provider.region,
        ANTHROPIC_VERTEX_PROJECT_ID: provider.project,
      };
  }
};

const modelEnv = (provider: Provider, { model, smallModel }: Extras): Some => ({
  ANTHROPIC_MODEL: model,
  ANTHROPIC_DEFAULT_HAIKU_MODEL: smallModel,
  ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION:
    provider.kind === "bedrock" && smallModel !== undefined ? provider.region : undefined,
});

const defined = (some: Some): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(some).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
