import { describe, expect, test } from "vitest";
import type { Request } from "../../electron/commands/verb.ts";
import { targetOf } from "../../electron/core/source.ts";
import { limits } from "../../electron/protocol/wire.ts";
import { BadRequest, RequestReader } from "../../electron/server/request.ts";

type Part = readonly [type: string, payload?: string | Buffer];

/** What these frames come to. */
const read = (
  parts: readonly Part[],
  token?: Buffer,
  bridge?: Request["bridge"],
): Omit<Request, "signal" | "caller"> | undefined => {
  const reader = new RequestReader({ token, bridge });
  let request;
  for (const [type, payload = ""] of parts) {
    request = reader.take({ type, payload: Buffer.from(payload) });
  }
  return request;
};

const version: Part = ["V", "1"];
const go: Part = ["G"];

describe("a request", () => {
  test("is all that the client has sent, in its order", () => {
    const parts: readonly Part[] = [
      version,
      ["A", "aws"],
      ["A", "export"],
      ["A", ""],
      ["A", "--profile=dév"],
      ["E", "AWS_PROFILE=dev"],
      ["E", "CLAUDE_CODE_PROXY_URL=http://127.0.0.1/?a=b"],
      ["D", "/home/ann/work"],
      ["T", "ioe 120"],
      go,
    ];
    expect(read(parts)).toEqual({
      args: ["aws", "export", "", "--profile=dév"],
      env: { AWS_PROFILE: "dev", CLAUDE_CODE_PROXY_URL: "http://127.0.0.1/?a=b" },
      cwd: "/home/ann/work",
      terminal: { stdin: true, stdout: true, stderr: true, width: 120 },
    });
  });

  test("may be without anything but a version", () => {
    expect(read([version, go])).toEqual({
      args: [],
      env: {},
      cwd: "/",
      terminal: { stdin: false, stdout: false, stderr: false, width: 0 },
    });
  });

  test.each([
    ["i 80", { stdin: true, stdout: false, stderr: false, width: 80 }],
    ["o 0", { stdin: false, stdout: true, stderr: false, width: 0 }],
    ["e", { stdin: false, stdout: false, stderr: true, width: 0 }],
    [" 100", { stdin: false, stdout: false, stderr: false, width: 100 }],
    ["io wide", { stdin: true, stdout: true, stderr: false, width: 0 }],
  ])("says with %j what is a terminal", (text, terminal) => {
    expect(read([version, ["T", text], go])?.terminal).toEqual(terminal);
  });

  test.each([
    ["1.2.3", "1.2.3"],
    ["2.0.0-beta.1+x", "2.0.0-beta.1+x"],
    ["", undefined],
    ["1.2.3\u001b[31m", undefined],
    ["1".repeat(65), undefined],
  ])("tells with %j of which version its client is", (text, client) => {
    expect(read([version, ["v", text], go])?.client).toBe(client);
  });

  test("over a bridge does not tell that", () => {
    const bridge = { name: "box", allow: [] };
    expect(read([version, ["v", "1.2.3"], go], undefined, bridge)?.client).toBeUndefined();
  });

  test("of a newer client is read as far as it is known", () => {
    const request = read([["V", "7"], ["A", "status"], ["z", "new and optional"], go]);
    expect(request?.args).toEqual(["status"]);
  });

  test.each([
    "BROWSER=/evil",
    "HTTPS_PROXY=http://evil",
    "EVERCRED_HOME=/x",
    "PATH=.",
    "=x",
    "AWS_PROFILE",
    "",
  ])("takes over nothing of %j", (variable) => {
    expect(read([version, ["E", variable], go])?.env).toEqual({});
  });
});

