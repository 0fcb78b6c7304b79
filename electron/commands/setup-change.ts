import { EvercredError } from "../core/errors.ts";
import { plain } from "./plain.ts";
import { agrees, canAsk } from "./question.ts";
import { diffOf } from "./setup-diff.ts";
import type { FileChange } from "./setup-ports.ts";
import type { Parsed, Reply, Request } from "./verb.ts";

/** A caller that changes a file. */
export interface Changer {
  readonly parsed: Parsed;
  readonly request: Request;
  readonly reply: Reply;
}

/** Makes a change, after the caller has seen it where it is on a terminal. False with --dry-run: then it is printed. */
export const made = async (
  change: FileChange,
  { parsed, request, reply }: Changer,
): Promise<boolean> => {
  const diff = diffOf(change);
  if (parsed.has("dry-run")) {
    for (const line of diff) reply.print(line);
    if (diff.length === 0) reply.say(`Nothing would change in ${plain(change.file)}.`);
    return false;
  }
  if (diff.length > 0 && !parsed.has("yes") && canAsk(parsed, request)) {
    for (const line of diff) reply.say(line);
    if (!(await agrees(`Change ${plain(change.file)} so?`, reply))) {
      throw new EvercredError("cancelled", "Nothing was changed.");
    }
  }
  change.make();
  return true;
};

/** Takes back what was set up, where anything was. Secrets that were moved stay where they are. */
export const undone = async (change: FileChange | undefined, changer: Changer): Promise<void> => {
  const { reply } = changer;
  if (change === undefined) {
    reply.print("Nothing was set up there.");
    return;
  }
  if (!(await made(change, changer))) return;
  const isGone = change.after === undefined;
  reply.print(`${isGone ? "Removed" : "As before"}: ${plain(change.file)}`);
};
