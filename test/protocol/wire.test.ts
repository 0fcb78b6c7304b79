import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  type ClientFrame,
  frame,
  FrameDecoder,
  frames,
  FrameTooLong,
  limits,
  requestVariablePrefixes,
  requestVariables,
  type ServerFrame,
} from "../../electron/protocol/wire.ts";

const types: readonly (ClientFrame | ServerFrame)[] = [
  "V",
  "K",
  "A",
  "E",
  "D",
  "T",
  "G",
  "I",
  "1",
  "2",
  "?",
  "R",
  "X",
];
const anyFrame = fc.record({
  type: fc.constantFrom(...types),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

/** `bytes` cut at these places. */
const cut = (bytes: Buffer, places: readonly number[]): readonly Buffer[] => {
  const at = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return at.map((end, index) => bytes.subarray(index === 0 ? 0 : at[index - 1], end));
};

describe("a frame", () => {
  test("is a byte of type, four of length, big-endian, and the payload", () => {
    expect(frame("A", "hé")).toEqual(Buffer.from([0x41, 0, 0, 0, 3, 0x68, 0xc3, 0xa9]));
    expect(frame("G")).toEqual(Buffer.from([0x47, 0, 0, 0, 0]));
    expect(frame("1", Buffer.alloc(0x01_02_03)).subarray(0, 5)).toEqual(
      Buffer.from([0x31, 0, 1, 2, 3]),
    );
  });

  test("comes out as it went in, however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(anyFrame), fc.array(fc.nat()), (sent, places) => {
        const stream = Buffer.concat(sent.map(({ type, payload }) => frame(type, payload)));
        const decoder = new FrameDecoder();
        const received = cut(stream, places).flatMap((piece) => decoder.push(piece));
        expect(received).toEqual(sent);
      }),
    );
  });

  test("comes out byte by byte only when its last byte is there", () => {
    const decoder = new FrameDecoder();
    const bytes = [...frame("A", "abc")].map((byte) => Buffer.from([byte]));
    const last = bytes.pop()!;
    for (const byte of bytes) expect(decoder.push(byte)).toEqual([]);
    expect(decoder.push(last)).toEqual([{ type: "A", payload: Buffer.from("abc") }]);
  });

  test("may be as long as the limit", () => {
    const payload = Buffer.alloc(limits.frameBytes, 7);
    const [only, ...more] = new FrameDecoder().push(frame("A", payload));
    expect(only?.payload.equals(payload)).toBe(true);
    expect(more).toEqual([]);
  });

  test("that announces one byte more is refused before any of it is held", () => {
    const head = frame("A").subarray(0, 5);
    head.writeUInt32BE(limits.frameBytes + 1, 1);
    expect(() => new FrameDecoder().push(head)).toThrow(FrameTooLong);
  });

  test("costs no more in the smallest pieces than its length", () => {
    const decoder = new FrameDecoder();
    const bytes = frame("I", Buffer.alloc(limits.frameBytes / 64, 7));
    const rooms = vi.spyOn(Buffer, "allocUnsafe");
    let received: readonly unknown[] = [];
    for (let at = 0; at < bytes.length; at++) received = decoder.push(bytes.subarray(at, at + 1));
    expect(received).toHaveLength(1);
    // Each room is written to at most once: what was taken is what was copied.
    const taken = rooms.mock.calls.reduce((sum, [size]) => sum + size, 0);
    expect(taken).toBeGreaterThanOrEqual(bytes.length);
    expect(taken).toBeLessThan(4 * bytes.length);
  });

  test("of any bytes at all is decoded or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (pieces) => {
        const decoder = new FrameDecoder();
        try {
          for (const piece of pieces) decoder.push(Buffer.from(piece));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(FrameTooLong);
        }
      }),
    );
  });
});

describe("a long text", () => {
  test("goes out in frames that are each within the limit, and comes out whole", () => {
    const bytes = Buffer.alloc(2 * limits.frameBytes + 1, "evercred");
    const parts = frames("1", bytes);
    expect(parts.map(({ length }) => length - 5)).toEqual([
      limits.frameBytes,
      limits.frameBytes,
      1,
    ]);
    const received = new FrameDecoder().push(Buffer.concat(parts));
    expect(Buffer.concat(received.map(({ payload }) => payload)).equals(bytes)).toBe(true);
  });

  test("of just the limit is one frame, and of nothing is none", () => {
    expect(frames("1", Buffer.alloc(limits.frameBytes))).toHaveLength(1);
    expect(frames("1", Buffer.alloc(0))).toEqual([]);
  });
});

test("a request is at most 2 MiB, 1,024 frames and 5 seconds", () => {
  expect(limits).toEqual({
    frameBytes: 1024 ** 2,
    requestBytes: 2 * 1024 ** 2,
    frames: 1024,
    requestMs: 5_000,
  });
});

test("of a caller's variables the client sends just those that the daemon takes", () => {
  const source = readFileSync("electron/shim/evercred.c", "utf8");
  const [, literals = ""] = /request_names\[\] =((?:\s*"[^"]*")+);/.exec(source) ?? [];
  const names = [...literals.matchAll(/[A-Z_]+\*?/g)].map(([name]) => name);
  expect(names.sort()).toEqual(
    [...requestVariables, ...requestVariablePrefixes.map((prefix) => `${prefix}*`)].sort(),
  );
});

test("nothing that says how the daemon works may cross from a caller", () => {
  const crosses = (name: string): boolean =>
    requestVariables.includes(name) ||
    requestVariablePrefixes.some((prefix) => name.startsWith(prefix));
  const own = [
    "BROWSER",
    "HTTPS_PROXY",
    "NO_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "EVERCRED_HOME",
    "PATH",
  ];
  const secrets = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
  ];
  expect([...own, ...secrets].filter(crosses)).toEqual([]);
  expect(["AWS_PROFILE", "SSH_CONNECTION", "CLAUDE_CODE_PROXY_URL"].filter(crosses)).toHaveLength(
    3,
  );
});
