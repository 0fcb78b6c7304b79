import { beforeEach, describe, expect, test } from "vitest";
import { callerName } from "../../electron/core/caller.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { targetOf } from "../../electron/core/source.ts";
import { never } from "../../electron/core/time.ts";
import { claude } from "../fakes/caller.ts";
import { addKeys } from "./keys.ts";
import { minute, second, World } from "./world.ts";

const dev = targetOf("aws", "dev");
const gateway = targetOf("api-key", "gateway");

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
  await addKeys(world, { gateway: "sk-1" });
  world.config.tree = {
    ...world.config.tree,
    headers: { otel: { Authorization: "Bearer ${key:gateway}" } },
  };
  world.provider.tokens = false;
});

/** Every verb that hands something out, what of, and how long it may wait for a person, in milliseconds. */
const verbs = [
  ["aws export", ["--profile", "dev"], dev, undefined],
  ["aws process", ["--profile", "dev"], dev, undefined],
  ["aws env", ["--profile", "dev"], dev, undefined],
  ["aws console", ["--profile", "dev"], dev, undefined],
  ["aws bedrock-key", ["--profile", "dev", "--region", "us-east-1"], dev, undefined],
  ["api-key", ["gateway"], gateway, undefined],
  ["proxy-auth", ["gateway"], gateway, 25 * second],
  ["headers", ["otel"], gateway, 9 * second],
] as const;

describe.each(verbs)("%s", (verb, more, target, limitMs) => {
  const words = [...verb.split(" "), ...more];

  beforeEach(() => {
    world.provider.tokens = target === gateway;
  });

  test("gives nothing out before its caller may have it", async () => {
    world.gate.refusal = new EvercredError("consent-refused", "You did not let claude have it.");
    const { exit, stdout, stderr } = await world.run(words, { caller: claude });
    expect({ exit, stdout }).toEqual({ exit: 5, stdout: "" });
    expect(stderr).toContain("You did not let claude have it.");
    expect(world.gate.asked).toMatchObject([{ caller: claude, target }]);
    expect(world.provider.count("issue")).toBe(0);
    expect(world.audit.entries).toMatchObject([
      { event: "refused", program: "claude", target, verb, exit: 5, code: "consent-refused" },
    ]);
  });

  test("is recorded with its caller", async () => {
    expect(await world.run(words, { caller: claude })).toMatchObject({ exit: 0 });
    expect(world.audit.entries).toMatchObject([
      {
        event: "served",
        program: callerName(claude),
        path: "/usr/bin/claude",
        parents: ["code"],
        target,
        verb,
      },
    ]);
  });

  test("waits for a person as long as whoever runs it waits for us", async () => {
    await world.run(words, { caller: claude });
    const [asked] = world.gate.asked;
    expect(asked?.patience.ms).toBe(limitMs ?? 15 * minute);
    expect(asked?.patience.signal?.aborted).toBe(false);
  });

  test("that cannot be had is recorded, with the reason", async () => {
    world.gate.refusal = new EvercredError("sign-in-needed");
    await world.run(words, { caller: claude });
    expect(world.audit.entries).toMatchObject([{ event: "refused", code: "sign-in-needed" }]);
  });
});

test("exec has the program started only once its starter may have the keys", async () => {
  const words = ["exec", "--profile", "dev", "--"];
  world.gate.refusal = new EvercredError("consent-refused");
  const refused = await world.start(words, { caller: claude });
  expect([await refused.exit, refused.order]).toEqual([125, undefined]);
  world.gate.refusal = undefined;
  const call = await world.start(words, { caller: claude });
  expect(call.order).toBeDefined();
  expect(world.audit.entries.map(({ event, verb }) => [event, verb])).toEqual([
    ["refused", "exec"],
    ["served", "exec"],
  ]);
  call.leave();
  await call.exit;
});

test("--timeout bounds the wait for a person, and what is left of it the fetching", async () => {
  let passed: () => void = () => undefined;
  world.gate.admit = (...asked) => {
    expect(asked[2].ms).toBe(10 * second);
    return new Promise((resolve) => {
      passed = resolve;
    });
  };
  world.provider.hold("issue");
  const call = await world.start(["aws", "export", "--profile", "dev", "--timeout", "10s"]);
  await world.clock.advance(9 * second);
  passed();
  await world.settle();
  await world.clock.advance(second);
  expect(await call.exit).toBe(6);
});

test("who has gone was refused nothing", async () => {
  world.provider.hold("issue");
  const call = await world.start(["aws", "export", "--profile", "dev"]);
  call.leave();
  await call.exit;
  expect(world.audit.entries).toEqual([]);
});

test("the way to a door is recorded: the door asks for itself", async () => {
  expect(await world.run(["aws", "env", "--server", "--profile", "dev"])).toMatchObject({
    exit: 0,
  });
  expect(world.gate.asked).toEqual([]);
  expect(world.audit.entries).toEqual([
    {
      event: "served",
      program: "unknown",
      target: dev,
      verb: "aws env --server",
      exit: 0,
      expiresAt: never,
    },
  ]);
});

test("over a bridge it is the bridge that is asked about", async () => {
  const bridge = { name: "box", allow: [dev] };
  expect(await world.run(["aws", "export"], { bridge })).toMatchObject({ exit: 0 });
  expect(world.gate.asked).toMatchObject([{ caller: { kind: "bridge", name: "box" } }]);
  world.gate.refusal = new EvercredError("consent-refused");
  expect(await world.run(["aws", "export"], { bridge })).toMatchObject({ exit: 5, stdout: "" });
  expect(world.audit.entries.map(({ event }) => event)).toEqual(["served", "refused"]);
});
