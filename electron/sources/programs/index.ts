import type { Source } from "../../core/source.ts";
import type { Clock } from "../../core/time.ts";
import type { Argv } from "../command.ts";
import { CommandSource } from "./source.ts";

/** What of Evercred's own configuration is about sign-ins by other programs. */
export interface CommandsConfig {
  /** By id. */
  readonly sources: Readonly<
    Record<
      string,
      {
        readonly kind: "command";
        readonly enabled: boolean;
        readonly title?: string;
        readonly signIn: Argv;
        readonly check?: Argv;
        /** How long a sign-in may take, in milliseconds. */
        readonly timeout: number;
      }
    >
  >;
}

/** The sources whose sign-in is another program's matter. */
export class CommandSources {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  load({ sources }: CommandsConfig): readonly Source[] {
    return Object.entries(sources)
      .filter(([, { enabled }]) => enabled)
      .map(([id, { title = id, signIn, check, timeout }]) => {
        const program = { argv: signIn, timeoutMs: timeout, unset: [] };
        return new CommandSource({ id, title, program, check }, this.#clock);
      });
  }
}
