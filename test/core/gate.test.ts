import { expect, test } from "vitest";
import { unknownCaller } from "../../electron/core/caller.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { targetOf } from "../../electron/core/source.ts";
import { never } from "../../electron/core/time.ts";
import { claude } from "../fakes/caller.ts";
import { FakeGate } from "../fakes/gate.ts";
import { MemoryAudit } from "../fakes/audit.ts";

const dev = targetOf("aws", "dev");

test("a gate asks consent, and lets through what that does", async () => {
  const gate = new FakeGate();
  const patience = { ms: 5 };
  await gate.admit(claude, dev, patience);
  expect(gate.asked).toEqual([{ caller: claude, target: dev, patience }]);
  gate.refusal = new EvercredError("consent-refused");
  await expect(gate.admit(claude, dev, patience)).rejects.toBe(gate.refusal);
});

test("what is given, and what is not, is recorded with who asked", () => {
  const audit = new MemoryAudit();
  const gate = new FakeGate(audit);
  gate.served(claude, dev, never, "aws export");
  gate.refused(unknownCaller, dev, new EvercredError("access-denied"), "aws export");
  expect(audit.entries).toEqual([
    {
      event: "served",
      program: "claude",
      path: "/usr/bin/claude",
      parents: ["code"],
      target: dev,
      verb: "aws export",
      exit: 0,
      expiresAt: never,
    },
    {
      event: "refused",
      program: "unknown",
      target: dev,
      verb: "aws export",
      exit: 5,
      code: "access-denied",
    },
  ]);
});
