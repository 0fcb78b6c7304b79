import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { unknownCaller } from "../../electron/core/caller.ts";
import type { Request } from "../../electron/commands/verb.ts";
import { frame, limits } from "../../electron/protocol/wire.ts";
import { type Handler, serve } from "../../electron/server/connection.ts";
import { settle } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";
import {
  type Answer,
  ask,
  Caller,
  idle,
  makeDirectory,
  makePlaces,
  open,
  requestFor,
  defer,
} from "./rig.ts";

/** Says what it was asked for. */
const echo: Handler = ({ args, env, cwd, terminal }, reply) => {
  reply.printJson({ args, env, cwd, terminal });
  return Promise.resolve(args.length);
};

/** The path of a new door that answers with `handle`. */
const doorFor = async (handle: Handler): Promise<string> =>
  (await open(await makePlaces(), handle)).address;

/** A server as on Windows, where nothing is heard before the token. */
const guardedBy = async (token: Buffer, handle: Handler): Promise<string> => {
  const path = join(await makeDirectory(), "pipe");
  const server = createServer((socket) =>
    serve(socket, { token, bridge: undefined }, unknownCaller, handle, new MemoryLog()),
  );
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
};

const unknown = "evercred: That is no Evercred request.\n";

/** Fails unless the door still serves. */
const expectToServe = async (path: string): Promise<void> => {
  expect(await ask(path, requestFor("status"))).toMatchObject({ exit: 1 });
};

describe("a request", () => {
  const whole = Buffer.concat([
    frame("V", "1"),
    frame("A", "aws"),
    frame("A", "export"),
    frame("E", "AWS_PROFILE=dev"),
    frame("D", "/work"),
    frame("T", "e 90"),
    frame("G"),
  ]);
  const answer = {
    stdout: `${JSON.stringify({
      args: ["aws", "export"],
      env: { AWS_PROFILE: "dev" },
      cwd: "/work",
      terminal: { stdin: false, stdout: false, stderr: true, width: 90 },
    })}\n`,
    stderr: "",
    exit: 2,
  };

  test("is answered, and the connection ends with the exit code", async () => {
    const got = await ask(await doorFor(echo), whole);
    expect(got).toMatchObject(answer);
    expect(got.frames.at(-1)?.type).toBe("X");
  });

  test("is the same however it is cut into pieces", async () => {
    const path = await doorFor(echo);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 12 }), async (places) => {
        const ends = [...places, whole.length].sort((a, b) => a - b);
        const caller = new Caller(path);
        let from = 0;
        for (const end of ends) {
          caller.send(whole.subarray(from, end));
          from = end;
          await settle();
        }
        expect(await caller.ended).toMatchObject(answer);
      }),
      { numRuns: 40 },
    );
  });

  test("is the only one of its connection: what follows it is not run", async () => {
    let runs = 0;
    const path = await doorFor(() => Promise.resolve(++runs));
    expect(await ask(path, whole, whole)).toMatchObject({ exit: 1 });
    expect(runs).toBe(1);
  });

  test("of a newer client with frames that we do not know is answered", async () => {
    const newer = [frame("V", "9"), Buffer.from("q\0\0\0\x01?"), frame("A", "status"), frame("G")];
    expect(await ask(await doorFor(echo), ...newer)).toMatchObject({ exit: 1 });
  });

  test("of which 500 come at once are all answered, each with its own answer", async () => {
    const path = await doorFor(echo);
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) => ask(path, requestFor(String(index)))),
    );
    const words = answers.map(({ stdout }) => (JSON.parse(stdout) as Request).args[0]);
    expect(words).toEqual(Array.from({ length: 500 }, (_, index) => String(index)));
  });

  test("is answered with far more than a socket takes at once", async () => {
    const line = "x".repeat(5 * limits.frameBytes);
    const path = await doorFor((_request, reply) => {
      reply.print(line);
      return Promise.resolve(0);
    });
    const { stdout, exit } = await ask(path, requestFor("status"));
    expect(stdout === `${line}\n`).toBe(true);
    expect(exit).toBe(0);
  });
});

test("a client of a broken newer protocol is told which side to update, and ends with code 4", async () => {
  const path = await doorFor(echo);
  const { stdout, stderr, exit } = await ask(path, frame("V", "9"), Buffer.from("Q\0\0\0\0"));
  expect({ stdout, exit }).toEqual({ stdout: "", exit: 4 });
  expect(stderr).toContain("evercred: The daemon is older than this evercred (protocol 2, not 9).");
  await expectToServe(path);
});

