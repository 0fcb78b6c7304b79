import type { Json, Reply } from "../commands/verb.ts";
import { EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { frame, frames, limits, type ServerFrame } from "../protocol/wire.ts";

/** Secrets in clear: the one place, beside the keychain and the sources, where they are revealed. */
const revealed = (value: Json): unknown => {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map((each: Json) => revealed(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revealed(each)]));
};

/** A document as JSON text, secrets in clear: the body of a reply. */
export const clearJson = (document: Json): string => JSON.stringify(revealed(document));

/** A text that may be a secret, in clear: the body of a reply, or of a file that is one. */
export const clearText = (value: string | Secret): string =>
  typeof value === "string" ? value : value.reveal();

type Values = Readonly<Record<string, string | Secret>>;

const clearValues = (values: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, each]) => [name, clearText(each)]));

/**
 * A reply as frames. What is written before the exit code goes out with it, in one piece. Once the shim has been told
 * to run a program nobody reads any more: nothing follows, not even the exit code.
 */
export const replyOf = (
  write: (bytes: Buffer) => void,
  { ask, variables }: Pick<Reply, "ask" | "variables">,
): { readonly reply: Reply; readonly end: (exit: number) => void } => {
  let held: Buffer[] = [];
  let handedOver = false;
  const flush = (): void => {
    if (held.length > 0) write(Buffer.concat(held));
    held = [];
  };
  const add = (type: "1" | "2", text: string): void => {
    if (handedOver) return;
    if (held.length === 0) setImmediate(flush);
    held.push(...frames(type, Buffer.from(text)));
  };
  const handOver = (type: "R" | "S", words: readonly string[]): void => {
    if (handedOver) return;
    held.push(orderOf(type, words));
    flush();
    handedOver = true;
  };
  return {
    reply: {
      print: (line) => {
        add("1", `${line}\n`);
      },
      printJson: (document) => {
        add("1", `${clearJson(document)}\n`);
      },
      printForm: (values, form) => {
        add("1", form(clearValues(values)));
      },
      say: (line) => {
        add("2", `${line}\n`);
      },
      ask: (hidden) => {
        if (handedOver) return Promise.resolve(undefined);
        flush();
        return ask(hidden);
      },
      variables: (names) => {
        if (handedOver) return Promise.resolve(undefined);
        flush();
        return variables(names);
      },
      run: (set, unset) => {
        const assignments = Object.entries(clearValues(set)).map((each) => each.join("="));
        for (const name of [...Object.keys(set), ...unset]) checkName(name);
        handOver("R", [...unset, ...assignments]);
      },
      runScript: (script, words) => {
        handOver("S", [script, ...words]);
      },
    },
    end: (exit) => {
      if (handedOver) return;
      held.push(frame("X", String(exit)));
      flush();
    },
  };
};

/** Texts, each with a NUL at its end, in one frame: the shim takes an order whole or not at all. */
const orderOf = (type: Extract<ServerFrame, "R" | "S">, texts: readonly string[]): Buffer => {
  if (texts.some((text) => text.includes("\0"))) throw unfit("holds a NUL character");
  const payload = Buffer.from(texts.map((text) => `${text}\0`).join(""));
  if (payload.length > limits.frameBytes) throw unfit("is too long");
  return frame(type, payload);
};

const checkName = (name: string): void => {
  if (name === "" || name.includes("=")) throw unfit("has a variable without a proper name");
};

const unfit = (what: string): EvercredError =>
  new EvercredError("internal", `What the program is to be started with ${what}.`);
