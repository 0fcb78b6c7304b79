import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { type House, openHouse } from "../../e2e/house.ts";

// Only root may mount what cannot be written.
const isRoot = process.getuid?.() === 0;

const opened = async (): Promise<House> => {
  const house = await openHouse();
  onTestFinished(() => house.close());
  return house;
};

/** Another disk in the place of a folder. */
const mount = (folder: string, options: string): void => {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
};

test.skipIf(!isRoot)("a state that cannot be written", async () => {
  const house = await opened();
  mount(house.state, "ro");
  const outcome = await house.evercred("aws", "export", "--profile", "p");
  expect(outcome).toMatchObject({ code: 4, stdout: "" });
  expect(outcome.stderr).toContain(house.state);
});

test("no home", async () => {
  const house = await opened();
  const env = { HOME: "/proc/nobody" };
  const outcome = await house.run(house.shim, ["aws", "export", "--profile", "p"], env);
  expect(outcome).toMatchObject({ code: 4, stdout: "" });
  expect(outcome.stderr).toContain("/proc/nobody");
});