describe("what is no request is refused with a sentence and exit code 2, and the door goes on", () => {
  const bad = (stderr: string): Partial<Answer> => ({ stdout: "", stderr, exit: 2 });

  test.each<[string, readonly Buffer[], string]>([
    ["garbage", [Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")], unknown],
    ["a frame that announces 4 GiB", [Buffer.from("A\xff\xff\xff\xff", "latin1")], unknown],
    [
      "no version",
      [frame("A", "status"), frame("G")],
      "evercred: The client does not say its version.\n",
    ],
    [
      "too many frames",
      [frame("V", "1"), Buffer.concat(Array.from({ length: limits.frames }, () => frame("A")))],
      "evercred: The request is too long.\n",
    ],
    [
      "too many bytes",
      [frame("V", "1"), ...Array.from({ length: 3 }, () => frame("A", Buffer.alloc(1_000_000)))],
      "evercred: The request is too long.\n",
    ],
    [
      "a frame of another protocol",
      [frame("V", "1"), Buffer.from("Q\0\0\0\0")],
      "evercred: The client speaks a protocol that Evercred does not know (version 2 here).\n",
    ],
  ])("%s", async (_what, bytes, sentence) => {
    const path = await doorFor(echo);
    expect(await ask(path, ...bytes)).toMatchObject(bad(sentence));
    await expectToServe(path);
  });

  test("a request that is cut off runs nothing", async () => {
    let runs = 0;
    const path = await doorFor(() => Promise.resolve(++runs));
    for (let length = 0; length < requestFor("status").length; length += 1) {
      const caller = new Caller(path);
      caller.socket.end(requestFor("status").subarray(0, length));
      await caller.ended;
    }
    expect(runs).toBe(0);
    await expectToServe(path);
  });

  test("any bytes at all leave the door open", async () => {
    const path = await doorFor(echo);
    const type = fc.constantFrom(...Array.from("VKAEDTGIXz\0")).map((name) => Buffer.from(name));
    const size = fc.oneof(fc.nat(40), fc.constantFrom(2 ** 20, 2 ** 20 + 1, 2 ** 32 - 1));
    const piece = fc
      .tuple(type, size, fc.uint8Array({ maxLength: 40 }))
      .map(([name, length, payload]) => {
        const head = Buffer.alloc(4);
        head.writeUInt32BE(length);
        return Buffer.concat([name, head, payload]);
      });
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(piece, noise), { maxLength: 8 }), async (pieces) => {
        const caller = new Caller(path).send(...pieces);
        caller.socket.end();
        await caller.ended;
      }),
      { numRuns: 300 },
    );
    await expectToServe(path);
  });

  test("garbage in the midst of a run ends the connection, and tells the run", async () => {
    const gone = defer<undefined>();
    const path = await doorFor(({ signal }, reply) => {
      signal.addEventListener("abort", () => gone.resolve(undefined));
      reply.say("running");
      return gone.promise.then(() => 0);
    });
    const caller = new Caller(path).send(requestFor("status"));
    await caller.frame("2");
    caller.send(Buffer.from("A\xff\xff\xff\xff", "latin1"));
    expect(await caller.ended).toMatchObject({ stderr: "running\n", exit: undefined });
    await gone.promise;
  });
});

describe("a caller that is slow", () => {
  const patience = async (): Promise<void> => {
    while (vi.getTimerCount() === 0) await settle();
  };

  const withFakeTimers = (): void => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
  };

  test("is refused after 5 seconds", async () => {
    const path = await doorFor(echo);
    withFakeTimers();
    const caller = new Caller(path).send(frame("V", "1"));
    await patience();
    vi.advanceTimersByTime(limits.requestMs - 1);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await caller.ended).toMatchObject({
      stderr: "evercred: The request took too long to arrive.\n",
      exit: 2,
    });
  });

  test("is not hurried once its request is there", async () => {
    const finish = defer<number>();
    const path = await doorFor((_request, reply) => {
      reply.say("running");
      return finish.promise;
    });
    withFakeTimers();
    const caller = new Caller(path).send(requestFor("aws", "login"));
    await caller.frame("2");
    expect(vi.getTimerCount()).toBe(0);
    finish.resolve(0);
    expect(await caller.ended).toMatchObject({ exit: 0 });
  });

  test("leaves no timer behind when it goes away before", async () => {
    const path = await doorFor(echo);
    withFakeTimers();
    const caller = new Caller(path).send(frame("V", "1"));
    await patience();
    caller.socket.destroy();
    await caller.ended;
    while (vi.getTimerCount() > 0) await settle();
  });

  test("cannot make us hold more than a token before it has shown it", async () => {
    const path = await guardedBy(Buffer.alloc(32, 1), idle);
    withFakeTimers();
    const caller = new Caller(path).send(Buffer.from("K\0\x0f\xff\xff", "latin1"));
    expect((await caller.send(Buffer.alloc(60)).ended).frames).toEqual([]);
  });

  test("gets no answer at all where it has not shown the token", async () => {
    const path = await guardedBy(Buffer.alloc(32, 1), idle);
    withFakeTimers();
    const caller = new Caller(path);
    await patience();
    vi.advanceTimersByTime(limits.requestMs);
    expect((await caller.ended).frames).toEqual([]);
  });
});

