import { noRule, type Rule } from "../../electron/core/limits.ts";
import type { PolicyFile } from "../../electron/platform/policy.ts";
import { noLayers, type PolicyLayers } from "../../electron/platform/policy-layers.ts";

/** A policy that a test changes. */
export class FixedPolicy implements Pick<PolicyFile, "layers" | "rule" | "subscribe"> {
  rule: Rule = noRule;
  layers: PolicyLayers;
  readonly #listeners = new Set<() => void>();

  constructor(layers: Partial<PolicyLayers> = {}) {
    this.layers = { ...noLayers, ...layers };
  }

  /** It says something else from now on. */
  become(layers: Partial<PolicyLayers>): void {
    this.layers = { ...noLayers, ...layers };
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
