import type { Page } from "./pages.ts";

/** From the worst to the best, as `doctor` has it. */
export type VerdictView = "failure" | "warning" | "not-checked" | "note" | "ok";

/** What one click can do about a finding. */
export type RemedyView =
  | { readonly kind: "sign-in"; readonly source: string }
  | { readonly kind: "page"; readonly page: Page }
  /** Claude Code is to be connected. */
  | { readonly kind: "connect" }
  /** Evercred does it: `command` says what. */
  | { readonly kind: "mend"; readonly command: string }
  | { readonly kind: "open"; readonly file: string }
  /** Something is to be typed into a terminal. */
  | { readonly kind: "copy"; readonly command: string };

/** One thing that was found. */
export interface FindingView {
  readonly id: string;
  /** The part of the examination. */
  readonly title: string;
  readonly verdict: VerdictView;
  readonly sentence: string;
  readonly evidence: readonly string[];
  /** In words; undefined where there is nothing to do. */
  readonly remedy: string | undefined;
  /** Undefined where only a person can do it. */
  readonly action: RemedyView | undefined;
}

/** What an examination has found, the worst first. */
export interface DiagnosisView {
  readonly at: number;
  readonly findings: readonly FindingView[];
}
