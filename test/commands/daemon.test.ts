import { expect, test } from "vitest";
import { World } from "./world.ts";

test("daemon stop says so and stops the daemon, once", async () => {
  const world = await World.make();
  expect(await world.run(["daemon", "stop"])).toEqual({
    exit: 0,
    stdout: "Evercred stops.\n",
    stderr: "",
    questions: [],
  });
  expect(world.stops).toBe(1);
});

test.each(["start", "restart", "run"])(
  "daemon %s, where the daemon runs already, says where it listens and stops nothing",
  async (verb) => {
    const world = await World.make();
    expect(await world.run(["daemon", verb])).toMatchObject({
      exit: 0,
      stdout: "Evercred 1.2.3 runs (pid 4242) at /run/user/1000/evercred/daemon.sock\n",
      stderr: "",
    });
    expect(world.stops).toBe(0);
  },
);
