import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Conversation } from "./listening-daemon.ts";
import { Sandbox } from "./sandbox.ts";

const runs =
  (...changes: readonly string[]) =>
  (conversation: Conversation): void => {
    conversation.send("R", changes.map((change) => `${change}\0`).join(""));
  };

it("the words after the first -- are run with their arguments unchanged", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(runs());
  const script = `printf '[%s]' "$@"`;
  const words = ["sh", "-c", script, "sh", "a b", "", "--", "é", "*"];
  const { code, stdout } = await sandbox.run(["exec", "-x", "--", ...words]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "[a b][][--][é][*]" });
});

it("variables are set, replaced and unset; the others stay", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(runs("NEW=n=1", "OLD=changed", "GONE", "NEVER_THERE", "EMPTY=", "NEW=n=2"));
  const kept = { ...sandbox.env, STAYS: "stays", OLDER: "older", NEVER: "shorter" };
  const env = { ...kept, OLD: "old", GONE: "gone" };
  const { stdout } = await sandbox.run(["exec", "--", "env"], { env });
  const expected = { ...kept, OLD: "changed", NEW: "n=2", EMPTY: "" };
  const seen = Object.fromEntries(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  expect(seen).toEqual(expected);
});

it("a PATH that the daemon sets is the one the program is looked up in", async () => {
  const sandbox = await Sandbox.make();
  const folder = join(sandbox.folder, "tools");
  mkdirSync(folder);
  writeFileSync(join(folder, "tool"), "#!/bin/sh\necho found\n", { mode: 0o755 });
  await sandbox.serve(runs(`PATH=${folder}`));
  expect((await sandbox.run(["exec", "--", "tool"])).stdout).toBe("found\n");
});

it.each([0, 3, 255])("the program's exit code %i is the shim's", async (code) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(runs());
  expect((await sandbox.run(["exec", "--", "sh", "-c", `exit ${String(code)}`])).code).toBe(code);
});

it.each(["INT", "TERM", "HUP", "QUIT", "PIPE"])(
  "the program has its own way with SIG%s, and its end is passed on",
  async (name) => {
    const sandbox = await Sandbox.make();
    await sandbox.serve(runs());
    const kill = `ulimit -c 0; kill -${name} $$`;
    expect((await sandbox.run(["exec", "--", "sh", "-c", kill])).signal).toBe(`SIG${name}`);
  },
);

it("the connection stays open until the program ends", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(runs());
  const { child, ended } = sandbox.start(["exec", "--", "sh", "-c", "echo up; read line; exit 9"], {
    stdin: "pipe",
  });
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  const closed = daemon.conversations[0]?.closed;
  let isClosed = false;
  void closed?.then(() => (isClosed = true));
  // Another whole request: an end of the first connection would have been seen by now.
  expect((await sandbox.run(["exec", "--", "true"])).code).toBe(0);
  expect(isClosed).toBe(false);
  child.stdin?.end("go\n");
  expect((await ended).code).toBe(9);
  await closed;
});

it("a program that is not there is 127", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(runs());
  const env = { ...sandbox.env, PATH: "/usr/bin:/bin" };
  const { code, stderr } = await sandbox.run(["exec", "--", "no-such-program"], { env });
  expect(code).toBe(127);
  expect(stderr).toBe("evercred: 'no-such-program' could not be run: No such file or directory.\n");
});

it("a file that may not be executed is 126", async () => {
  const sandbox = await Sandbox.make();
  const file = join(sandbox.folder, "text");
  writeFileSync(file, "text");
  chmodSync(file, 0o644);
  await sandbox.serve(runs());
  const { code, stderr } = await sandbox.run(["exec", "--", file]);
  expect(code).toBe(126);
  expect(stderr).toBe(`evercred: '${file}' could not be run: Permission denied.\n`);
});

it.each([
  ["no variables end", "A=1"],
  ["a variable has no name", "=1\0"],
  ["a variable is empty", "\0"],
])("nothing is run when %s", async (_what, payload) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("R", payload);
  });
  const { code, stdout } = await sandbox.run(["exec", "--", "echo", "ran"]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
});

it("without -- there is no program to run, which the daemon should have known", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(runs("A=1"));
  const { code, stderr } = await sandbox.run(["exec"]);
  expect(code).toBe(4);
  expect(stderr).toContain("an order to run a program, but none was given");
});

it("with nothing after -- the caller is told to write a program there", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(runs("A=1"));
  expect(await sandbox.run(["exec", "--"])).toMatchObject({
    code: 125,
    stderr:
      "evercred: There is no program after --. Write one there, as in: evercred exec -- aws s3 ls\n",
  });
});
