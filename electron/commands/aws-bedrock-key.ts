import { EvercredError } from "../core/errors.ts";
import { judgeKeyKind, throwWhere } from "../core/judging.ts";
import { durationOf } from "./arguments.ts";
import { issue, silentFlags } from "./silent.ts";
import type { Verb } from "./verb.ts";

/** The longest that AWS accepts such a key, in milliseconds. */
const longestMs = 12 * 60 * 60_000;

/** A short-term API key for Bedrock, for `AWS_BEARER_TOKEN_BEDROCK`. */
export const awsBedrockKey: Verb = {
  name: "aws bedrock-key",
  summary: "a short-term API key for Bedrock",
  words: "",
  most: 0,
  flags: {
    ...silentFlags,
    region: { value: "REGION", summary: "where it is good; else the profile's, else AWS_REGION" },
    lifetime: { value: "TIME", summary: "how long it is good, 12h at most, which is usual" },
  },
  onBridge: true,
  about:
    "Prints the key and a newline, for AWS_BEARER_TOKEN_BEDROCK. It is made of the profile's role keys without asking anybody, and ends with them at the latest.",
  async run(parsed, request, reply, context) {
    const lifetimeMs = lifetimeOf(parsed.value("lifetime"));
    throwWhere(judgeKeyKind("aws-bedrock", context.policy.rule));
    const { credential, profile, region } = await issue(
      "aws bedrock-key",
      parsed,
      request,
      reply,
      context,
    );
    const where = parsed.value("region") ?? region ?? callersRegion(request.env);
    if (where === undefined) {
      throw new EvercredError("usage", `Profile ${profile} has no region.`, {
        remedy: "Name one with --region.",
      });
    }
    const key = await context.aws.bedrockKey(credential, where, lifetimeMs);
    reply.printForm({ key }, ({ key: clear = "" }) => `${clear}\n`);
    return 0;
  },
};

const lifetimeOf = (text: string | undefined): number => {
  const lifetimeMs = text === undefined ? longestMs : durationOf(text);
  if (lifetimeMs > 0 && lifetimeMs <= longestMs) return lifetimeMs;
  throw new EvercredError("usage", "A Bedrock key is good for 12 hours at most.", {
    remedy: "Write --lifetime 12h or less.",
  });
};

const callersRegion = (env: Readonly<Record<string, string>>): string | undefined => {
  const region = env["AWS_REGION"];
  return region === "" ? undefined : region;
};