describe("a caller that goes away", () => {
  test("aborts its own request, and no other", async () => {
    const signals = new Map<string, AbortSignal>();
    const aborted = defer<undefined>();
    const finish = defer<number>();
    const path = await doorFor(({ args, signal }, reply) => {
      signals.set(args[0]!, signal);
      signal.addEventListener("abort", () => aborted.resolve(undefined));
      reply.say("running");
      return finish.promise;
    });
    const [first, second] = ["first", "second"].map((name) =>
      new Caller(path).send(requestFor(name)),
    );
    await Promise.all([first!.frame("2"), second!.frame("2")]);
    first!.socket.destroy();
    await aborted.promise;
    expect(signals.get("first")!.aborted).toBe(true);
    expect(signals.get("first")!.reason).toMatchObject({ code: "cancelled" });
    expect(signals.get("second")!.aborted).toBe(false);
    finish.resolve(0);
    expect(await second!.ended).toMatchObject({ exit: 0 });
  });

  test("and still is written to does no harm", async () => {
    const aborted = defer<undefined>();
    const finished = defer<undefined>();
    const path = await doorFor(async ({ args, signal }, reply) => {
      if (args[0] === "status") return 1;
      signal.addEventListener("abort", () => aborted.resolve(undefined));
      reply.say("running");
      await aborted.promise;
      reply.print("x".repeat(limits.frameBytes));
      await settle();
      expect(await reply.ask(false)).toBeUndefined();
      finished.resolve(undefined);
      return 0;
    });
    const caller = new Caller(path).send(requestFor("aws", "export"));
    await caller.frame("2");
    caller.socket.destroy();
    await finished.promise;
    await expectToServe(path);
  });
});

describe("a question to the caller", () => {
  /** Asks for two lines, the second one hidden, and says what it got. */
  const curious: Handler = async (_request, reply) => {
    reply.say("First?");
    const first = await reply.ask(false);
    const second = await reply.ask(true);
    reply.printJson([first ?? null, second ?? null]);
    return 0;
  };

  test("is a line with its echo or, hidden, without; what was said stands before it", async () => {
    const caller = new Caller(await doorFor(curious)).send(requestFor("login"));
    await caller.frame("?", "l");
    caller.send(frame("I", "2"));
    await caller.frame("?", "h");
    caller.send(frame("I", "geheim"));
    const { frames, stdout } = await caller.ended;
    expect(frames.map(({ type, payload }) => `${type}${payload.toString()}`).slice(0, 3)).toEqual([
      "2First?\n",
      "?l",
      "?h",
    ]);
    expect(stdout).toBe('["2","geheim"]\n');
  });

  test.each([
    ["an empty line is a line", "\n", '["",null]\n'],
    ["the end of input is none", "", "[null,null]\n"],
    ["a line's end is not part of it", "one\r\n", '["one",null]\n'],
  ])("%s", async (_what, line, got) => {
    const path = await doorFor(curious);
    const caller = new Caller(path).send(requestFor("login"));
    await caller.frame("?", "l");
    caller.send(frame("I", line));
    await caller.frame("?", "h");
    caller.send(frame("I"));
    expect((await caller.ended).stdout).toBe(got);
  });

  test("ends without an answer where the caller has gone", async () => {
    const got = defer<string | undefined>();
    const path = await doorFor(async (_request, reply) => {
      got.resolve(await reply.ask(false));
      return 0;
    });
    const caller = new Caller(path).send(requestFor("login"));
    await caller.frame("?");
    caller.socket.destroy();
    expect(await got.promise).toBeUndefined();
  });
});

describe("a program that the shim is told to run", () => {
  test("has no exit code of ours, and its end is the caller's", async () => {
    const gone = defer<undefined>();
    const path = await doorFor(({ signal }, reply) => {
      reply.run({ AWS_REGION: "eu-central-1" }, ["AWS_PROFILE"]);
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          gone.resolve(undefined);
          resolve(0);
        });
      });
    });
    const caller = new Caller(path).send(requestFor("exec"));
    await caller.frame("R", "AWS_PROFILE\0AWS_REGION=eu-central-1\0");
    await settle();
    expect(caller.socket.readableEnded).toBe(false);
    caller.socket.end();
    await gone.promise;
    expect((await caller.ended).frames.map(({ type }) => type)).toEqual(["R"]);
  });

  test("is not waited for where its verb does not", async () => {
    const path = await doorFor((_request, reply) => {
      reply.run({}, []);
      return Promise.resolve(0);
    });
    const { frames } = await ask(path, requestFor("exec"));
    expect(frames.map(({ type }) => type)).toEqual(["R"]);
  });
});

describe("where a token guards the door, as on Windows", () => {
  const token = Buffer.alloc(32, 7);

  test("a caller that shows it is served", async () => {
    const path = await guardedBy(token, echo);
    expect(await ask(path, frame("K", token), requestFor("status"))).toMatchObject({ exit: 1 });
  });

  test.each<[string, readonly Buffer[]]>([
    ["without a token", [requestFor("status")]],
    ["with another token", [frame("K", Buffer.alloc(32, 8)), requestFor("status")]],
    ["that sends garbage", [Buffer.from("\xff".repeat(20), "latin1")]],
  ])("a caller %s hears nothing", async (_what, bytes) => {
    const path = await guardedBy(token, echo);
    expect((await ask(path, ...bytes)).frames).toEqual([]);
  });
});
