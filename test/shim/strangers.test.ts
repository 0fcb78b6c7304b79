import { chownSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { anotherUser, isRoot, Sandbox } from "./sandbox.ts";

/** Neither a daemon that runs is asked, nor one started. */
async function expectRefusal(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>>,
  sentence: string,
) {
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  const refusal = { code: 2, stdout: "", stderr: `evercred: ${sentence}\n` };
  for (const args of [["status"], ["daemon", "stop"], ["daemon", "start"], ["daemon", "run"]]) {
    expect(await sandbox.run(args, { env })).toMatchObject(refusal);
  }
  expect(daemon.connections()).toBe(0);
  await daemon.close();
  const trace = join(sandbox.folder, "started");
  sandbox.install(["headless", "/bin/sh", "-c", `touch '${trace}'`]);
  expect(await sandbox.run(["status"], { env })).toMatchObject(refusal);
  expect(existsSync(trace)).toBe(false);
}

it.skipIf(!isRoot)(
  "under sudo it says to run it without, whether a daemon runs or not",
  async () => {
    const sandbox = await Sandbox.make();
    const env = { ...sandbox.env, SUDO_UID: "1000" };
    await expectRefusal(sandbox, env, "Run this as yourself, without sudo.");
  },
);

it.skipIf(!isRoot)("with another user's HOME nothing is asked and nothing started", async () => {
  const sandbox = await Sandbox.make();
  chownSync(sandbox.home, anotherUser, anotherUser);
  const sentence = `HOME belongs to another user: ${sandbox.home}. Set HOME to your own directory.`;
  await expectRefusal(sandbox, sandbox.env, sentence);
});

it("a HOME that is not there is nobody else's", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => conversation.exit(0));
  const env = { ...sandbox.env, HOME: join(sandbox.folder, "none") };
  expect((await sandbox.run(["status"], { env })).code).toBe(0);
});

it.skipIf(!isRoot)("root that signed in as root is a user like any other", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => conversation.exit(0));
  expect((await sandbox.run(["status"])).code).toBe(0);
});
