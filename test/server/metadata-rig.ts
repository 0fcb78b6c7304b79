import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { GoogleDoor } from "../../electron/commands/ports.ts";
import { Broker } from "../../electron/core/broker.ts";
import { noRule, type Rule } from "../../electron/core/limits.ts";
import type { Session } from "../../electron/core/session.ts";
import { targetOf } from "../../electron/core/source.ts";
import type { Clock } from "../../electron/core/time.ts";
import { MetadataDoor } from "../../electron/server/metadata-door.ts";
import { World } from "../core/world.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { FakeCallers } from "../fakes/callers.ts";
import { FakeGate } from "../fakes/gate.ts";
import { askRaw, type Question, type RawAnswer } from "./door-rig.ts";
import { makeDirectory } from "./rig.ts";
import { TokenSource, type TokenSourceParts } from "./token-source.ts";

export const adc = targetOf("gcp", "adc");

/** A world with a broker in which somebody has signed in to a Google source. */
export interface GoogleWorld {
  readonly world: World;
  readonly broker: Broker;
  readonly source: TokenSource;
  readonly session: Session;
  readonly folder: string;
}

export const googleWorld = async (
  parts: TokenSourceParts = {},
  clockOf: (world: World) => Clock = ({ clock }) => clock,
): Promise<GoogleWorld> => {
  const world = new World({ alone: true });
  const clock = clockOf(world);
  const broker = new Broker({ ...world.ports, clock });
  onTestFinished(() => broker.close());
  const source = new TokenSource(clock, parts);
  await broker.configure([source]);
  const session = broker.session(source.id)!;
  await session.signIn(undefined).outcome;
  return { world, broker, source, session, folder: join(await makeDirectory(), "tokens") };
};

/** The doors of one daemon; a second one over the same world stands for the daemon's next start. */
export interface OpenDoors {
  readonly door: MetadataDoor;
  readonly audit: MemoryAudit;
  readonly gate: FakeGate;
  readonly callers: FakeCallers;
  /** Whether the configuration has token files. */
  files: boolean;
  /** What the configuration says. */
  standing: boolean;
  /** What an organisation says. */
  rule: Rule;
  /** How often its troubles have changed. */
  changes: number;
}

export const doorsOf = (
  { world, broker, folder }: GoogleWorld,
  standing = false,
  platform: NodeJS.Platform = "linux",
  clock: Clock = world.clock,
): OpenDoors => {
  const audit = new MemoryAudit();
  const gate = new FakeGate(audit);
  const callers = new FakeCallers();
  const opened: OpenDoors = {
    door: new MetadataDoor({
      store: world.store,
      clock,
      random: () => 0,
      log: world.log,
      issuer: broker,
      gate,
      callers,
      filesAllowed: () => opened.files,
      folder,
      platform,
      rule: () => opened.rule,
      standingAllowed: () => opened.standing,
      changed: () => {
        opened.changes += 1;
      },
    }),
    ...{ audit, gate, callers },
    files: true,
    standing,
    rule: noRule,
    changes: 0,
  };
  onTestFinished(() => opened.door.close());
  return opened;
};

/** As a library of Google's asks at a door. */
export const askMetadata = (
  { host }: Pick<GoogleDoor, "host">,
  path: string,
  { headers = {}, ...question }: Question = {},
): Promise<RawAnswer> =>
  askRaw(`http://${host}/`, {
    path,
    ...question,
    headers: { "Metadata-Flavor": "Google", ...headers },
  });

export const v1 = "/computeMetadata/v1";
export const account = `${v1}/instance/service-accounts/default`;

/** What stands in a door's token file; undefined where there is none. */
export const fileOf = ({ tokenFile = "" }: GoogleDoor): Promise<string | undefined> =>
  readFile(tokenFile, "utf8").catch(() => undefined);

/** What a program has printed, and how it ended. */
export const outputOf = async (
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  uid = process.getuid!(),
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number | null }> => {
  const child: ChildProcess = spawn(program, args, {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    uid,
  });
  onTestFinished(() => {
    child.kill();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  return { stdout, stderr, code: await ended };
};
