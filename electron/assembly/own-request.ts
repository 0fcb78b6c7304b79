import type { Request } from "../commands/verb.ts";
import type { Caller } from "../core/caller.ts";

/** Who Evercred itself is where it does something for the person at its window. */
export interface OwnPlace {
  /** The program's file. */
  readonly program: string;
  readonly home: string;
}

/** What the user's login shell has in these variables; undefined where it does not say. They may be secrets. */
export type ShellVariables = (
  names: readonly string[],
) => Promise<Readonly<Record<string, string>> | undefined>;

/** What the person at the window asks for, as a request of Evercred's own. `asks`: whether there is an answer to a question. */
export const ownRequest = (
  args: readonly string[],
  { program, home }: OwnPlace,
  signal: AbortSignal,
  asks = false,
): Request => {
  const caller: Caller = {
    kind: "program",
    program: { name: "Evercred", path: program, identity: undefined, parents: [] },
  };
  return {
    args,
    env: {},
    cwd: home,
    terminal: { stdin: asks, stdout: false, stderr: false, width: 0 },
    bridge: undefined,
    caller,
    signal,
  };
};
