import { basename } from "node:path";
import type { Argv } from "../command.ts";

/** The key that a command asks Evercred itself for, as far as one sees it; undefined where it does not. */
export const askedKeyOf = (command: Argv | string): string | undefined => {
  if (typeof command === "string") return shellForm.exec(command)?.[1];
  const [program, verb, ...args] = command;
  const isOurs = /^evercred(?:\.exe)?$/i.test(basename(program.replaceAll("\\", "/")));
  return isOurs && verb === "api-key" ? args.find((arg) => !arg.startsWith("-")) : undefined;
};

/** Our own name at the end of a path or by itself, the verb, perhaps flags, and a name. */
const shellForm =
  /(?:^|[\s;&|(`"'/\\])evercred(?:\.exe)?["']?\s+api-key\s+(?:-\S+\s+)*["']?([a-z0-9-]+)/i;

/** The keys by way of which a key waits for itself, itself first and last; undefined where it does not. */
export const loopOf = (
  name: string,
  commands: ReadonlyMap<string, Argv | string>,
): readonly string[] | undefined => {
  const path = [name];
  for (;;) {
    const command = commands.get(path.at(-1) ?? name);
    const next = command === undefined ? undefined : askedKeyOf(command);
    if (next === undefined) return undefined;
    if (next === name) return [...path, name];
    // Others wait for themselves there: that is said of them.
    if (path.includes(next)) return undefined;
    path.push(next);
  }
};
