import { describe, expect, test } from "vitest";
import {
  type Caller,
  callerName,
  identityOf,
  recordOf,
  unknownCaller,
} from "../../electron/core/caller.ts";
import { claude } from "../fakes/caller.ts";

const bridge: Caller = { kind: "bridge", name: "box" };

describe.each([
  [claude, "claude", "/usr/bin/claude"],
  [bridge, "bridge box", "bridge box"],
  [unknownCaller, "unknown", undefined],
])("%o", (caller, name, identity) => {
  test("has a name", () => expect(callerName(caller)).toBe(name));
  test("is told from others", () => expect(identityOf(caller)).toBe(identity));
});

test("a program cannot turn around or hide the words about it", () => {
  const name = "cl\u202eau\u0000de\u200b\n";
  const program = { name, path: "/usr/bin/claude", identity: undefined, parents: [] };
  const sly: Caller = { kind: "program", program };
  expect(callerName(sly)).toBe("cl?au?de??");
});

test("the record has the program, its file and those that started it; or the bridge; or that nobody knows", () => {
  expect(recordOf(claude)).toEqual({
    program: "claude",
    path: "/usr/bin/claude",
    parents: ["code"],
  });
  expect(recordOf(bridge)).toEqual({ bridge: "box" });
  expect(recordOf(unknownCaller)).toEqual({ program: "unknown" });
});
