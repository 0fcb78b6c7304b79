import type { AwsCredential } from "../core/credential.ts";
import type { Secret } from "../core/secret.ts";

/** One thing that has to hold before Claude can be used, and what is known of it. */
export interface AccessCheck {
  /** What was looked at, in a few words: `bedrock:InvokeModel on ID`, `model ID`. */
  readonly what: string;
  /** `not-checked`: it could not be learnt. That never means that it is fine. */
  readonly verdict: "allowed" | "refused" | "not-checked";
  /** What was learnt, or why nothing could be. */
  readonly sentence: string;
  /** What to do; undefined where there is nothing to do. */
  readonly remedy: string | undefined;
}

/** Claude on Amazon Bedrock. */
export interface BedrockQuestion {
  readonly credential: AwsCredential;
  readonly region: string;
  /** Ids or ARNs of models and inference profiles, as Claude Code's settings have them. */
  readonly models: readonly string[];
  /** A gateway that takes Bedrock's requests in its stead, signed with the caller's keys. */
  readonly baseUrl: string | undefined;
}

/** Claude on Google's Vertex AI. */
export interface VertexQuestion {
  /** A Google access token for the cloud-platform scope. */
  readonly token: Secret;
  /** A region, or `global`, `us`, `eu`. */
  readonly region: string;
  readonly project: string;
  readonly models: readonly string[];
  /** A gateway that takes Vertex AI's requests in its stead, with the caller's token. */
  readonly baseUrl: string | undefined;
}

/** Claude behind an LLM gateway that has credentials of its own. */
export interface GatewayQuestion {
  /** As ANTHROPIC_BASE_URL has it, or ANTHROPIC_BEDROCK_BASE_URL, or ANTHROPIC_VERTEX_BASE_URL. */
  readonly baseUrl: string;
  /** What the gateway is shown; undefined: it wants nothing. */
  readonly key: Secret | undefined;
  /** Whose requests it takes. */
  readonly speaks:
    | { readonly kind: "anthropic" }
    | { readonly kind: "bedrock" }
    | { readonly kind: "vertex"; readonly region: string; readonly project: string };
  readonly models: readonly string[];
}

/**
 * Finds out whether an identity may use Claude somewhere. Nothing of the user's is sent, and no request can make a
 * model answer. Rejects with nothing but the signal's reason: what cannot be asked is `not-checked`, and says why.
 */
export interface Access {
  bedrock(question: BedrockQuestion, signal: AbortSignal): Promise<readonly AccessCheck[]>;
  vertex(question: VertexQuestion, signal: AbortSignal): Promise<readonly AccessCheck[]>;
  gateway(question: GatewayQuestion, signal: AbortSignal): Promise<readonly AccessCheck[]>;
}
