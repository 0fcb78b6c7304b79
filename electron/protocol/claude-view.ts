import type { Trouble } from "./view.ts";

/** Where Claude Code asks for its models, as far as Evercred helps it there. */
export type ClaudeProviderView = "bedrock" | "vertex" | "gateway";

/** Claude Code on this machine, by its settings and the search path. */
export type ClaudeStanding =
  /** Nobody has looked yet. */
  | { readonly kind: "unknown" }
  /** Neither the program nor settings of it are there. */
  | { readonly kind: "absent" }
  | { readonly kind: "unconnected"; readonly version: string | undefined }
  | {
      readonly kind: "connected";
      /** Undefined where the program is not on the search path: it may be in an editor. */
      readonly version: string | undefined;
      readonly provider: ClaudeProviderView | undefined;
      /** The region, the project or the gateway's host. */
      readonly place: string | undefined;
      /** The profile, the account or the key whose credentials it gets. */
      readonly identity: string | undefined;
      readonly scope: "managed" | "local" | "project" | "user";
      /** The file that says so. */
      readonly file: string;
    };

/** What the last check came to. */
export interface ClaudeCheckView {
  readonly at: number;
  /** `partly`: what could be asked is fine, and not all could be. Undefined: nothing could be learnt. */
  readonly works: boolean | "partly" | undefined;
  /** What is wrong, or could not be learnt; undefined where it works. */
  readonly trouble: Trouble | undefined;
}

export interface ClaudeView {
  readonly standing: ClaudeStanding;
  /** Undefined: not checked since the app started, or since the settings changed. */
  readonly check: ClaudeCheckView | undefined;
}

/** How Claude Code is to be connected. Empty texts leave it to what is usual. */
export type ClaudeWish =
  | { readonly provider: "bedrock"; readonly profile: string; readonly region: string }
  | {
      readonly provider: "vertex";
      readonly account: string;
      readonly region: string;
      readonly project: string;
    }
  | { readonly provider: "gateway"; readonly baseUrl: string; readonly key: string };

/** What a change to Claude Code's settings shows, or has come to. */
export interface ClaudeChangeView {
  /** The lines of a unified diff; none where nothing changes. */
  readonly diff: readonly string[];
  /** What else a person should know. */
  readonly notes: readonly string[];
}