describe("what is refused", () => {
  test("a frame of a newer protocol that is not optional: the daemon is the older one", () => {
    const sentence =
      "The daemon is older than this evercred (protocol 2, not 9). Restart it with: evercred daemon restart; if that is all the same, update Evercred.";
    expect(() => read([["V", "9"], ["Z", ""], go])).toThrow(new BadRequest(sentence, 4));
  });

  test.each<[string, readonly Part[], string]>([
    ["a request without a version", [["A", "status"]], "The client does not say its version."],
    ["a go without a version", [go], "The client does not say its version."],
    ["a version that is none", [["V", "one"]], "The client does not say which version it speaks."],
    ["an empty version", [["V", ""]], "The client does not say which version it speaks."],
    ["version 0", [["V", "0"]], "The client does not say which version it speaks."],
    [
      "an unknown frame that is not optional",
      [version, ["Z", ""]],
      "The client speaks a protocol that Evercred does not know (version 2 here).",
    ],
    [
      "input that nobody has asked for",
      [version, ["I", "yes"]],
      "The client speaks a protocol that Evercred does not know (version 2 here).",
    ],
    [
      "a token where none is wanted",
      [version, ["K", "x"]],
      "The client speaks a protocol that Evercred does not know (version 2 here).",
    ],
  ])("%s", (_what, parts, sentence) => {
    expect(() => read(parts)).toThrow(new BadRequest(sentence));
  });

  test("more frames than the limit", () => {
    const args = Array.from({ length: limits.frames - 2 }, (): Part => ["A", "x"]);
    expect(read([version, ...args, go])?.args).toHaveLength(limits.frames - 2);
    expect(() => read([version, ...args, ["A", "x"], go])).toThrow("The request is too long.");
  });

  test("more bytes than the limit", () => {
    const half: Part = ["A", Buffer.alloc(limits.frameBytes - 1)];
    expect(read([version, half, half, ["A", "x"], go])?.args).toHaveLength(3);
    expect(() => read([version, half, half, ["A", "xx"], go])).toThrow("The request is too long.");
  });

  test("optional frames without end", () => {
    const noise = Array.from({ length: limits.frames }, (): Part => ["n"]);
    expect(() => read([version, ...noise])).toThrow("The request is too long.");
  });
});

describe("with a token, as on Windows", () => {
  const token = Buffer.from("0123456789abcdef0123456789abcdef");

  test("a request that begins with it is read", () => {
    expect(read([["K", token], version, ["A", "status"], go], token)?.args).toEqual(["status"]);
  });

  test.each<[string, Part]>([
    ["no token", version],
    ["an empty token", ["K", ""]],
    ["a token that is too short", ["K", token.subarray(1)]],
    ["a token that is too long", ["K", `${token.toString()}0`]],
    ["another token", ["K", Buffer.from(token).fill("x", 31)]],
    ["the token in another frame", ["A", token]],
  ])("%s is not admitted", (_what, part) => {
    const reader = new RequestReader({ token, bridge: undefined });
    const [type, payload = ""] = part;
    expect(() => reader.take({ type, payload: Buffer.from(payload) })).toThrow(BadRequest);
    expect(reader.admitted).toBe(false);
  });

  test("a caller may be answered once it has shown it, not before", () => {
    const reader = new RequestReader({ token, bridge: undefined });
    expect(reader.admitted).toBe(false);
    expect(reader.take({ type: "K", payload: token })).toBeUndefined();
    expect(reader.admitted).toBe(true);
    expect(new RequestReader({ token: undefined, bridge: undefined }).admitted).toBe(true);
  });
});

describe("over a bridge", () => {
  const token = Buffer.alloc(32, 7);
  const bridge = { name: "box", allow: [targetOf("aws", "dev")] };

  test("a request says so, and has neither variables nor a directory of the other side", () => {
    const parts: readonly Part[] = [
      ["K", token],
      version,
      ["A", "aws"],
      ["E", "AWS_PROFILE=ops"],
      ["D", "/home/ann"],
      ["T", "e 80"],
      go,
    ];
    expect(read(parts, token, bridge)).toEqual({
      args: ["aws"],
      env: {},
      cwd: "/",
      terminal: { stdin: false, stdout: false, stderr: true, width: 80 },
      bridge,
    });
  });

  test("a request of the user's own door says that it is none", () => {
    expect(read([version, go])?.bridge).toBeUndefined();
  });
});
