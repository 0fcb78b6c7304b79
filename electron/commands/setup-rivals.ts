import type { Provider } from "./setup-provider.ts";

/** What a key by a helper loses against (Claude Code 2.1.331). */
const keySecrets = ["ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY"];

/** What keys by a helper lose against, or are not asked for where they are there. */
const awsSecrets = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY"];

/** What goes with such keys, and is of no use without them. */
const awsParts = ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"];

/** Variables that hold secrets: none of them is taken from a command line, or shown. */
export const secretVariables: ReadonlySet<string> = new Set([
  ...keySecrets,
  ...awsSecrets,
  ...awsParts,
]);

/** Variables that say where requests go, and which a set-up of that provider has its own word on. */
const ways: Readonly<Record<Provider["kind"], readonly string[]>> = {
  bedrock: ["ANTHROPIC_BEDROCK_BASE_URL", "CLAUDE_CODE_SKIP_BEDROCK_AUTH", "ANTHROPIC_BASE_URL"],
  vertex: ["ANTHROPIC_VERTEX_BASE_URL", "CLAUDE_CODE_SKIP_VERTEX_AUTH", "ANTHROPIC_BASE_URL"],
  gateway: [],
};

/** The variables of a settings file that lead elsewhere than what was set up there, by name; all that is `own` was. */
export const rivalsIn = (
  env: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
  provider: Provider,
): readonly string[] => {
  const isWay = (name: string): boolean =>
    name.startsWith("CLAUDE_CODE_USE_") || ways[provider.kind].includes(name);
  return Object.keys(env).filter(
    (name) => isWay(name) && !Object.hasOwn(own, name) && isOn(env[name]),
  );
};

/** Whoever writes one of these words means that it is off. */
const isOn = (value = ""): boolean =>
  !["", "0", "false", "no", "off"].includes(value.toLowerCase());
