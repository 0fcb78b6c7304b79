import type { Json, Reply } from "../commands/verb.ts";
import { Secret } from "../core/secret.ts";
import { frame, frames } from "../protocol/wire.ts";

/** Secrets in clear: the one place, beside the keychain and the sources, where they are revealed. */
const revealed = (value: Json): unknown => {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map((each: Json) => revealed(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revealed(each)]));
};

/** A reply as frames. What is written before the exit code goes out with it, in one piece. */
export const replyOf = (
  write: (bytes: Buffer) => void,
  ask: (hidden: boolean) => Promise<string | undefined>,
): { readonly reply: Reply; readonly end: (exit: number) => void } => {
  let held: Buffer[] = [];
  const flush = (): void => {
    if (held.length > 0) write(Buffer.concat(held));
    held = [];
  };
  const add = (type: "1" | "2", text: string): void => {
    if (held.length === 0) setImmediate(flush);
    held.push(...frames(type, Buffer.from(`${text}\n`)));
  };
  return {
    reply: {
      print: (line) => {
        add("1", line);
      },
      printJson: (document) => {
        add("1", JSON.stringify(revealed(document)));
      },
      say: (line) => {
        add("2", line);
      },
      ask: (hidden) => {
        flush();
        return ask(hidden);
      },
    },
    end: (exit) => {
      held.push(frame("X", String(exit)));
      flush();
    },
  };
};
