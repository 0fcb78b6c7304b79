import { beforeEach, describe, expect, test } from "vitest";
import { sshScript } from "../../electron/commands/ssh-script.ts";
import { hour, type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const refused = (...words: readonly string[]): Promise<Outcome> =>
  world.run(["bridge", "ssh", ...words]);

test("makes a bridge and has the shim run ssh with it", async () => {
  const call = await world.start(["bridge", "ssh", "ann@Build.example", "--allow", "aws:dev"]);
  const [made] = world.bridges.list();
  expect(made).toMatchObject({ allow: ["aws:dev"], port: undefined });
  expect(made!.name).toMatch(/^ssh-ann-build-example-[0-9a-f]{4}$/);
  expect(call.order).toEqual({
    script: sshScript,
    words: ["ann@Build.example", made!.directory],
  });
  expect([call.stdout, call.stderr]).toEqual(["", ""]);
  call.leave();
});

test("the bridge is there as long as the script, and no longer", async () => {
  const call = await world.start(["bridge", "ssh", "build", "--allow", "aws:dev", "--"]);
  await world.clock.advance(hour);
  expect(world.bridges.list()).toHaveLength(1);
  call.leave();
  expect(await call.exit).toBe(0);
  expect(world.bridges.list()).toEqual([]);
});

test("a bridge that has lapsed or was taken away before is no failure", async () => {
  const call = await world.start(["bridge", "ssh", "build", "--allow", "aws:dev"]);
  await world.bridges.remove(world.bridges.list()[0]!.name);
  call.leave();
  expect(await call.exit).toBe(0);
});

test("without --allow it serves the profile that is meant", async () => {
  const call = await world.start(["bridge", "ssh", "build"], { env: { AWS_PROFILE: "ops" } });
  expect(world.bridges.list()[0]!.allow).toEqual(["aws:ops"]);
  call.leave();
});

test("a long name of a host, and two bridges to the same, make proper names", async () => {
  const host = `${"long-".repeat(20)}name`;
  const calls = await Promise.all(
    [1, 2, 3].map(() => world.start(["bridge", "ssh", host, "--allow", "aws:dev"])),
  );
  const names = world.bridges.list().map(({ name }) => name);
  expect(names).toHaveLength(3);
  for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,31}$/);
  for (const call of calls) call.leave();
});

describe("refuses", () => {
  test.each(["-oProxyCommand=id", "a b", "a;id", "$(id)", "a\nb", "'", ""])(
    "%j as a host",
    async (host) => {
      expect(await refused("--allow=aws:dev", host)).toMatchObject({ exit: 125, stdout: "" });
      expect(world.bridges.list()).toEqual([]);
    },
  );

  test.each([[["build", "--allow", "aws:nobody"]], [["build", "two"]], [[]]])(
    "%j",
    async (words) => {
      expect(await refused(...words)).toMatchObject({ exit: 125, stdout: "" });
      expect(world.bridges.list()).toEqual([]);
    },
  );
});
