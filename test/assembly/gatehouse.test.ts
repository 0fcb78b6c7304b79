import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Gatehouse } from "../../electron/assembly/gatehouse.ts";
import { Broker } from "../../electron/core/broker.ts";
import type { Caller } from "../../electron/core/caller.ts";
import { targetOf } from "../../electron/core/source.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { MemoryStore } from "../fakes/store.ts";
import { makeDirectory } from "../server/rig.ts";

const dev = targetOf("aws", "dev");
const box: Caller = { kind: "bridge", name: "box" };
const crate: Caller = { kind: "bridge", name: "crate" };
const claude: Caller = {
  kind: "program",
  program: { name: "claude", path: "/usr/bin/claude", identity: "/usr/bin/claude", parents: [] },
};

let stateDir: string;
let asks: "ask" | "off";
let gatehouse: Gatehouse;

beforeEach(async () => {
  stateDir = await makeDirectory();
  asks = "ask";
  const clock = new FakeClock();
  const log = new MemoryLog();
  const common = { store: new MemoryStore(), memo: new MemoryMemo(), random: () => 0 };
  const broker = new Broker({ ...common, clock, log });
  gatehouse = new Gatehouse({
    ...{ stateDir, clock, log, broker, hasFace: true },
    settings: () => ({ consent: asks, audit: { keep: 1_000_000, maxSizeMb: 1 } }),
    changed: () => undefined,
  });
  onTestFinished(() => gatehouse.close());
});

/** A person lets them have `dev` always. */
const allow = async (caller: Caller): Promise<void> => {
  const admitted = gatehouse.gate.admit(caller, dev, { ms: 1_000 });
  gatehouse.consent.answer(gatehouse.consent.questions[0]!.id, "always");
  await admitted;
};

const recorded = (): readonly object[] =>
  [...gatehouse.auditReader.newestFirst()].map(({ line }) => line);

/** The configuration says so from now on. */
const turn = async (to: "ask" | "off"): Promise<void> => {
  asks = to;
  gatehouse.apply();
  await settle();
};

test("what a bridge was allowed ends with it, also on disk, and another one that gets its name is asked about", async () => {
  await allow(box);
  await allow(crate);
  gatehouse.forgetBridge("box");
  expect(gatehouse.consents.answers().map(({ who }) => who)).toEqual(["bridge crate"]);
  expect(readFileSync(join(stateDir, "consent.json"), "utf8")).not.toContain("bridge box");
  expect(recorded()[0]).toMatchObject({
    ...{ event: "consent-forgotten", of: "bridge box", target: dev, answer: "always" },
  });
  void gatehouse.gate.admit(box, dev, { ms: 1_000 }).catch(() => undefined);
  expect(gatehouse.consent.questions).toMatchObject([{ caller: box }]);
});

describe("the record has who turns consent off", () => {
  test("by a verb, and by nothing that is known", async () => {
    expect(await gatehouse.consents.changedBy(claude, () => turn("off").then(() => 1))).toBe(1);
    await turn("ask");
    expect(recorded()).toMatchObject([
      { event: "consent-on" },
      { event: "consent-off", program: "claude", path: "/usr/bin/claude" },
    ]);
    expect(recorded()[0]).not.toHaveProperty("program");
  });

  test("of several each by itself, also after one that has failed", async () => {
    const { consents } = gatehouse;
    const failed = consents.changedBy(claude, () => Promise.reject(new Error("not written")));
    await expect(failed).rejects.toThrow("not written");
    const both = [
      consents.changedBy(box, () => turn("off")),
      consents.changedBy(crate, () => turn("ask")),
    ];
    await Promise.all(both);
    expect(recorded()).toMatchObject([
      { event: "consent-on", bridge: "crate" },
      { event: "consent-off", bridge: "box" },
    ]);
  });

  test("and who has an answer forgotten", async () => {
    await allow(claude);
    gatehouse.consents.forget(() => true, crate);
    expect(recorded()[0]).toMatchObject({
      ...{ event: "consent-forgotten", bridge: "crate", of: "claude", target: dev },
    });
  });
});
