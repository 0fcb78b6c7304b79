import type { Provider } from "./setup-provider.ts";

/** What a key by a helper loses against (Claude Code 2.1.331). */
const keySecrets = ["ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY"];

/** What keys by a helper lose against, or are not asked for where they are there. */
const awsSecrets = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY"];

/** Variables that hold secrets: none of them is taken from a command line, or shown. */
export const secretVariables: ReadonlySet<string> = new Set([
  ...keySecrets,
  ...awsSecrets,
  "AWS_SESSION_TOKEN",
]);

/** Variables that say where requests go, and which a set-up of that provider has its own word on. */
const ways: Readonly<Record<Provider["kind"], readonly string[]>> = {
  bedrock: ["ANTHROPIC_BEDROCK_BASE_URL", "CLAUDE_CODE_SKIP_BEDROCK_AUTH", "ANTHROPIC_BASE_URL"],
  vertex: ["ANTHROPIC_VERTEX_BASE_URL", "CLAUDE_CODE_SKIP_VERTEX_AUTH", "ANTHROPIC_BASE_URL"],
  gateway: [],
};

/** The variables of a settings file that decide instead of what was set up there, by name. */
export interface Rivals {
  /** They lead elsewhere. */
  readonly ways: readonly string[];
  /** Secrets that outrank the helper. */
  readonly secrets: readonly string[];
}

/** Finds them in `env`, where all that is `own` was set up. */
export const rivalsIn = (
  env: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
  provider: Provider,
): Rivals => {
  const foreign = Object.keys(env).filter((name) => !Object.hasOwn(own, name) && isOn(env[name]));
  const isWay = (name: string): boolean =>
    name.startsWith("CLAUDE_CODE_USE_") || ways[provider.kind].includes(name);
  const outranking = outrankingOf(provider);
  return {
    ways: foreign.filter(isWay),
    secrets: foreign.filter((name) => outranking.includes(name)),
  };
};

/** Whoever writes one of these words means that it is off. */
const isOn = (value = ""): boolean =>
  !["", "0", "false", "no", "off"].includes(value.toLowerCase());

const outrankingOf = (provider: Provider): readonly string[] => {
  if (provider.kind === "gateway" || provider.shown.by === "gateway") return keySecrets;
  return provider.kind === "bedrock" ? awsSecrets : [];
};
