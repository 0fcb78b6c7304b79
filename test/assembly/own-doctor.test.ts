import { expect, test } from "vitest";
import { openOwnDoctor } from "../../electron/assembly/own-doctor.ts";
import { openOwnEnvironment } from "../../electron/assembly/own-environment.ts";
import { openOwnVerbs } from "../../electron/assembly/own-verbs.ts";
import { World, type WorldParts } from "../commands/world.ts";

const place = { program: "/opt/evercred/evercred", home: "/home/ann" };
const signal = new AbortController().signal;

/** A daemon of somebody whose login shell has these variables. */
const open = async (
  variables: Readonly<Record<string, string>> | undefined = {},
  parts: WorldParts = {},
) => {
  const world = await World.signedIn(parts);
  const shell = () => Promise.resolve(variables);
  const verbs = openOwnVerbs(world.context, world.audit, place, shell);
  return {
    world,
    doctor: openOwnDoctor(verbs, world.broker, world.clock),
    environment: openOwnEnvironment(world.context, shell, place),
  };
};

test("the window sees what the terminal sees, each with its click", async () => {
  const { world, doctor } = await open();
  world.inspector.diskFacts = { ...world.inspector.diskFacts, freeBytes: 50e6 };
  const { findings } = await doctor.examine([], signal);
  expect(findings[0]).toMatchObject({ id: "disk.scarce", verdict: "warning" });
  expect(findings.find(({ id }) => id === "claude.not-set-up")?.action).toEqual({
    kind: "connect",
  });
  const terminal = await world.run(["doctor"], { variables: {} });
  const timeless = (text: string): string => text.replace(/for \d+ seconds/, "");
  expect(timeless(doctor.report().join("\n"))).toBe(timeless(terminal.stdout.trimEnd()));
});

test("it looks as a terminal of the user's would, and says so", async () => {
  const { doctor } = await open({ NODE_EXTRA_CA_CERTS: "/home/ann/root.pem" });
  const { findings } = await doctor.examine(["environment"], signal);
  expect(findings).toMatchObject([
    {
      id: "environment.NODE_EXTRA_CA_CERTS",
      sentence: expect.stringMatching(/^Your terminal trusts/) as unknown,
      evidence: ["Your terminal: NODE_EXTRA_CA_CERTS"],
      action: {
        kind: "mend",
        command: `evercred config set network.caFiles '["/home/ann/root.pem"]'`,
      },
    },
  ]);
});

test("of some checks only those are made, and the copied diagnosis stays whole", async () => {
  const { doctor } = await open();
  await doctor.examine([], signal);
  const whole = doctor.report();
  const { findings } = await doctor.examine(["claude"], signal);
  expect(findings.map(({ id }) => id)).toEqual(["claude.not-set-up"]);
  expect(doctor.report()).toEqual(whole);
});

test("a remedy is run as it would be in a terminal; another program never", async () => {
  const { world, doctor } = await open();
  await doctor.mend("evercred config set aws.defaultProfile dev");
  expect(world.config.changes.at(-1)).toEqual(["aws.defaultProfile", "dev"]);
  await expect(doctor.mend("rm -rf x")).rejects.toMatchObject({ code: "usage" });
  await expect(doctor.mend("evercred nothing")).rejects.toMatchObject({ code: "usage" });
});

test("what the terminals know is offered, and taken over only when somebody says so", async () => {
  const { world, environment } = await open({ AWS_PROFILE: "prod", AWS_CONFIG_FILE: "/other" });
  const differences = await environment.differences();
  expect(differences.map(({ variable, canSave }) => [variable, canSave])).toEqual([
    ["AWS_PROFILE", true],
    ["AWS_CONFIG_FILE", false],
  ]);
  expect(differences[0]?.sentence).toContain("Your terminal works with the AWS profile prod");
  const before = world.config.changes.length;
  await expect(environment.save("something else")).rejects.toMatchObject({ code: "unknown-name" });
  await expect(environment.save(differences[1]?.sentence ?? "")).rejects.toMatchObject({
    code: "unknown-name",
  });
  expect(world.config.changes).toHaveLength(before);
  await environment.save(differences[0]?.sentence ?? "");
  expect(world.config.changes.at(-1)).toEqual(["aws.defaultProfile", "prod"]);
});

test("a shell that does not answer differs in nothing", async () => {
  const { environment } = await open(undefined);
  expect(await environment.differences()).toEqual([]);
});
