import { describe, expect, test } from "vitest";
import type { Reply } from "../../electron/commands/verb.ts";
import { Secret } from "../../electron/core/secret.ts";
import { type Frame, FrameDecoder, limits } from "../../electron/protocol/wire.ts";
import { replyOf } from "../../electron/server/reply.ts";
import { settle } from "../fakes/clock.ts";

interface Written {
  readonly reply: Reply;
  readonly end: (exit: number) => void;
  /** What has gone out, one entry a write. */
  readonly writes: readonly (readonly Frame[])[];
}

const start = (): Written => {
  const writes: (readonly Frame[])[] = [];
  const decoder = new FrameDecoder();
  const { reply, end } = replyOf((bytes) => writes.push(decoder.push(bytes)), {
    ask: () => {
      writes.push([{ type: "?", payload: Buffer.alloc(0) }]);
      return Promise.resolve("typed");
    },
    variables: () => {
      writes.push([{ type: "e", payload: Buffer.alloc(0) }]);
      return Promise.resolve({});
    },
  });
  return { reply, end, writes };
};

const shown = (frames: readonly Frame[]): readonly (readonly [string, string])[] =>
  frames.map(({ type, payload }) => [type, payload.toString()]);

test("what is written before the end goes out with the exit code, in one piece and in its order", () => {
  const { reply, end, writes } = start();
  reply.print("payload");
  reply.say("message");
  reply.print("more");
  end(3);
  expect(writes.map(shown)).toEqual([
    [
      ["1", "payload\n"],
      ["2", "message\n"],
      ["1", "more\n"],
      ["X", "3"],
    ],
  ]);
});

test("what is written long before the end does not wait for it", async () => {
  const { reply, end, writes } = start();
  reply.print("the address");
  await settle();
  await settle();
  expect(writes.map(shown)).toEqual([[["1", "the address\n"]]]);
  end(0);
  expect(writes.slice(1).map(shown)).toEqual([[["X", "0"]]]);
});

test("a question comes after what was said before it", async () => {
  const { reply, writes } = start();
  reply.say("Which number?");
  expect(await reply.ask(false)).toBe("typed");
  expect(writes.flat().map(({ type }) => type)).toEqual(["2", "?"]);
});

test("secrets are in clear in a JSON document, however deep they lie", () => {
  const { reply, end, writes } = start();
  reply.printJson({
    a: new Secret("first"),
    list: [new Secret("second"), { b: new Secret("third"), left: undefined }],
    n: 1,
    yes: true,
    none: null,
    text: "text",
  });
  end(0);
  expect(shown(writes.flat())[0]).toEqual([
    "1",
    '{"a":"first","list":["second",{"b":"third"}],"n":1,"yes":true,"none":null,"text":"text"}\n',
  ]);
});

test("a secret in a line, on stdout or stderr, stays hidden", () => {
  const { reply, end, writes } = start();
  const secret = new Secret("hidden");
  reply.print(`key ${secret.toString()}`);
  reply.say(`key ${String(secret)}`);
  end(0);
  expect(JSON.stringify(shown(writes.flat()))).not.toContain("hidden");
});

test("a long line goes out in frames within the limit", () => {
  const { reply, end, writes } = start();
  const line = "é".repeat(limits.frameBytes);
  reply.print(line);
  end(0);
  const parts = writes.flat().filter(({ type }) => type === "1");
  expect(parts.map(({ payload }) => payload.length)).toEqual([
    limits.frameBytes,
    limits.frameBytes,
    1,
  ]);
  const text = Buffer.concat(parts.map(({ payload }) => payload)).toString();
  expect(text === `${line}\n`).toBe(true);
});

test("a form is made of the values in clear, and printed as it is", () => {
  const { reply, end, writes } = start();
  reply.printForm({ KEY: new Secret("geheim"), NAME: "dev" }, (clear) => JSON.stringify(clear));
  reply.printForm({}, () => "");
  end(0);
  expect(shown(writes.flat())).toEqual([
    ["1", '{"KEY":"geheim","NAME":"dev"}'],
    ["X", "0"],
  ]);
});

test("what a form throws is thrown, and nothing is printed", () => {
  const { reply, end, writes } = start();
  const trouble = new Error("a newline");
  const form = (): never => {
    throw trouble;
  };
  expect(() => reply.printForm({ KEY: new Secret("a\nb") }, form)).toThrow(trouble);
  end(2);
  expect(shown(writes.flat())).toEqual([["X", "2"]]);
});

describe("an order to run a program", () => {
  test("names what is unset and, after it, what is set, each with a NUL at its end", () => {
    const { reply, writes } = start();
    reply.run({ AWS_SECRET_ACCESS_KEY: new Secret("a=b\nc"), AWS_REGION: "" }, [
      "AWS_PROFILE",
      "AWS_REGION",
    ]);
    expect(writes.map(shown)).toEqual([
      [["R", "AWS_PROFILE\0AWS_REGION\0AWS_SECRET_ACCESS_KEY=a=b\nc\0AWS_REGION=\0"]],
    ]);
  });

  test("of a script is the script and its words, each with a NUL at its end", () => {
    const { reply, writes } = start();
    reply.runScript('ssh "$1"', ["host", "", "a b"]);
    expect(writes.map(shown)).toEqual([[["S", 'ssh "$1"\0host\0\0a b\0']]]);
  });

  test("comes after what was said before it, in one piece, and nothing comes after it", async () => {
    const { reply, end, writes } = start();
    reply.say("Until 17:05.");
    reply.run({}, []);
    reply.say("more");
    reply.print("more");
    reply.runScript("true", []);
    reply.run({}, []);
    expect(await reply.ask(true)).toBeUndefined();
    end(0);
    await settle();
    expect(writes.map(shown)).toEqual([
      [
        ["2", "Until 17:05.\n"],
        ["R", ""],
      ],
    ]);
  });

  test.each<[string, (reply: Reply) => void]>([
    ["a value with a NUL", (reply) => reply.run({ A: new Secret("b\0C=d") }, [])],
    ["a name with a NUL", (reply) => reply.run({}, ["A\0B"])],
    ["a name with a =", (reply) => reply.run({ "A=B": "c" }, [])],
    ["no name", (reply) => reply.run({}, [""])],
    ["a word with a NUL", (reply) => reply.runScript("true", ["a\0b"])],
    ["more than a frame", (reply) => reply.run({ A: "x".repeat(limits.frameBytes) }, [])],
  ])("with %s is not given", (_what, give) => {
    const { reply, end, writes } = start();
    expect(() => give(reply)).toThrow(/^What the program is to be started with /u);
    end(1);
    expect(shown(writes.flat())).toEqual([["X", "1"]]);
  });
});
