import { EvercredError } from "../core/errors.ts";
import type { Reply, Request } from "./verb.ts";

/** Longer than any key is, in characters: whoever gives more gives something else. */
const mostChars = 65_536;

/**
 * A secret that the caller types after this prompt, or gives on stdin, without blanks around it; undefined where there
 * is none. Throws `usage` for what is longer than any secret.
 */
export const secretFrom = async (
  prompt: string,
  { terminal }: Request,
  reply: Reply,
): Promise<string | undefined> => {
  if (terminal.stdin) reply.say(prompt);
  const secret = (await linesFrom(terminal.stdin, reply)).join("\n").trim();
  return secret === "" ? undefined : secret;
};

/** All of a file or a pipe; on a terminal one line, or the whole of what is pasted there and has a last line. */
const linesFrom = async (isTyped: boolean, reply: Reply): Promise<readonly string[]> => {
  const lines: string[] = [];
  let chars = 0;
  for (;;) {
    const line = await reply.ask(true);
    if (line === undefined) return lines;
    lines.push(line);
    chars += line.length + 1;
    if (chars > mostChars) {
      throw new EvercredError("usage", "That is longer than any key.", {
        remedy: "Give the key and nothing else.",
      });
    }
    // Left unread, the rest of a pasted key would go to the shell.
    const isBlock = lines[0]?.startsWith("-----BEGIN ") === true;
    if (isTyped && (!isBlock || line.startsWith("-----END "))) return lines;
  }
};
