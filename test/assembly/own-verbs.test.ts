import { beforeEach, expect, test } from "vitest";
import { openOwnVerbs, type OwnVerbs } from "../../electron/assembly/own-verbs.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { World } from "../commands/world.ts";

let world: World;
let verbs: OwnVerbs;

beforeEach(async () => {
  world = await World.signedIn();
  const place = { program: "/opt/evercred/evercred", home: "/home/ann" };
  verbs = openOwnVerbs(world.context, world.audit, place, () => Promise.resolve(undefined));
});

test("a verb does and says what it does at a terminal", async () => {
  const outcome = await verbs.run(["status"]);
  expect(outcome.code).toBe(0);
  expect(outcome.lines.join("\n")).toBe((await world.run(["status"])).stdout.trimEnd());
  expect(outcome.said).toEqual([]);
});

test("what goes wrong is the verb's own error, with its remedy", async () => {
  await expect(verbs.run(["aws", "export", "--profile", "dve"])).rejects.toMatchObject({
    code: "unknown-name",
    remedy: expect.stringContaining("dev") as unknown,
  });
  await expect(verbs.run(["doktor"])).rejects.toMatchObject({ code: "usage" });
});

test("no secret comes back", async () => {
  const outcome = await verbs.run(["aws", "export", "--profile", "dev"]);
  expect(outcome.lines.join()).toContain('"SecretAccessKey":"[secret]"');
  expect(outcome.lines.join()).not.toContain("secret-access-key");
  await expect(verbs.run(["aws", "env", "--profile", "dev"])).rejects.toMatchObject({
    code: "policy-refused",
  });
});

test("the person who has clicked is not asked whether Evercred may, and it stands in the record", async () => {
  world.gate.refusal = new EvercredError("consent-refused");
  await verbs.run(["aws", "export", "--profile", "dev"]);
  expect(world.audit.entries).toContainEqual(
    expect.objectContaining({ event: "served", program: "Evercred", target: "aws:dev" }),
  );
});

test("what needs a terminal says so", async () => {
  const exec = ["exec", "--profile", "dev", "--"];
  await expect(verbs.run(exec)).rejects.toMatchObject({ code: "usage" });
});
