import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import type { CredentialDoor } from "../../electron/commands/ports.ts";
import { Broker } from "../../electron/core/broker.ts";
import { noRule } from "../../electron/core/limits.ts";
import { targetOf } from "../../electron/core/source.ts";
import { ContainerDoor } from "../../electron/server/container-door.ts";
import { FakeCallers } from "../fakes/callers.ts";
import { FakeGate } from "../fakes/gate.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { MemoryStore } from "../fakes/store.ts";
import { pageOf, startWorld, type World } from "../sources/aws/world.ts";

const minute = 60_000;
const stepMs = 5 * minute;
const steps = (3 * 60 * minute) / stepMs;

interface Rig {
  readonly world: World;
  /** Where the program fetches its keys. */
  readonly given: CredentialDoor;
  /** The daemon ends, and another one starts. */
  restart(): Promise<void>;
}

/** An organisation, somebody who is signed in to it, and a door to a role for a program that runs. */
const rig = async (): Promise<Rig> => {
  const world = await startWorld();
  onTestFinished(() => world.close());
  world.cloud.iam.checksTime = true;
  const { clock, log } = world;
  const [store, memo] = [new MemoryStore(), new MemoryMemo()];
  const open = async (): Promise<readonly [Broker, ContainerDoor]> => {
    const broker = new Broker({ store, memo, clock, random: () => 0.5, log });
    await broker.configure([world.source()]);
    const door = new ContainerDoor({
      ...{ store, clock, log, issuer: broker },
      gate: new FakeGate(),
      callers: new FakeCallers(),
      rule: () => noRule,
      standingAllowed: () => false,
      changed: () => undefined,
    });
    await door.open();
    return [broker, door];
  };
  let [broker, door] = await open();
  const close = async (): Promise<void> => {
    door.close();
    await broker.close();
  };
  onTestFinished(close);
  const signIn = broker.session("corp")?.signIn("code");
  await world.answer(pageOf(await signIn?.request));
  expect(await signIn?.outcome).toEqual({ kind: "signed-in" });
  return {
    world,
    given: await door.forRun(targetOf("aws", "p"), new AbortController().signal),
    restart: async () => {
      await close();
      [broker, door] = await open();
    },
  };
};

/** What the program says at each step. */
type Said = readonly [arn: string | null, key: string];

/** A boto3 program that fetches its keys at the door. */
const startProgram = ({ world, given }: Rig): ((passedMs: number) => Promise<Said>) => {
  const env = {
    ...world.cloud.env(),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: given.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: given.token.reveal(),
    HOME: "/nonexistent",
  };
  const program = spawn("/usr/bin/python3", [join(import.meta.dirname, "long-run.py")], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    program.kill("SIGKILL");
  });
  const lines = createInterface({ input: program.stdout });
  return async (passedMs) => {
    program.stdin.write(`${String(passedMs / 1_000)}\n`);
    const [line] = (await once(lines, "line")) as [string];
    return JSON.parse(line) as Said;
  };
};

/** Lets three hours pass in steps, with a call in each; gives the keys that signed, each once. */
const runForHours = async (
  built: Rig,
  between: (step: number) => Promise<void> = () => Promise.resolve(),
): Promise<ReadonlySet<string>> => {
  const { cloud } = built.world;
  const ask = startProgram(built);
  const keys = new Set<string>();
  for (let step = 0; step <= steps; step += 1) {
    if (step > 0) await built.world.pass(stepMs);
    await between(step);
    const [arn, key] = await ask(step * stepMs);
    expect([step, arn, key]).toEqual([
      step,
      expect.stringContaining("Developer"),
      expect.any(String),
    ]);
    expect(cloud.keyRing.find(key)?.expiresAt).toBeGreaterThan(cloud.now());
    keys.add(key);
  }
  const ofProgram = cloud.log.all(({ headers }) => /^Boto3/.test(headers["user-agent"] ?? ""));
  expect(ofProgram.map(({ status }) => status)).toEqual(Array(steps + 1).fill(200));
  return keys;
};

test("a program that runs for three hours with keys of one hour never has one that has ended", async () => {
  const keys = await runForHours(await rig());
  expect(keys.size).toBeGreaterThanOrEqual(3);
});

test("it goes on where the daemon restarts meanwhile: same port, same token", async () => {
  const built = await rig();
  const keys = await runForHours(built, async (step) => {
    if (step === steps / 2) await built.restart();
  });
  expect(keys.size).toBeGreaterThanOrEqual(3);
});
