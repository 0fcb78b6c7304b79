import type { Source } from "../../core/source.ts";
import type { Argv } from "../command.ts";
import { type Problem, Problems, type Report } from "../problem.ts";
import { type CommandKeyConfig, CommandKeySource } from "./command-key.ts";
import { EnteredKeySource } from "./entered-source.ts";
import { type JwtKeyConfig, jwtKeyOf } from "./jwt-key.ts";
import type { Machine } from "./key-program.ts";
import { loopOf } from "./own-loops.ts";
import { type StaticKeyConfig, staticKeyOf } from "./static-key.ts";

/** What of Evercred's own configuration is about keys; entries of other kinds may stand beside. */
export interface KeysConfig {
  /** By name. */
  readonly keys: Readonly<
    Record<
      string,
      | StaticKeyConfig
      | CommandKeyConfig
      | JwtKeyConfig
      | { readonly kind: "oidc" | "gcp-id-token" | "gcp-access-token" | "aws-bedrock" }
    >
  >;
}

/** The keys that are sources of their own: those that are entered, minted here, or printed by a program. */
export class KeySources {
  readonly #machine: Machine;
  #problems: readonly Problem[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** What could not be used at the last reading. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /**
   * Makes the sources. Ids that are `taken` are others': the configuration itself shows whose. What else cannot be used
   * is a problem, never a throw.
   */
  load({ keys }: KeysConfig, taken: ReadonlySet<string>): readonly Source[] {
    const problems = new Problems();
    const commands = new Map(
      Object.entries(keys).flatMap(([name, key]): [string, Argv | string][] =>
        key.kind === "command" ? [[name, key.command]] : [],
      ),
    );
    const sources = Object.entries(keys).flatMap(([name, key]): Source[] => {
      const source = this.#sourceOf(name, key, commands, problems.report);
      return source === undefined || taken.has(name) ? [] : [source];
    });
    this.#problems = problems.list;
    return sources;
  }

  #sourceOf(
    name: string,
    key: KeysConfig["keys"][string],
    commands: ReadonlyMap<string, Argv | string>,
    report: Report,
  ): Source | undefined {
    const { clock } = this.#machine;
    switch (key.kind) {
      case "static":
        return new EnteredKeySource(staticKeyOf(name, key), clock);
      case "jwt":
        return new EnteredKeySource(jwtKeyOf(name, key, clock), clock);
      case "command": {
        const loop = loopOf(name, commands);
        if (loop === undefined) return new CommandKeySource(name, key, this.#machine);
        report(
          undefined,
          `The command of keys.${name} asks Evercred for what it makes itself: ${loop.join(" -> ")}.`,
          "Let it name the program that has the key.",
        );
        return undefined;
      }
      case "oidc":
      case "gcp-id-token":
      case "gcp-access-token":
      case "aws-bedrock":
        return undefined;
    }
  }
}
