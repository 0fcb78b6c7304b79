import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Limits, noRule, type Rule } from "../../electron/core/limits.ts";
import { targetOf } from "../../electron/core/source.ts";
import { askDoor, brokerWorld, doorOf } from "./door-rig.ts";
import { adc, doorsOf, googleWorld } from "./metadata-rig.ts";

const dev = targetOf("aws", "dev");
const project = { project: undefined };

const ruleOf = (limits: Limits): Rule => ({ ...noRule, organization: "Example Corp", limits });

const refused = (door: string) => ({
  code: "policy-refused",
  message: `Example Corp does not allow the ${door} door.`,
});

const never = new AbortController().signal;

const doors = [
  {
    name: "container-credentials",
    other: "gce-metadata",
    open: async () => {
      const built = await brokerWorld();
      const opened = doorOf(built, true);
      return {
        opened,
        forRun: () => opened.door.forRun(dev, never),
        standing: () => opened.door.standing(dev),
        again: () => doorOf(built, true),
      };
    },
  },
  {
    name: "gce-metadata",
    other: "container-credentials",
    open: async () => {
      const built = await googleWorld();
      const opened = doorsOf(built, true);
      return {
        opened,
        forRun: () => opened.door.forRun(adc, project, never),
        standing: () => opened.door.standing(adc),
        again: () => doorsOf(built, true),
      };
    },
  },
] as const;

test.each(doors)(
  "where $name is not allowed there is no such door",
  async ({ name, open, other }) => {
    const { opened, forRun, standing } = await open();
    opened.rule = ruleOf({ doors: [other] });
    await expect(forRun()).rejects.toMatchObject(refused(name));
    await expect(standing()).rejects.toMatchObject(refused(name));
    opened.rule = ruleOf({ doors: [name] });
    await forRun();
    await standing();
  },
);

test.each(doors)("$name that was opened before is closed, for good", async ({ open }) => {
  const { opened, forRun, again } = await open();
  const given = await forRun();
  const address = "url" in given ? given.url : `http://${given.host}/`;
  await fetch(address);
  opened.rule = ruleOf({ doors: [] });
  await opened.door.sweep();
  await expect(fetch(address)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  opened.door.close();
  const next = again();
  next.standing = false;
  await next.door.open();
  await expect(fetch(address)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
});

test.each(doors)(
  "while a policy cannot be read $name stays, and no other is opened",
  async ({ open }) => {
    const { opened, forRun } = await open();
    const given = await forRun();
    const closed = new EvercredError("policy-refused", "The policy cannot be used.");
    opened.rule = { ...noRule, closed };
    await opened.door.sweep();
    const answer = "url" in given ? await askDoor(given) : await fetch(`http://${given.host}/`);
    expect(answer.status).not.toBe(undefined);
    await expect(forRun()).rejects.toBe(closed);
  },
);
