import type { Source } from "../../core/source.ts";
import { type Problem, Problems } from "../problem.ts";
import { OidcClientSource } from "./client-source.ts";
import { definitionOf, type OidcConfig } from "./config.ts";
import { Issuer } from "./issuer.ts";
import type { OidcPorts } from "./ports.ts";
import { OidcSource } from "./source.ts";

export type { OidcConfig } from "./config.ts";
export type { OidcPorts } from "./ports.ts";

/** The OIDC sources of this user. What is learnt of issuers outlives each reading. */
export class OidcSources {
  readonly #ports: OidcPorts;
  readonly #issuers = new Map<string, Issuer>();
  #problems: readonly Problem[] = [];

  constructor(ports: OidcPorts) {
    this.#ports = ports;
  }

  /** What could not be used at the last reading. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Makes the sources, and asks nobody. What cannot be used is a problem, never a throw. */
  load(config: OidcConfig): readonly Source[] {
    const problems = new Problems();
    const sources: Source[] = [];
    for (const [id, entry] of Object.entries(config.sources)) {
      if (entry.kind !== "oidc" || !entry.enabled) continue;
      const definition = definitionOf(id, entry, config, problems.report);
      if (definition === undefined) continue;
      const issuer = this.#issuerOf(definition.issuer);
      const isMachine = definition.flow === "client-credentials";
      const Kind = isMachine ? OidcClientSource : OidcSource;
      sources.push(new Kind(definition, issuer, this.#ports));
    }
    this.#problems = problems.list;
    return sources;
  }

  #issuerOf(url: string): Issuer {
    const issuer = this.#issuers.get(url) ?? new Issuer(url, this.#ports);
    this.#issuers.set(url, issuer);
    return issuer;
  }
}
